// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package columns

import (
	"runtime"
	"testing"
	"unsafe"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
)

// shape is how many records each scope of each resource has.
type shape [][]int

// build numbers the records in the attribute n, and the resources in r.
func (s shape) build() plog.Logs {
	ld := plog.NewLogs()
	n := int64(0)
	for r, scopes := range s {
		rl := ld.ResourceLogs().AppendEmpty()
		rl.Resource().Attributes().PutInt("r", int64(r))
		for _, records := range scopes {
			sl := rl.ScopeLogs().AppendEmpty()
			for range records {
				sl.LogRecords().AppendEmpty().Attributes().PutInt("n", n)
				n++
			}
		}
	}
	return ld
}

// each returns n scopes of one record, each in a resource of its own, with empty
// resources and scopes around them.
func each(n int) shape {
	var s shape
	for range n {
		s = append(s, []int{}, []int{0}, []int{0, 1, 0})
	}
	return append(s, []int{}, []int{0, 0})
}

// TestReader: every record is read once, in order, with its own resource, in chunks that
// are full but for the last, wherever resources and scopes end.
func TestReader(t *testing.T) {
	for name, s := range map[string]shape{
		"nothing":                {},
		"empty resources":        {{}, {}, {}},
		"empty scopes":           {{0}, {0, 0}, {}},
		"1":                      {{1}},
		"1 behind empty ones":    {{}, {0}, {0, 1}},
		"1 before empty ones":    {{1, 0}, {0}, {}},
		"511":                    {{511}},
		"512":                    {{512}},
		"512 before empty ones":  {{512, 0, 0}, {}, {0}},
		"512 in two":             {{256}, {256}},
		"513":                    {{513}},
		"513, a border of scope": {{512, 1}},
		"513, of resource":       {{512}, {1}},
		"513, with a gap":        {{512, 0}, {}, {0, 1}},
		"1024":                   {{1024}},
		"1025":                   {{1025}},
		"1025 in pieces":         {{100, 412}, {0}, {512, 0, 1}},
		"1025 across the border": {{511}, {2}, {510, 2}},
		"1025 resources":         each(1025),
		"513 resources":          each(513),
		"512 resources":          each(512),
	} {
		t.Run(name, func(t *testing.T) {
			ld := s.build()
			ld.MarkReadOnly()
			var schema Schema
			slot := schema.Attribute("n")
			chunk := NewChunk(&schema)
			reader := NewReader(ld)
			total := int64(0)
			var sizes []int
			for reader.Next(chunk) {
				sizes = append(sizes, chunk.Len())
				for i := range chunk.Len() {
					require.Equal(t, Int, chunk.Column(slot).Kind[i])
					require.Equal(t, total, chunk.Column(slot).Int(i))
					run := runOf(chunk, i)
					r, ok := run.Resource().Attributes().Get("r")
					require.True(t, ok)
					require.EqualValues(t, run.Position, r.Int())
					require.EqualValues(t, resourceOf(s, total), r.Int())
					n, ok := chunk.Record(i).GetLogRecord().Attributes().Get("n")
					require.True(t, ok)
					require.Equal(t, total, n.Int(), "OTTL sees the same record")
					require.Equal(t, run.Resource(), chunk.Record(i).GetResource(), "and the same resource")
					total++
				}
			}
			assert.EqualValues(t, ld.LogRecordCount(), total)
			for i, size := range sizes {
				if i < len(sizes)-1 {
					assert.Equal(t, 512, size)
				} else {
					assert.Positive(t, size)
					assert.LessOrEqual(t, size, 512)
				}
			}
			assert.False(t, reader.Next(chunk), "the end is the end")
			assert.Zero(t, chunk.Len())
		})
	}
}

// runOf returns the run that record i is in.
func runOf(c *Chunk, i int) *Run {
	for k := range c.Runs() {
		if r := &c.Runs()[k]; r.Start <= i && i < r.End {
			return r
		}
	}
	return nil
}

// resourceOf returns the resource of the n-th record, by counting.
func resourceOf(s shape, n int64) int {
	for r, scopes := range s {
		for _, records := range scopes {
			if n -= int64(records); n < 0 {
				return r
			}
		}
	}
	return -1
}

func TestSchema(t *testing.T) {
	var schema Schema
	a, b := schema.Attribute("a"), schema.Attribute("b")
	assert.NotEqual(t, a, b)
	assert.Equal(t, a, schema.Attribute("a"), "one column serves all who ask for it")

	ld := shape{{3}}.build()
	records := ld.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords()
	records.At(0).Attributes().PutStr("b", "B")
	records.At(2).Attributes().PutStr("a", "A")
	chunk := NewChunk(&schema)
	reader := NewReader(ld)
	require.True(t, reader.Next(chunk))
	var got [3][2]string
	for i := range got {
		for k, slot := range []int{a, b} {
			if c := chunk.Column(slot); c.Kind[i] == Str {
				got[i][k] = c.Text[i]
			} else {
				require.Equal(t, Absent, c.Kind[i])
			}
		}
	}
	assert.Equal(t, [3][2]string{{"", "B"}, {}, {"A", ""}}, got)
}

// TestDuplicateKeys: the first wins, as in pcommon.Map, also when it is empty.
func TestDuplicateKeys(t *testing.T) {
	var u plog.JSONUnmarshaler
	ld, err := u.UnmarshalLogs([]byte(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"attributes":[
		{"key":"a","value":{"intValue":"1"}},{"key":"b","value":{}},{"key":"a","value":{"stringValue":"2"}},
		{"key":"b","value":{"stringValue":"late"}}]}]}]}]}`))
	require.NoError(t, err)
	var schema Schema
	a, b := schema.Attribute("a"), schema.Attribute("b")
	chunk := NewChunk(&schema)
	reader := NewReader(ld)
	require.True(t, reader.Next(chunk))
	assert.EqualValues(t, 1, chunk.Column(a).Int(0))
	assert.Equal(t, Empty, chunk.Column(b).Kind[0], "present, though empty")
}

func TestEventTime(t *testing.T) {
	ld := shape{{4}}.build()
	records := ld.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords()
	records.At(0).SetTimestamp(1)
	records.At(0).SetObservedTimestamp(2)
	records.At(1).SetObservedTimestamp(3)
	records.At(2).SetTimestamp(1<<64 - 1)
	chunk := NewChunk(&Schema{})
	reader := NewReader(ld)
	require.True(t, reader.Next(chunk))
	for i, want := range []pcommon.Timestamp{1, 3, 1<<64 - 1, 0} {
		assert.Equal(t, want, chunk.EventTime(i))
	}
}

// TestReleaseEmpties: what one chunk held is not in a later, shorter one.
func TestReleaseEmpties(t *testing.T) {
	var schema Schema
	slot := schema.Attribute("n")
	chunk := NewChunk(&schema)
	full := shape{{Size}}.build()
	reader := NewReader(full)
	require.True(t, reader.Next(chunk))
	first := chunk.Record(0)
	require.Same(t, first, chunk.Record(0), "all expressions share a record")

	sparse := plog.NewLogs()
	records := sparse.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords()
	for range 3 {
		records.AppendEmpty()
	}
	reader = NewReader(sparse)
	require.True(t, reader.Next(chunk)) // releases what it held
	require.Equal(t, 3, chunk.Len())
	for i := range chunk.Len() {
		require.Equal(t, Absent, chunk.Column(slot).Kind[i], "record %d", i)
	}
	assert.Equal(t, records.At(1), chunk.Record(1).GetLogRecord(), "the record is of this batch")
}

// TestReleaseLetsGo: a chunk waits for the next batch in a pool, and must not keep this
// one alive meanwhile.
func TestReleaseLetsGo(t *testing.T) {
	var schema Schema
	schema.Attribute("big")
	chunk := NewChunk(&schema)
	held := func() weak.Pointer[byte] {
		big := make([]byte, 1<<16)
		ld := shape{{Size}, {Size}}.build()
		for _, rl := range ld.ResourceLogs().All() {
			for _, r := range rl.ScopeLogs().At(0).LogRecords().All() {
				r.Attributes().PutStr("big", unsafe.String(&big[0], len(big)))
			}
		}
		reader := NewReader(ld)
		for reader.Next(chunk) {
			for i := range chunk.Len() {
				chunk.Record(i)
			}
			if chunk.Runs()[0].Position == 1 {
				break // in the middle of a batch
			}
		}
		return weak.Make(&big[0])
	}()
	runtime.GC()
	require.NotNil(t, held.Value(), "a chunk in use holds its batch, else this test proves nothing")
	chunk.Release()
	assert.Zero(t, chunk.Len())
	chunk.Release() // once more does no harm
	runtime.GC()
	assert.Nil(t, held.Value())
	runtime.KeepAlive(chunk)
}
