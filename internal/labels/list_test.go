// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package labels

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/columns"
)

// TestExpressions: whatever type an OTTL expression yields has a text.
func TestExpressions(t *testing.T) {
	record := func(r plog.LogRecord) {
		r.SetTimestamp(1_700_000_000_123_456_789)
		r.SetTraceID(pcommon.TraceID{1, 2, 3})
		r.SetSeverityNumber(plog.SeverityNumberError)
		r.Body().SetStr("https://example.com:8080/path?q=1")
		a := r.Attributes()
		a.PutInt("int", 7)
		a.PutDouble("double", 0.25)
		a.PutStr("list", "b,a")
		a.PutStr("json", `{"b":[1,{"c":null}],"a":"x"}`)
		m := a.PutEmptyMap("map")
		m.PutStr("k", "v")
		m.PutEmptySlice("s").AppendEmpty().SetBool(true)
		a.PutEmptyBytes("bytes").FromRaw([]byte{0xff})
	}
	for text, want := range map[string]string{
		`"literal"`:                           "literal",
		`1 + 2`:                               "3",
		`attributes["int"]`:                   "7",
		`attributes["double"] * 2.0`:          "0.5",
		`IsString(body)`:                      "true",
		`severity_number`:                     "17",
		`attributes["bytes"]`:                 "/w==",
		`attributes["map"]`:                   `{"k":"v","s":[true]}`,
		`attributes["map"]["s"]`:              `[true]`,
		`attributes["map"]["s"][0]`:           "true",
		`ParseJSON(attributes["json"])`:       `{"a":"x","b":[1,{"c":null}]}`,
		`Split(attributes["list"], ",")`:      `["b","a"]`,
		`Sort(Split(attributes["list"],","))`: `["a","b"]`,
		`["x", 1, attributes["map"]]`:         `["x",1,{"k":"v","s":[true]}]`,
		`{"b": 1, "a": [true]}`:               `{"a":[true],"b":1}`,
		`UserAgent("curl/7.1")`:               `{"os.name":"Other","user_agent.name":"curl","user_agent.original":"curl/7.1","user_agent.version":"7.1"}`,
		`URL(body)["url.port"]`:               "8080",
		`log.time`:                            "2023-11-14T22:13:20.123456789Z",
		`Duration("90s")`:                     "1m30s",
		`trace_id`:                            "01020300000000000000000000000000",
		`trace_id.string`:                     "01020300000000000000000000000000",
	} {
		t.Run(text, func(t *testing.T) {
			var schema columns.Schema
			tuple := one(t, &schema, logsOf(record), expressionLabel(t, "l", text))
			assert.Equal(t, map[string]string{"l": want}, texts(tuple.Attributes))
		})
	}
	for _, text := range []string{`nil`, `""`, `span_id`, `attributes["none"]`, `attributes["none"]["deeper"]`} {
		t.Run("missing "+text, func(t *testing.T) {
			var schema columns.Schema
			def := expressionLabel(t, "l", text)
			assert.Empty(t, one(t, &schema, logsOf(func(plog.LogRecord) {}), def).Attributes)
		})
	}
}

// TestMissing: a value that is absent, empty or empty text gives way to the default,
// else a required label refuses the record, else the label is absent.
func TestMissing(t *testing.T) {
	empties := logsOf(
		func(plog.LogRecord) {},
		func(r plog.LogRecord) { r.Attributes().PutEmpty("v") },
		func(r plog.LogRecord) { r.Attributes().PutStr("v", "") },
		func(r plog.LogRecord) { r.Attributes().PutEmptyBytes("v") },
	)
	for name, def := range map[string]func(*columns.Schema) testLabel{
		"attribute":  func(schema *columns.Schema) testLabel { return attributeLabel(schema, "v") },
		"expression": func(*columns.Schema) testLabel { return expressionLabel(t, "v", `attributes["v"]`) },
	} {
		t.Run(name, func(t *testing.T) {
			var schema columns.Schema
			plain, required, fallback := def(&schema), def(&schema), def(&schema)
			required.Required = true
			fallback.Default = "none"
			both := fallback
			both.Required = true
			chunk := chunkOf(t, &schema, empties)
			for i := range chunk.Len() {
				tuples := newBatch(t, NewSelector(nil, ""), plain)
				assert.Empty(t, tuples.Tuple(idOf(t, tuples, chunk, i)).Attributes)

				tuples = newBatch(t, NewSelector(nil, ""), required)
				_, status, err := tuples.ID(t.Context(), chunk, i)
				require.NoError(t, err)
				assert.Equal(t, missing, status)
				assert.Zero(t, tuples.Len(), "a record that is refused leaves no tuple behind")

				for _, d := range []testLabel{fallback, both} {
					tuples = newBatch(t, NewSelector(nil, ""), d)
					attrs := tuples.Tuple(idOf(t, tuples, chunk, i)).Attributes
					assert.Equal(t, map[string]string{"v": "none"}, texts(attrs))
				}
			}
		})
	}
}

// TestDefaultTypes: a default is a label like any other, with its type, and one with a
// record that says the same.
func TestDefaultTypes(t *testing.T) {
	for _, want := range []any{"text", int64(5), 0.5, true, false, int64(0)} {
		var schema columns.Schema
		def := attributeLabel(&schema, "v")
		def.Default = want
		ld := logsOf(
			func(plog.LogRecord) {},
			func(r plog.LogRecord) { require.NoError(t, r.Attributes().PutEmpty("v").FromRaw(want)) },
		)
		tuples := newBatch(t, NewSelector(nil, ""), def)
		chunk := chunkOf(t, &schema, ld)
		assert.Equal(t, idOf(t, tuples, chunk, 0), idOf(t, tuples, chunk, 1))
		assert.Equal(t, map[string]any{"v": want}, emitted(tuples.Tuple(0).Attributes))
	}
	// YAML decodes a whole number as int.
	var schema columns.Schema
	def := attributeLabel(&schema, "v")
	def.Default = 5
	assert.Equal(t, map[string]any{"v": int64(5)}, emitted(one(t, &schema, logsOf(func(plog.LogRecord) {}), def).Attributes))
}

// TestLabelErrorComesFirst: an error beats a missing required label, whichever comes
// first in the list, and beats the default.
func TestLabelErrorComesFirst(t *testing.T) {
	var schema columns.Schema
	missing := attributeLabel(&schema, "missing")
	missing.Required = true
	failing := expressionLabel(t, "failing", `attributes["none"] * 2`)
	failing.Default = "default"
	present := attributeLabel(&schema, "present")
	ld := logsWith(t, map[string]any{"present": "x"})
	for name, list := range map[string][]testLabel{
		"error last":  {present, missing, failing},
		"error first": {failing, missing, present},
		"alone":       {failing},
	} {
		t.Run(name, func(t *testing.T) {
			tuples := newBatch(t, NewSelector(nil, ""), list...)
			_, status, err := tuples.ID(t.Context(), chunkOf(t, &schema, ld), 0)
			assert.Equal(t, failed, status)
			require.Error(t, err)
			assert.NotContains(t, err.Error(), "panic")
			assert.Zero(t, tuples.Len())
		})
	}
}

// TestAfterAFailure: what a failed record had put together is not in the next one's
// tuple.
func TestAfterAFailure(t *testing.T) {
	var schema columns.Schema
	first, second := attributeLabel(&schema, "a"), attributeLabel(&schema, "b")
	second.Required = true
	ld := logsWith(t, map[string]any{"a": "1"}, map[string]any{"a": "2", "b": "3"}, map[string]any{"b": "3"}, map[string]any{"a": "1"})
	tuples := newBatch(t, NewSelector(nil, ""), first, second)
	chunk := chunkOf(t, &schema, ld)
	for i, want := range []status{missing, ok, ok, missing} {
		_, status, err := tuples.ID(t.Context(), chunk, i)
		require.NoError(t, err)
		assert.Equal(t, want, status, "record %d", i)
	}
	require.Equal(t, 2, tuples.Len())
	assert.Equal(t, map[string]string{"a": "2", "b": "3"}, texts(tuples.Tuple(0).Attributes))
	assert.Equal(t, map[string]string{"b": "3"}, texts(tuples.Tuple(1).Attributes))
}

// TestListOrder: labels keep the order of the config; nothing is sorted or dropped.
func TestListOrder(t *testing.T) {
	var schema columns.Schema
	tuples := newBatch(t, NewSelector(nil, ""), attributeLabel(&schema, "z"), attributeLabel(&schema, "a"), attributeLabel(&schema, "m"))
	chunk := chunkOf(t, &schema, logsWith(t, map[string]any{"a": "1", "m": int64(2), "z": true}))
	assert.Equal(t, []Attribute{
		{Name: "z", Text: "true", Kind: KindBool},
		{Name: "a", Text: "1"},
		{Name: "m", Text: "2", Kind: KindInt},
	}, tuples.Tuple(idOf(t, tuples, chunk, 0)).Attributes)

	empty := newBatch(t, NewSelector(nil, ""))
	assert.Empty(t, empty.Tuple(idOf(t, empty, chunk, 0)).Attributes, "no labels are one tuple")
}
