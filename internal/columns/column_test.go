// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package columns

import (
	"bytes"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/expr"
)

// paths are sources and what OTTL calls them.
var paths = map[string]Source{
	`attributes["a"]`:               Attribute("a"),
	`attributes["b"]`:               Attribute("b"),
	`attributes["a"]["k"]`:          {Field: Attributes, Keys: []Key{{Name: "a"}, {Name: "k"}}},
	`attributes["a"][1]`:            {Field: Attributes, Keys: []Key{{Name: "a"}, {Index: 1, IsIndex: true}}},
	`attributes["a"]["k"][0]`:       {Field: Attributes, Keys: []Key{{Name: "a"}, {Name: "k"}, {Index: 0, IsIndex: true}}},
	`resource.attributes["a"]`:      {Field: ResourceAttributes, Keys: []Key{{Name: "a"}}},
	`resource.attributes["a"]["k"]`: {Field: ResourceAttributes, Keys: []Key{{Name: "a"}, {Name: "k"}}},
	`scope.attributes["a"]`:         {Field: ScopeAttributes, Keys: []Key{{Name: "a"}}},
	`scope.name`:                    {Field: ScopeName},
	`scope.version`:                 {Field: ScopeVersion},
	`body`:                          {Field: Body},
	`body["k"]`:                     {Field: Body, Keys: []Key{{Name: "k"}}},
	`body[0]`:                       {Field: Body, Keys: []Key{{Index: 0, IsIndex: true}}},
	`body.string`:                   {Field: BodyString},
	`severity_number`:               {Field: SeverityNumber},
	`severity_text`:                 {Field: SeverityText},
	`time_unix_nano`:                {Field: TimeUnixNano},
	`observed_time_unix_nano`:       {Field: ObservedTimeUnixNano},
	`event_name`:                    {Field: EventName},
	`flags`:                         {Field: Flags},
	`dropped_attributes_count`:      {Field: DroppedAttributesCount},
	`trace_id.string`:               {Field: TraceID},
	`span_id.string`:                {Field: SpanID},
	`attributes["` + strings.Repeat("x", 64) + `"]`: Attribute(strings.Repeat("x", 64)), // of the length of ""
	`attributes[""]`: Attribute(""),
}

// manyPaths are so many that record attributes are read in one walk.
func manyPaths() map[string]Source {
	all := map[string]Source{}
	maps.Copy(all, paths)
	for i := range 2 * maxGets {
		key := fmt.Sprint("c", i)
		all[fmt.Sprintf(`attributes[%q]`, key)] = Attribute(key)
	}
	return all
}

func randomValue(rng *rand.Rand, v pcommon.Value, depth int) {
	switch rng.IntN(10) {
	case 0:
	case 1, 2:
		v.SetStr([]string{"", "text", "5", "\xff"}[rng.IntN(4)])
	case 3, 4:
		v.SetInt([]int64{0, 1, -1, math.MaxInt64}[rng.IntN(4)])
	case 5:
		v.SetDouble([]float64{0, math.Copysign(0, -1), 1.5, math.NaN(), math.Inf(1)}[rng.IntN(5)])
	case 6:
		v.SetBool(rng.IntN(2) == 0)
	case 7:
		v.SetEmptyBytes().FromRaw(make([]byte, rng.IntN(3)))
	case 8:
		m := v.SetEmptyMap()
		if depth > 0 && rng.IntN(3) > 0 {
			randomValue(rng, m.PutEmpty("k"), depth-1)
		}
	default:
		s := v.SetEmptySlice()
		for range rng.IntN(3) {
			randomValue(rng, s.AppendEmpty(), max(0, depth-1))
		}
	}
}

// randomLogs has attributes of every kind, in a random order, with duplicate keys.
func randomLogs(t *testing.T, rng *rand.Rand) plog.Logs {
	ld := plog.NewLogs()
	for range 1 + rng.IntN(4) {
		rl := ld.ResourceLogs().AppendEmpty()
		if rng.IntN(3) > 0 {
			randomValue(rng, rl.Resource().Attributes().PutEmpty("a"), 2)
		}
		for range rng.IntN(3) {
			sl := rl.ScopeLogs().AppendEmpty()
			sl.Scope().SetName([]string{"", "lib"}[rng.IntN(2)])
			sl.Scope().SetVersion([]string{"", "1"}[rng.IntN(2)])
			if rng.IntN(3) > 0 {
				randomValue(rng, sl.Scope().Attributes().PutEmpty("a"), 2)
			}
			n := rng.IntN(10)
			if rng.IntN(10) == 0 {
				n = rng.IntN(2 * Size)
			}
			for range n {
				randomRecord(rng, sl.LogRecords().AppendEmpty())
			}
		}
	}
	var m plog.ProtoMarshaler
	raw, err := m.MarshalLogs(ld)
	require.NoError(t, err)
	// A map in memory takes no key twice, one from the wire does: z becomes a second a.
	raw = bytes.ReplaceAll(raw, []byte("\x0a\x01z"), []byte("\x0a\x01a"))
	var u plog.ProtoUnmarshaler
	ld, err = u.UnmarshalLogs(raw)
	require.NoError(t, err)
	ld.MarkReadOnly()
	return ld
}

func randomRecord(rng *rand.Rand, r plog.LogRecord) {
	randomValue(rng, r.Body(), 2)
	r.SetSeverityNumber(plog.SeverityNumber(rng.IntN(30)))
	r.SetSeverityText([]string{"", "WARN"}[rng.IntN(2)])
	r.SetTimestamp([]pcommon.Timestamp{0, 1, math.MaxInt64 + 1, math.MaxUint64}[rng.IntN(4)])
	r.SetObservedTimestamp(pcommon.Timestamp(rng.Uint64()))
	r.SetEventName([]string{"", "event"}[rng.IntN(2)])
	r.SetFlags(plog.LogRecordFlags(rng.Uint32()))
	r.SetDroppedAttributesCount(rng.Uint32())
	if rng.IntN(2) == 0 {
		r.SetTraceID(pcommon.TraceID{1, 2})
		r.SetSpanID(pcommon.SpanID{3})
	}
	keys := []string{"a", "z", "b", "", "c1", "c7", "c15", strings.Repeat("x", 64), "other"}
	for range rng.IntN(12) {
		randomValue(rng, r.Attributes().PutEmpty(keys[rng.IntN(len(keys))]), 2)
	}
}

// cell is what a column holds of a record, in the types of OTTL.
func cell(c *Column, i int) any {
	switch c.Kind[i] {
	case Str:
		return c.Text[i]
	case Int:
		return c.Int(i)
	case Double:
		return math.Float64bits(c.Double(i)) // NaN equals itself, and zeros have signs
	case Bool:
		return c.Number[i] == 1
	case Bytes:
		return c.Value(i).Bytes().AsRaw()
	case Map:
		return c.Value(i).Map()
	case Slice:
		return c.Value(i).Slice()
	default:
		return nil
	}
}

// TestColumnsHoldWhatOTTLReads: every column, of records of every kind, in chunks across
// resources and scopes, by single look-ups and in one walk.
func TestColumnsHoldWhatOTTLReads(t *testing.T) {
	parser, err := expr.NewParser(componenttest.NewNopTelemetrySettings())
	require.NoError(t, err)
	for name, sources := range map[string]map[string]Source{"looked up": paths, "walked": manyPaths()} {
		t.Run(name, func(t *testing.T) {
			var schema Schema
			values, slots := map[string]*expr.Value{}, map[string]int{}
			for text, src := range sources {
				slots[text] = schema.Column(src)
				assert.Equal(t, slots[text], schema.Column(src), "one column serves all who ask for it")
				if values[text], err = parser.Value(text); err != nil {
					require.NoError(t, err, text)
				}
			}
			chunk := NewChunk(&schema)
			seen := map[Kind]int{}
			for seed := range uint64(60) {
				reader := NewReader(randomLogs(t, rand.New(rand.NewPCG(seed, 1))))
				for reader.Next(chunk) {
					for text, value := range values {
						c := chunk.Column(slots[text])
						for i := range chunk.Len() {
							want, err := value.Eval(t.Context(), chunk.Record(i))
							kind := c.Kind[i]
							seen[kind]++
							if text == "body.string" && kind == Failed {
								require.NotEqual(t, pcommon.ValueTypeStr, chunk.Record(i).GetLogRecord().Body().Type())
								continue
							}
							require.Equal(t, err != nil, kind == Failed, "%s: %v", text, err)
							if f, ok := want.(float64); ok {
								want = math.Float64bits(f)
							}
							require.Equal(t, want, cell(c, i), text)
							require.NotZero(t, c.Kinds()&(1<<kind), "%s: a kind that Kinds does not know", text)
						}
					}
				}
				chunk.Release()
			}
			for kind := Absent; kind <= Failed; kind++ {
				assert.Greater(t, seen[kind], 100, "kind %d", kind)
			}
		})
	}
}
