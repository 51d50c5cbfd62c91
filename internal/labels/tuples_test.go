// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package labels

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/columns"
)

// triple is a label tuple as it is meant: "" for an absent label.
type triple [3]string

// tripleTable gives triples their IDs through three labels.
type tripleTable struct {
	schema columns.Schema
	tuples *batch
}

func newTripleTable(t testing.TB) *tripleTable {
	var table tripleTable
	table.tuples = newBatch(t, NewSelector(nil, ""),
		attributeLabel(&table.schema, "a"), attributeLabel(&table.schema, "b"), attributeLabel(&table.schema, "c"))
	return &table
}

func (table *tripleTable) tuple(t testing.TB, texts triple) *tuple {
	ld := logsOf(func(r plog.LogRecord) {
		for i, text := range texts {
			if text != "" {
				r.Attributes().PutStr(string(rune('a'+i)), text)
			}
		}
	})
	return table.tuples.Tuple(idOf(t, table.tuples, chunkOf(t, &table.schema, ld), 0))
}

// TestB11Tuples: labels whose texts look alike once they are joined stay apart.
func TestB11Tuples(t *testing.T) {
	table := newTripleTable(t)
	distinct := []triple{
		{"a\\", "b-c", "d"},
		{"a-b\\", "c", "d"},
		{"a", "b", "c"},
		{"ab", "c", ""},
		{"a", "bc", ""},
		{"", "ab", "c"},
		{"abc", "", ""},
		{"", "abc", ""},
		{"", "", "abc"},
		{"", "", ""},
		{"\n", "", ""},
		{"", "\n", ""},
		{"\n", "\n", ""},
		{"\x00", "", ""},
		{"\x00\x00", "", ""},
		{"\x00", "\x00", ""},
		{"\xff", "", ""},
		{"\xfe", "", ""},
		{"\xff\xff", "", ""},
		{"\xff", "\xff", ""},
		{"\x01", "", ""},
		{"", "\x01", ""},
		{"a,b", "", ""},
		{"a", "b", ""},
		{"a=b", "", ""},
		{"a\x01\x01b", "", ""},
		{"a\x00", "b", ""},
		{"a", "\x00b", ""},
		{" ", "", ""},
		{"a ", "b", "c"},
		{"A", "b", "c"},
		{"nil", "", ""},
		{"null", "", ""},
		// A text of 127 and of 128 bytes: there the length itself grows by a byte.
		{strings.Repeat("x", 127), "", ""},
		{strings.Repeat("x", 128), "", ""},
		{strings.Repeat("x", 127), "x", ""},
		{strings.Repeat("x", 127) + "\x01", "x", ""},
	}
	keys := map[string]triple{}
	for range 2 { // the second time each is found again
		for _, texts := range distinct {
			key := table.tuple(t, texts).Key
			if other, ok := keys[key]; ok {
				assert.Equal(t, other, texts)
			}
			keys[key] = texts
		}
	}
	assert.Equal(t, len(distinct), table.tuples.Len())
	assert.Len(t, keys, len(distinct))
}

// TestB11Property: two tuples have one ID, and one key in all batches, if and only if
// their texts are equal, whatever bytes they are made of.
func TestB11Property(t *testing.T) {
	for name, alphabet := range map[string]string{
		"valid":   "\x00\x01\x02\n\\-,\"{a",
		"invalid": "\x00\x01\xff\xfe\xc3\xa9\n-a", // no backslash: \xff as text is the byte's
	} {
		t.Run(name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(1, 2))
			text := func() string {
				b := make([]byte, random.IntN(4))
				for i := range b {
					b[i] = alphabet[random.IntN(len(alphabet))]
				}
				if random.IntN(50) == 0 {
					return strings.Repeat(string(b)+"a", 200)
				}
				return string(b)
			}
			table, keys, byKey := newTripleTable(t), map[triple]string{}, map[string]triple{}
			repeated := 0
			for i := range 20_000 {
				if i%1000 == 999 {
					table.tuples.Reset() // keys must not depend on the batch
				}
				texts := triple{text(), text(), text()}
				tuple := table.tuple(t, texts)
				key := tuple.Key
				if known, ok := keys[texts]; ok {
					repeated++
					require.Equal(t, known, key, "%q has two keys", texts)
				}
				if other, ok := byKey[key]; ok {
					require.Equal(t, other, texts, "two tuples with one key")
				}
				keys[texts], byKey[key] = key, texts
				for _, a := range tuple.Attributes {
					original := texts[a.Name[0]-'a']
					require.NotEmpty(t, a.Text)
					require.True(t, utf8.ValidString(a.Text))
					if utf8.ValidString(original) && len(original) <= maxLabel {
						require.Equal(t, original, a.Text)
					}
				}
			}
			require.Greater(t, repeated, 100, "the alphabet is too large to see equal tuples")
		})
	}
}

// FuzzTuples looks for two tuples that are taken for one.
func FuzzTuples(f *testing.F) {
	f.Add("a\\", "b-c", "d", "a-b\\", "c", "d")
	f.Add("", "\x00", "\n", "\x00", "", "\n")
	f.Add("\xff", "", "", "", "\xff", "")
	f.Add(strings.Repeat("x", 1025), "", "", strings.Repeat("x", 1026), "", "")
	f.Fuzz(func(t *testing.T, a, b, c, d, e, g string) {
		one, other := triple{a, b, c}, triple{d, e, g}
		for _, text := range append(one[:], other[:]...) {
			if !utf8.ValidString(text) {
				t.Skip(`"\xff" and the text \xff are one label`)
			}
		}
		table := newTripleTable(t)
		key1 := table.tuple(t, one).Key
		key2 := table.tuple(t, other).Key
		if one == other {
			require.Equal(t, key1, key2)
			require.Equal(t, 1, table.tuples.Len())
		} else {
			require.NotEqual(t, key1, key2)
			require.Equal(t, 2, table.tuples.Len())
		}
	})
}

// TestIDsAreDense: IDs count up in the order of first appearance, across chunks.
func TestIDsAreDense(t *testing.T) {
	var schema columns.Schema
	tuples := newBatch(t, NewSelector(nil, ""), attributeLabel(&schema, "v"))
	const n, kinds = 3*columns.Size + 5, 700
	var records []map[string]any
	for i := range n {
		records = append(records, map[string]any{"v": int64(i % kinds)})
	}
	chunk := columns.NewChunk(&schema)
	reader := columns.NewReader(logsWith(t, records...))
	at := 0
	for reader.Next(chunk) {
		for i := range chunk.Len() {
			require.EqualValues(t, at%kinds, idOf(t, tuples, chunk, i))
			at++
		}
	}
	assert.Equal(t, n, at)
	assert.Equal(t, kinds, tuples.Len())
}

// TestReset: nothing of a batch is left for the next one, whether the table keeps its
// memory or is too large to.
func TestReset(t *testing.T) {
	for _, size := range []int{10, 20_000} {
		var schema columns.Schema
		tuples := newBatch(t, NewSelector([]string{"r"}, ""), attributeLabel(&schema, "v"))
		fill := func(offset int, resource string) {
			ld := plog.NewLogs()
			for i := range size {
				rl := ld.ResourceLogs().AppendEmpty()
				rl.Resource().Attributes().PutStr("r", resource)
				rl.ScopeLogs().AppendEmpty().LogRecords().AppendEmpty().Attributes().PutInt("v", int64(i+offset))
			}
			chunk := columns.NewChunk(&schema)
			reader := columns.NewReader(ld)
			for reader.Next(chunk) {
				for i := range chunk.Len() {
					idOf(t, tuples, chunk, i)
				}
			}
		}
		fill(0, "first")
		require.Equal(t, size, tuples.Len())
		tuples.Reset()
		require.Zero(t, tuples.Len())

		fill(1, "second")
		require.Equal(t, size, tuples.Len(), "what the first batch knew is not known any more")
		for id := range size {
			tuple := tuples.Tuple(uint32(id))
			require.Equal(t, strconv.Itoa(id+1), tuple.Attributes[0].Text)
			require.Equal(t, map[string]string{"r": "second"}, texts(tuple.Resource.Attributes))
		}
	}
}

// TestNothingAliasesTheBatch: what a tuple holds must outlive the batch, which belongs to
// the next consumer as soon as it is forwarded.
func TestNothingAliasesTheBatch(t *testing.T) {
	var mutable [][]byte
	// volatile is a string whose bytes change later, as those of a reused buffer do.
	volatile := func(s string) string {
		b := []byte(s)
		mutable = append(mutable, b)
		return unsafe.String(&b[0], len(b))
	}
	var schema columns.Schema
	labels := []testLabel{
		attributeLabel(&schema, "text"),
		attributeLabel(&schema, "map"),
		attributeLabel(&schema, "bytes"),
		expressionLabel(t, "expression", "body"),
		expressionLabel(t, "nested", `resource.attributes["r"]`),
	}
	ld := logsOf(func(r plog.LogRecord) {
		r.Attributes().PutStr(volatile("text"), volatile("a text"))
		r.Attributes().PutEmptyMap("map").PutStr(volatile("key"), volatile("value"))
		r.Attributes().PutEmptyBytes("bytes").FromRaw([]byte("bytes"))
		r.Body().SetStr(volatile("a body"))
	})
	ld.ResourceLogs().At(0).Resource().Attributes().PutStr(volatile("r"), volatile("a resource"))
	tuples := newBatch(t, NewSelector([]string{AllAttributes}, ""), labels...)
	chunk := chunkOf(t, &schema, ld)
	tuple := tuples.Tuple(idOf(t, tuples, chunk, 0))
	key := tuple.Key
	chunk.Release()

	for _, b := range mutable {
		for i := range b {
			b[i] = '!'
		}
	}
	ld.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0).Attributes().Clear()
	assert.Equal(t, map[string]string{
		"text": "a text", "map": `{"key":"value"}`, "bytes": "Ynl0ZXM=", "expression": "a body", "nested": "a resource",
	}, texts(tuple.Attributes))
	assert.Equal(t, map[string]string{"r": "a resource"}, texts(tuple.Resource.Attributes))
	assert.Equal(t, key, tuple.Key)
}

// What is kept for the next batch holds nothing of this one.
func TestResetLetsGo(t *testing.T) {
	var tuples Tuples
	for range 1000 {
		tuples.Add(&Tuple{Resource: &Resource{}, Text: "x"})
	}
	all := tuples.All()
	tuples.Reset()
	assert.Zero(t, tuples.Len())
	assert.GreaterOrEqual(t, tuples.Size(), 48_000)
	for i := range all {
		require.Zero(t, all[i], "a tuple that is kept keeps its text alive")
	}
}
