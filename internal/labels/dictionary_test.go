// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package labels

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/columns"
)

// TestB13Dictionary: values with one hash stay apart.
func TestB13Dictionary(t *testing.T) {
	d := NewDictionary(Source{})
	const n = 3000 // several times as many as a new index has room for
	for range 2 {
		for i := range n {
			position := d.find(7<<32, fmt.Sprint("text", i))
			require.Equal(t, i, position)
			require.Equal(t, fmt.Sprint("text", i), d.labels[d.cells[position].code].text)
		}
	}
	assert.Len(t, d.cells, n)
}

// TestQuickTableIsNoMap: strings with one quick hash stay apart, in any order.
func TestQuickTableIsNoMap(t *testing.T) {
	d := NewDictionary(Source{})
	var same []string
	for i := range 3000 {
		same = append(same, fmt.Sprintf("beginning%dand the end", 1000+i))
		require.Equal(t, quickHash(same[0]), quickHash(same[i]))
	}
	codes := map[uint32]string{}
	for range 3 {
		for _, s := range append(same, "a", "b", "ab", "ba", "abcd", "abce", "aacd", "12345678", "123456789") {
			code := d.textCode(s)
			require.Equal(t, s, d.labels[code].text)
			require.Equal(t, code, d.textCode(s))
			codes[code] = s
		}
	}
	assert.Len(t, codes, len(same)+9)
}

// TestB3Codes: a code is a text, whatever type the value has, and whichever is seen first.
func TestB3Codes(t *testing.T) {
	values := []any{
		int64(200), 200.0, "200", "200.0", true, "true", math.Copysign(0, -1), int64(0), 0.0, "0", "-0",
		1e-7, "1e-7", "1e-07", math.NaN(), "NaN", "\xff", `\xff`,
		[]byte{1},
		"AQ==", int64(1), "1",
		map[string]any{"a": int64(1)},
		`{"a":1}`, math.Inf(1), "Infinity", "", nil,
		[]byte{},
		strings.Repeat("x", 1024), strings.Repeat("x", 1025), strings.Repeat("x", 5000), strings.Repeat("\xfe", 1000),
	}
	for _, reverse := range []bool{false, true} {
		var schema columns.Schema
		d := NewDictionary(attributeLabel(&schema, "v").Source)
		var fill []func(plog.LogRecord)
		for i := range values {
			v := values[i]
			if reverse {
				v = values[len(values)-1-i]
			}
			fill = append(fill, func(r plog.LogRecord) { require.NoError(t, r.Attributes().PutEmpty("v").FromRaw(v)) })
		}
		chunk := chunkOf(t, &schema, logsOf(fill...))
		wanted := columns.First(chunk.Len())
		for range 2 {
			d.Read(t.Context(), chunk, &wanted)
			require.NoError(t, d.err)
			codes := map[string]uint32{}
			for i := range chunk.Len() {
				text, _, err := appendValue(nil, attribute(chunk, i))
				require.NoError(t, err)
				text, _ = cut(text)
				code := d.codes[i]
				require.Equal(t, string(text), d.labels[code].text)
				if known, ok := codes[string(text)]; ok {
					require.Equal(t, known, code)
				}
				codes[string(text)] = code
			}
			assert.Len(t, d.labels, len(codes), "no code but these")
		}
	}
}

// Known values cost no allocation, long ones neither, and what is long is not kept whole.
func TestKnownValuesCostNoAllocation(t *testing.T) {
	var schema columns.Schema
	d := NewDictionary(attributeLabel(&schema, "v").Source)
	chunk := chunkOf(t, &schema, logsWith(t,
		map[string]any{"v": "text"}, map[string]any{"v": int64(5)}, map[string]any{"v": 5.5}, map[string]any{"v": true},
		map[string]any{"v": "\xff"}, map[string]any{"v": strings.Repeat("x", 1<<20)}, map[string]any{},
	))
	wanted := columns.First(chunk.Len())
	assert.Zero(t, testing.AllocsPerRun(5, func() { d.Read(t.Context(), chunk, &wanted) }))
	assert.Less(t, d.Size()-cap(d.buf), 4096)
	assert.Greater(t, d.Size(), 1<<20, "the buffer counts too")
}

// TestPairs: each pair has one ID, dense and in order, however many there are.
func TestPairs(t *testing.T) {
	p := newPairs()
	for range 2 {
		for i := range uint32(5000) {
			a, b := i/70, i%70
			if b%3 == 0 {
				b *= 1_000_003
			}
			if id := p.quick(a, b); id != 0 {
				require.Equal(t, i, id-1)
			}
			require.Equal(t, i, p.find(a, b))
		}
	}
	assert.EqualValues(t, 5000, p.n)
	assert.LessOrEqual(t, len(p.grid), maxGrid)
	assert.EqualValues(t, 1, p.quick(0, 0))
	assert.Zero(t, p.quick(0, 3_000_009), "no column of the grid")
	assert.Zero(t, p.quick(1_000_000, 1), "no row")
}
