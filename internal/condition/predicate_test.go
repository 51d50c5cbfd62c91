// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package condition

import (
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/columns"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/expr"
)

func newParser(t testing.TB) *expr.Parser {
	t.Helper()
	parser, err := expr.NewParser(componenttest.NewNopTelemetrySettings())
	require.NoError(t, err)
	return parser
}

// compiled returns a predicate and a chunk with the records of ld and the columns that the
// predicate reads.
func compiled(t testing.TB, text string, ld plog.Logs) (*Predicate, *columns.Chunk) {
	t.Helper()
	schema := &columns.Schema{}
	p, err := Compile(text, newParser(t), schema)
	require.NoError(t, err)
	chunk := columns.NewChunk(schema)
	reader := columns.NewReader(ld)
	reader.Next(chunk)
	return p, chunk
}

// logsWith returns logs with one record for each value of the attribute v; nil stands
// for a record without it.
func logsWith(t testing.TB, values ...any) plog.Logs {
	t.Helper()
	ld := plog.NewLogs()
	records := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords()
	for _, v := range values {
		r := records.AppendEmpty()
		if v != nil {
			require.NoError(t, r.Attributes().PutEmpty("v").FromRaw(v))
		}
	}
	return ld
}

// all is the set of all records of a chunk.
func all(chunk *columns.Chunk) columns.Set { return columns.First(chunk.Len()) }

func list(s columns.Set) []int { return slices.Collect(s.All()) }

// TestEval compares with what the OTTL library is known to answer; see the section on
// its semantics in docs/design.md.
func TestEval(t *testing.T) {
	values := []any{int64(5), "5", nil, 5.0, int64(4), true, map[string]any{"a": int64(5)}, "", []byte{}}
	for text, want := range map[string]struct{ match, failed []int }{
		`true`:                              {[]int{0, 1, 2, 3, 4, 5, 6, 7, 8}, nil},
		`false`:                             {nil, nil},
		`attributes["v"] == 5`:              {[]int{0, 3}, nil},
		`attributes["v"] != 5`:              {[]int{1, 2, 4, 5, 6, 7, 8}, nil},
		`attributes["v"] >= 5`:              {[]int{0, 3}, nil},
		`not (attributes["v"] >= 5)`:        {[]int{1, 2, 4, 5, 6, 7, 8}, nil},
		`attributes["v"] == "5"`:            {[]int{1}, nil},
		`attributes["v"] == nil`:            {[]int{2, 8}, nil},
		`log.attributes["v"] == 4`:          {[]int{4}, nil},
		`attributes["v"] * 2 > 9`:           {[]int{0, 3}, []int{1, 2, 5, 6, 7, 8}},
		`attributes["v"]["a"] == 5`:         {[]int{6}, []int{0, 1, 3, 4, 5, 7, 8}},
		`IsString(attributes["v"])`:         {[]int{1, 7}, nil},
		`resource.attributes["none"] == 1`:  {nil, nil},
		`Int(attributes["v"]) == 5`:         {[]int{0, 1, 3}, []int{6, 8}},
		`attributes["v"] == 4 or (1/0) > 1`: {[]int{4}, []int{0, 1, 2, 3, 5, 6, 7, 8}},
	} {
		t.Run(text, func(t *testing.T) {
			ld := logsWith(t, values...)
			ld.MarkReadOnly()
			p, chunk := compiled(t, text, ld)
			res := p.Eval(t.Context(), chunk, all(chunk))
			assert.Equal(t, want.match, list(res.Match))
			assert.Equal(t, want.failed, list(res.Failed))
			if len(want.failed) > 0 {
				assert.Error(t, res.Err)
			} else {
				assert.NoError(t, res.Err)
			}
		})
	}
}

// TestFailedNeverMatches: OTTL answers `not <error>` with true and an error. Such a
// record must not be counted as a match: a broken condition would select everything.
func TestFailedNeverMatches(t *testing.T) {
	for _, text := range []string{
		`not (attributes["v"] * 2 > 3)`,
		`not (attributes["v"] * 2 > 3) and true`,
		`not (attributes["v"] * 2 > 3) or false`,
		`not (not (attributes["v"] * 2 > 3))`,
	} {
		t.Run(text, func(t *testing.T) {
			p, chunk := compiled(t, text, logsWith(t, nil, "text", nil))
			res := p.Eval(t.Context(), chunk, all(chunk))
			assert.Empty(t, list(res.Match))
			assert.Equal(t, []int{0, 1, 2}, list(res.Failed))
			assert.Error(t, res.Err)
		})
	}
}

// TestBadNeighbor: a record that fails has no part in what the others are told.
func TestBadNeighbor(t *testing.T) {
	const n = columns.Size
	values := make([]any, n)
	var match, failed []int
	for i := range values {
		switch i % 3 {
		case 0:
			values[i] = int64(i)
			match = append(match, i)
		case 1:
			values[i] = "not a number"
			failed = append(failed, i)
		default:
			values[i] = int64(-i)
		}
	}
	p, chunk := compiled(t, `attributes["v"] * 1 >= 0`, logsWith(t, values...))
	for range 2 { // the second time from records that were evaluated before
		res := p.Eval(t.Context(), chunk, all(chunk))
		assert.Equal(t, match, list(res.Match))
		assert.Equal(t, failed, list(res.Failed))
	}
}

// TestUnwantedRecords: the OTTL library is not asked about records that nobody wants, nor
// does one that would fail there show.
func TestUnwantedRecords(t *testing.T) {
	values := make([]any, columns.Size)
	for i := range values {
		values[i] = "text"
		if i%2 == 0 {
			values[i] = int64(i) // makes the converter fail
		}
	}
	for _, text := range []string{
		`ToUpperCase(attributes["v"]) == "TEXT"`,
		`attributes["v"] != "other" and ToUpperCase(attributes["v"]) == "TEXT"`,
		`attributes["v"] == 2 or ToUpperCase(attributes["v"]) == "TEXT"`,
	} {
		p, chunk := compiled(t, text, logsWith(t, values...))
		require.Equal(t, 1, p.Interpreted())
		ctx := t.Context()
		allocations := func(wanted columns.Set) float64 {
			return testing.AllocsPerRun(20, func() { p.Eval(ctx, chunk, wanted) })
		}
		var one, three columns.Set
		one.Add(511)
		three.Add(1)
		three.Add(301)
		three.Add(511)
		each := allocations(one)
		assert.Positive(t, each, "by which evaluations are counted")
		assert.Equal(t, 3*each, allocations(three), text)
		assert.Zero(t, allocations(columns.Set{}), text)
		assert.Equal(t, Result{Match: three}, p.Eval(ctx, chunk, three), text)
	}
}

// TestEmptyChunk: there is nothing to say of no record, whatever the condition.
func TestEmptyChunk(t *testing.T) {
	for _, text := range []string{"true", `attributes["v"] != 1`, `not (attributes["v"] * 1 == 1)`} {
		p, chunk := compiled(t, text, plog.NewLogs())
		assert.Zero(t, p.Eval(t.Context(), chunk, all(chunk)), text)
	}
}

// TestConcurrentSafe: one predicate serves all goroutines. It is for the race detector.
func TestConcurrentSafe(t *testing.T) {
	schema := &columns.Schema{}
	p, err := Compile(`IsMatch(attributes["v"], "^[a-c]") and attributes["v"] != "ab" and Len(attributes["v"]) == 1`, newParser(t), schema)
	require.NoError(t, err)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			chunk := columns.NewChunk(schema)
			reader := columns.NewReader(logsWith(t, "a", "ab", "d", nil))
			assert.True(t, reader.Next(chunk))
			for range 100 {
				res := p.Eval(t.Context(), chunk, all(chunk))
				assert.Equal(t, []int{0}, list(res.Match))
				assert.Zero(t, res.Failed)
			}
		})
	}
	wg.Wait()
}
