// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package condition

import (
	"encoding/binary"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/columns"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/expr"
)

// same fails the test unless the compiled form of text and the OTTL library agree on every
// record of every batch, the error of each included, and unless what is said of a part of
// the records is what is said of them among all. It returns how many records it
// compared, and the predicate; there is none if text is no OTTL.
func same(t *testing.T, parser *expr.Parser, text string, batches ...plog.Logs) (int, *Predicate) {
	t.Helper()
	library, err := parser.Condition(text)
	if err != nil {
		return 0, nil
	}
	schema := &columns.Schema{}
	p := build(text, library, parser, schema) // as Compile does, which would parse it again
	compared := 0
	chunk := columns.NewChunk(schema)
	random := rand.New(rand.NewPCG(uint64(len(text)), 0))
	for _, ld := range batches {
		reader := columns.NewReader(ld)
		for reader.Next(chunk) {
			res := p.Eval(t.Context(), chunk, all(chunk))
			hasErr := false
			for i := range chunk.Len() {
				match, err := library.Eval(t.Context(), chunk.Record(i))
				if res.Failed.Has(i) != (err != nil) || res.Match.Has(i) != (err == nil && match) {
					record := chunk.Record(i).GetLogRecord()
					t.Fatalf("%s\nlibrary: %v, %v\ncompiled: match %v, failed %v\nrecord %d: attributes %#v, body %#v", text, match, err,
						res.Match.Has(i), res.Failed.Has(i), i, record.Attributes().AsRaw(), record.Body().AsRaw())
				}
				if err != nil {
					// The error of this record, whatever the error of the chunk is.
					e := evaluation{ctx: t.Context(), chunk: chunk}
					var alone columns.Set
					alone.Add(i)
					match, failed := e.node(&p.root, alone)
					require.Zero(t, match, text)
					require.Equal(t, alone, failed, text)
					require.Equal(t, errorText(err), errorText(e.err), text)
					hasErr = hasErr || errorText(res.Err) == errorText(err)
				}
			}
			require.Equal(t, res.Failed != columns.Set{}, hasErr, "the error of the chunk is that of a record: %s: %v", text, res.Err)
			for _, wanted := range parts(random, chunk) {
				part := p.Eval(t.Context(), chunk, wanted)
				require.Equal(t, res.Match.And(&wanted), part.Match, "%s for %v", text, list(wanted))
				require.Equal(t, res.Failed.And(&wanted), part.Failed, "%s for %v", text, list(wanted))
				require.Equal(t, !part.Failed.IsEmpty(), part.Err != nil, "%s for %v: %v", text, list(wanted), part.Err)
			}
			compared += chunk.Len()
		}
		chunk.Release()
	}
	return compared, p
}

// parts returns sets of records of a chunk: none, few, about a half and most of them.
func parts(random *rand.Rand, chunk *columns.Chunk) []columns.Set {
	sets := []columns.Set{{}, {}, {}, {}}
	for i := range chunk.Len() {
		for k, percent := range []int{0, 5, 50, 95} {
			if random.IntN(100) < percent {
				sets[k].Add(i)
			}
		}
	}
	return sets
}

// errorText returns what err says. Of a map with several values that are no JSON, such as
// NaN, the library names any one.
func errorText(err error) string {
	text, _, _ := strings.Cut(err.Error(), "json: unsupported value")
	return text
}

// sameForChoices compares what choices generate.
func sameForChoices(t *testing.T, parser *expr.Parser, c *choices) (int, *Predicate) {
	t.Helper()
	text := c.condition(1 + c.below(4))
	n := 40
	if c.chance(40) {
		n = columns.Size + 40
	}
	batches := []plog.Logs{c.logs(n)}
	if c.chance(4) {
		// The same memory for another batch: nothing of the first may show.
		batches = append(batches, c.logs(20))
	}
	if c.chance(4) {
		for i, ld := range batches {
			var err error
			batches[i], err = decoded(ld)
			require.NoError(t, err)
		}
	}
	return same(t, parser, text, batches...)
}

// FuzzCondition compares generated expressions with the OTTL library, record by record.
func FuzzCondition(f *testing.F) {
	for i := range uint64(32) {
		f.Add(binary.LittleEndian.AppendUint64(nil, i*0x9e3779b97f4a7c15))
	}
	parser := newParser(f)
	f.Fuzz(func(t *testing.T, written []byte) {
		sameForChoices(t, parser, newChoices(written))
	})
}

// FuzzText compares whatever the OTTL library accepts: texts that no generator thinks of.
func FuzzText(f *testing.F) {
	for i := range uint64(100) {
		f.Add(newChoices(binary.LittleEndian.AppendUint64([]byte("text"), i)).condition(3))
	}
	for _, text := range []string{
		`"(" attributes["a"] == 1 or body == 2 ")"`, `( attributes["a"] == 1 ")" and "(" body == 1 )`, `attributes "[" "a" "]" == 1 or true`,
		`"(" Len(body ")" == 1 or flags == (1) `, `attributes["a"] "." == 1`, `body == {"a": "]"} or true`, `(flags) == 1 and ((flags)) == (1) + 1`,
		`Len (body) == 1 or L en(attributes["m"]) == 2`, `0x01==0x01or flags==1.and body==""`, `1/0 > 1 and [1] != [1]`, `- 1 == -(1) or nil<=nil`,
	} {
		f.Add(text)
	}
	parser := newParser(f)
	ld := newChoices([]byte("records")).logs(60)
	f.Fuzz(func(t *testing.T, text string) {
		if isDeep(text) {
			t.Skip("the library takes seconds for it")
		}
		same(t, parser, text, ld)
	})
}

// TestRandomConditions does a part of what FuzzCondition does, always the same.
func TestRandomConditions(t *testing.T) {
	const n = 1000
	parser := newParser(t)
	compared, valid, compiled, interpreted := 0, 0, 0, 0
	for i := range uint64(n) {
		records, p := sameForChoices(t, parser, newChoices(binary.LittleEndian.AppendUint64([]byte("random"), i)))
		if p == nil {
			continue
		}
		compared += records
		valid++
		if p.Interpreted() == 0 {
			compiled++
		} else {
			interpreted++
		}
	}
	// What is generated must be worth a comparison.
	require.Greater(t, valid, n*9/10)
	require.Greater(t, compared, 40*valid)
	require.Greater(t, compiled, n/4)
	require.Greater(t, interpreted, n/4)
}

// isDeep reports whether text is so nested that the library, which takes time exponential
// in the depth of calls, would make a fuzzer wait.
func isDeep(text string) bool {
	depth, most := 0, 0
	for _, r := range text {
		switch r {
		case '(':
			depth++
			most = max(most, depth)
		case ')':
			depth--
		}
	}
	return most > 8
}
