// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package labels

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/columns"
)

// nestedSlice puts a slice of the given number of levels into v; the innermost holds
// what fill puts there.
func nestedSlice(v pcommon.Value, levels int, fill func(pcommon.Slice)) {
	s := v.SetEmptySlice()
	for range levels - 1 {
		s = s.AppendEmpty().SetEmptySlice()
	}
	fill(s)
}

func nestedMap(v pcommon.Value, levels int, fill func(pcommon.Map)) {
	m := v.SetEmptyMap()
	for range levels - 1 {
		m = m.PutEmptyMap("m")
	}
	fill(m)
}

func nestedAny(levels int, innermost any) any {
	v := innermost
	for range levels {
		v = []any{v}
	}
	return v
}

// TestNesting: 64 levels are fine; each further one is an error however deep it goes,
// and never the end of the process. A stack overflow cannot be recovered.
func TestNesting(t *testing.T) {
	scalarIn := func(s pcommon.Slice) { s.AppendEmpty().SetInt(1) }
	emptySlice := func(pcommon.Slice) {}
	scalarInMap := func(m pcommon.Map) { m.PutInt("i", 1) }
	emptyMap := func(pcommon.Map) {}
	kinds := map[string]func(levels int) any{
		"slice": func(levels int) any {
			v := pcommon.NewValueEmpty()
			nestedSlice(v, levels, scalarIn)
			return v
		},
		"slice, innermost empty": func(levels int) any {
			v := pcommon.NewValueEmpty()
			nestedSlice(v, levels, emptySlice)
			return v
		},
		"map": func(levels int) any {
			v := pcommon.NewValueEmpty()
			nestedMap(v, levels, scalarInMap)
			return v.Map()
		},
		"map, innermost empty": func(levels int) any {
			v := pcommon.NewValueEmpty()
			nestedMap(v, levels, emptyMap)
			return v.Map()
		},
		"[]any": func(levels int) any { return nestedAny(levels, int64(1)) },
		"[]any around a map": func(levels int) any {
			v := pcommon.NewValueEmpty()
			nestedMap(v, levels/2, scalarInMap)
			return nestedAny(levels-levels/2, v.Map())
		},
		"map[string]any": func(levels int) any {
			var v any = int64(1)
			for range levels {
				v = map[string]any{"m": v}
			}
			return v
		},
	}
	for name, nest := range kinds {
		t.Run(name, func(t *testing.T) {
			for _, levels := range []int{2, 63, 64} {
				text, _, err := appendText(nil, nest(levels))
				require.NoError(t, err, "%d levels", levels)
				assert.True(t, json.Valid(text), "%d levels: %s", levels, text)
			}
			for _, levels := range []int{65, 66, 1000, 100_000} {
				text, _, err := appendText(nil, nest(levels))
				assert.ErrorIs(t, err, errTooDeep, "%d levels", levels)
				assert.Empty(t, text, "%d levels", levels)
			}
		})
	}
}

// TestNestingIsALabelError: too deep a value costs the record its label, as a failing
// expression does, for attributes and for resources.
func TestNestingIsALabelError(t *testing.T) {
	var schema columns.Schema
	ld := logsOf(
		func(r plog.LogRecord) {
			nestedSlice(r.Attributes().PutEmpty("v"), 100_000, func(pcommon.Slice) {})
		},
		func(r plog.LogRecord) { r.Attributes().PutStr("v", "fine") },
	)
	nestedSlice(ld.ResourceLogs().At(0).Resource().Attributes().PutEmpty("r"), 100_000, func(pcommon.Slice) {})
	def := attributeLabel(&schema, "v")
	def.Default = "default"
	chunk := chunkOf(t, &schema, ld)
	tuples := newBatch(t, NewSelector([]string{AllAttributes}, ""), def)
	_, status, err := tuples.ID(t.Context(), chunk, 0)
	assert.Equal(t, failed, status)
	require.ErrorIs(t, err, errTooDeep)
	tuple := tuples.Tuple(idOf(t, tuples, chunk, 1))
	assert.Equal(t, map[string]string{"v": "fine"}, texts(tuple.Attributes))
	assert.Empty(t, tuple.Resource.Attributes, "an attribute that cannot be a label is absent")
}

// TestJSONNumbers: what is not a JSON number is text, so that the label stays JSON.
func TestJSONNumbers(t *testing.T) {
	m := pcommon.NewMap()
	m.PutDouble("nan", math.NaN())
	m.PutDouble("inf", math.Inf(1))
	m.PutDouble("low", math.Inf(-1))
	m.PutDouble("zero", math.Copysign(0, -1))
	m.PutDouble("whole", 200)
	m.PutDouble("tiny", 1e-7)
	m.PutDouble("big", 1e21)
	m.PutInt("int", math.MaxInt64)
	text, _, err := appendText(nil, m)
	require.NoError(t, err)
	assert.Equal(t, `{"big":1e+21,"inf":"Infinity","int":9223372036854775807,"low":"-Infinity","nan":"NaN","tiny":1e-7,"whole":200,"zero":0}`,
		string(text))
	assert.True(t, json.Valid(text))
}

// TestJSONOrder: maps that differ only in the order of their keys are one label.
func TestJSONOrder(t *testing.T) {
	var schema columns.Schema
	def := attributeLabel(&schema, "m")
	put := func(keys ...string) func(plog.LogRecord) {
		return func(r plog.LogRecord) {
			m := r.Attributes().PutEmptyMap("m")
			for _, key := range keys {
				m.PutEmptyMap(key).PutStr(key, key)
			}
		}
	}
	chunk := chunkOf(t, &schema, logsOf(put("a", "b", "c"), put("c", "a", "b")))
	tuples := newBatch(t, NewSelector(nil, ""), def)
	assert.Equal(t, idOf(t, tuples, chunk, 0), idOf(t, tuples, chunk, 1))
	assert.Equal(t, `{"a":{"a":"a"},"b":{"b":"b"},"c":{"c":"c"}}`, texts(tuples.Tuple(0).Attributes)["m"])
}

// TestJSONDuplicateKeys: of duplicate keys the first counts, also when it is empty, and
// when they become one only because a byte of theirs is not UTF-8.
func TestJSONDuplicateKeys(t *testing.T) {
	var u plog.JSONUnmarshaler
	ld, err := u.UnmarshalLogs([]byte(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"attributes":[
		{"key":"m","value":{"kvlistValue":{"values":[
			{"key":"a","value":{"intValue":"1"}},{"key":"a","value":{"intValue":"2"}},
			{"key":"b","value":{}},{"key":"b","value":{"stringValue":"late"}}]}}},
		{"key":"m","value":{"stringValue":"late"}}]}]}]}]}`))
	require.NoError(t, err)
	var schema columns.Schema
	def := attributeLabel(&schema, "m")
	assert.Equal(t, map[string]string{"m": `{"a":1,"b":null}`}, texts(one(t, &schema, ld, def).Attributes))

	m := pcommon.NewMap()
	m.PutInt("k\xff", 1)
	m.PutInt(`k\xff`, 2)
	text, _, err := appendText(nil, m)
	require.NoError(t, err)
	assert.Equal(t, `{"k\\xff":1}`, string(text))
}

// TestJSONOfGoMaps: some OTTL functions yield Go maps, which Go visits in a random order.
// The label must not show it.
func TestJSONOfGoMaps(t *testing.T) {
	var schema columns.Schema
	ld := logsOf(func(r plog.LogRecord) { r.Body().SetStr("https://example.com:8080/a/b.txt?q=1#f") })
	chunk := chunkOf(t, &schema, ld)
	tuples := newBatch(t, NewSelector(nil, ""), expressionLabel(t, "l", `URL(body)`))
	for range 100 {
		idOf(t, tuples, chunk, 0)
	}
	require.Equal(t, 1, tuples.Len(), "one record is one series")
	assert.Contains(t, tuples.Tuple(0).Attributes[0].Text, `,"url.port":8080,"url.query":"q=1","url.scheme":"https"}`)
}
