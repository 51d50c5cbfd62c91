// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package labels

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/columns"
)

// maxLabel is what the design promises, so that a change of the constant is noticed.
const maxLabel = 1024

const cutEnd = `~[0-9a-f]{16}$`

// TestB2LongLabel: a text over the cap is cut on a rune border and ends in the hash of
// the whole.
func TestB2LongLabel(t *testing.T) {
	for name, text := range map[string]string{
		"one over":       strings.Repeat("a", maxLabel+1),
		"a megabyte":     strings.Repeat("a", 1<<20),
		"2-byte runes":   strings.Repeat("ü", maxLabel),
		"3-byte runes":   strings.Repeat("€", maxLabel),
		"4-byte runes":   strings.Repeat("😀", maxLabel),
		"shifted by 1":   "a" + strings.Repeat("😀", maxLabel),
		"shifted by 2":   "ab" + strings.Repeat("😀", maxLabel),
		"shifted by 3":   "abc" + strings.Repeat("😀", maxLabel),
		"invalid bytes":  strings.Repeat("\xff", maxLabel),
		"half a rune":    strings.Repeat("a", 1006) + strings.Repeat("\xf0\x9f\x98", 100),
		"short but long": strings.Repeat("\xff", maxLabel/4+1), // each byte becomes four
	} {
		t.Run(name, func(t *testing.T) {
			var schema columns.Schema
			tuple := one(t, &schema, logsWith(t, map[string]any{"v": text}), attributeLabel(&schema, "v"))
			got := tuple.Attributes[0].Text
			assert.LessOrEqual(t, len(got), maxLabel)
			assert.Greater(t, len(got), maxLabel-utf8.UTFMax, "no more is cut than must be")
			assert.True(t, utf8.ValidString(got))
			assert.Regexp(t, cutEnd, got)
			assert.Equal(t, 1, tuple.Truncated)
			if utf8.ValidString(text) {
				assert.True(t, strings.HasPrefix(text, got[:len(got)-17]), "it begins as the whole does")
			}
		})
	}
}

// TestB2AtTheCap: what just fits is left alone.
func TestB2AtTheCap(t *testing.T) {
	for _, text := range []string{
		strings.Repeat("a", maxLabel),
		strings.Repeat("😀", maxLabel/4),
		strings.Repeat("a", maxLabel-17) + "~0123456789abcdef",
	} {
		var schema columns.Schema
		tuple := one(t, &schema, logsWith(t, map[string]any{"v": text}), attributeLabel(&schema, "v"))
		assert.Equal(t, text, tuple.Attributes[0].Text)
		assert.Zero(t, tuple.Truncated)
	}
}

// TestB2OnePrefixTwoSeries: long values that differ only behind the cut stay apart, and
// equal ones stay one.
func TestB2OnePrefixTwoSeries(t *testing.T) {
	const n = 300
	prefix := strings.Repeat("p", 2*maxLabel)
	var records []map[string]any
	for range 2 {
		for i := range n / 2 {
			records = append(records, map[string]any{"v": fmt.Sprint(prefix, i)})
		}
	}
	var schema columns.Schema
	tuples := newBatch(t, NewSelector(nil, ""), attributeLabel(&schema, "v"))
	chunk := chunkOf(t, &schema, logsWith(t, records...))
	for i := range n {
		assert.EqualValues(t, i%(n/2), idOf(t, tuples, chunk, i))
	}
	seen := map[string]bool{}
	for id := range tuples.Len() {
		seen[tuples.Tuple(uint32(id)).Attributes[0].Text] = true
	}
	assert.Len(t, seen, n/2, "not only the IDs differ, the emitted texts do")
}

// TestB2Everywhere: expressions, JSON, defaults and resource attributes are held to the
// same cap.
func TestB2Everywhere(t *testing.T) {
	long := strings.Repeat("é", maxLabel)
	var schema columns.Schema
	fallback := attributeLabel(&schema, "default")
	fallback.Default = long
	labels := []testLabel{
		attributeLabel(&schema, "attribute"),
		attributeLabel(&schema, "map"),
		attributeLabel(&schema, "bytes"),
		expressionLabel(t, "expression", `Concat([attributes["attribute"], attributes["attribute"]], "-")`),
		attributeLabel(&schema, "short"),
		fallback,
	}
	ld := logsOf(func(r plog.LogRecord) {
		r.Attributes().PutStr("attribute", long)
		r.Attributes().PutEmptyMap("map").PutStr("k", long)
		r.Attributes().PutEmptyBytes("bytes").FromRaw([]byte(long))
		r.Attributes().PutStr("short", "short")
	})
	ld.ResourceLogs().At(0).Resource().Attributes().PutStr("r", long)
	tuples := newBatch(t, NewSelector([]string{"r"}, ""), labels...)
	tuple := tuples.Tuple(idOf(t, tuples, chunkOf(t, &schema, ld), 0))
	all := texts(tuple.Attributes)
	all["resource"] = texts(tuple.Resource.Attributes)["r"]
	assert.Equal(t, "short", all["short"])
	delete(all, "short")
	require.Len(t, all, 6)
	for name, text := range all {
		assert.LessOrEqual(t, len(text), maxLabel, name)
		assert.True(t, utf8.ValidString(text), name)
		assert.Regexp(t, cutEnd, text, name)
	}
	assert.GreaterOrEqual(t, tuple.Truncated, 4, "each label of the record that was cut counts")
}

// TestB2DefaultIsCounted: for the record it makes no difference where a text that was
// cut came from.
func TestB2DefaultIsCounted(t *testing.T) {
	var schema columns.Schema
	def := attributeLabel(&schema, "v")
	def.Default = strings.Repeat("d", maxLabel+1)
	assert.Equal(t, 1, one(t, &schema, logsWith(t, map[string]any{}), def).Truncated)
}
