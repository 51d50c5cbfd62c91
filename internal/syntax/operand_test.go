// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/columns"
)

// TestLiterals have the value that the OTTL library gives them.
func TestLiterals(t *testing.T) {
	library := newParser(t)
	for _, text := range []string{
		"nil", "true", "false", "0", "1", "-1", "+1", "- 1", "010", "-010", "9223372036854775807", "-9223372036854775807",
		"1.5", "-1.5", "1.", ".5", "-.5e-3", "1.0e+3", "-0.0", "5.e-324", "1.7976931348623157e308", "(1)", "((-1))",
		`""`, `"a"`, `"\""`, `"\\"`, `"\n\t"`, `"\xff"`, `"\377"`, `"\u00e9\U0001F600"`, `"é"`, "\"\xff\"", "\"a\nb\"", `"\a\b\f\r\v"`,
		"SEVERITY_NUMBER_UNSPECIFIED", "SEVERITY_NUMBER_TRACE3", "SEVERITY_NUMBER_WARN", "SEVERITY_NUMBER_FATAL4",
	} {
		o, ok := Value(text)
		require.True(t, ok, text)
		assert.True(t, o.IsLiteral())
		v, err := library.Value(text)
		require.NoError(t, err, text)
		want, err := v.Eval(t.Context(), nil)
		require.NoError(t, err)
		assert.Equal(t, want, o.Literal(), text)
		if f, ok := want.(float64); ok {
			assert.Equal(t, math.Signbit(f), math.Signbit(o.Literal().(float64)), text)
		}
	}
}

// TestEnums: the library knows all names in the table, and by the same numbers. That it
// knows no more is seen from the specification: there are 25 severity numbers.
func TestEnums(t *testing.T) {
	library := newParser(t)
	assert.Len(t, enums, 25)
	for name, n := range enums {
		v, err := library.Value(name)
		require.NoError(t, err)
		got, err := v.Eval(t.Context(), nil)
		require.NoError(t, err)
		assert.Equal(t, n, got, name)
	}
}

func TestPaths(t *testing.T) {
	library := newParser(t)
	key := func(keys ...any) []columns.Key {
		var list []columns.Key
		for _, k := range keys {
			switch k := k.(type) {
			case string:
				list = append(list, columns.Key{Name: k})
			case int:
				list = append(list, columns.Key{IsIndex: true, Index: int64(k)})
			}
		}
		return list
	}
	for text, want := range map[string]Operand{
		`attributes["a"]`:                            {Source: columns.Attribute("a")},
		`log . attributes [ "a" ]`:                   {Source: columns.Attribute("a")},
		`(attributes["a"])`:                          {Source: columns.Attribute("a")},
		`attributes[""]["b"][010]`:                   {Source: columns.Source{Field: columns.Attributes, Keys: key("", "b", 8)}},
		`resource.attributes["a.b"]`:                 {Source: columns.Source{Field: columns.ResourceAttributes, Keys: key("a.b")}},
		`scope.attributes["a"]`:                      {Source: columns.Source{Field: columns.ScopeAttributes, Keys: key("a")}},
		`instrumentation_scope.attributes["a"]["b"]`: {Source: columns.Source{Field: columns.ScopeAttributes, Keys: key("a", "b")}},
		`body`:                     {Source: columns.Source{Field: columns.Body}},
		`log.body[0]["a"]`:         {Source: columns.Source{Field: columns.Body, Keys: key(0, "a")}},
		`body.string`:              {Source: columns.Source{Field: columns.BodyString}},
		`severity_number`:          {Source: columns.Source{Field: columns.SeverityNumber}},
		`severity_text`:            {Source: columns.Source{Field: columns.SeverityText}},
		`time_unix_nano`:           {Source: columns.Source{Field: columns.TimeUnixNano}},
		`observed_time_unix_nano`:  {Source: columns.Source{Field: columns.ObservedTimeUnixNano}},
		`event_name`:               {Source: columns.Source{Field: columns.EventName}},
		`log.flags`:                {Source: columns.Source{Field: columns.Flags}},
		`dropped_attributes_count`: {Source: columns.Source{Field: columns.DroppedAttributesCount}},
		`trace_id.string`:          {Source: columns.Source{Field: columns.TraceID}},
		`span_id.string`:           {Source: columns.Source{Field: columns.SpanID}},
		`scope.name`:               {Source: columns.Source{Field: columns.ScopeName}},
		`scope.version`:            {Source: columns.Source{Field: columns.ScopeVersion}},
		`Int(attributes["a"])`:     {Kind: IntOf, Source: columns.Attribute("a")},
		"Double (\nbody )":         {Kind: DoubleOf, Source: columns.Source{Field: columns.Body}},
	} {
		_, err := library.Value(text)
		require.NoError(t, err, text)
		got, ok := Value(text)
		assert.True(t, ok, text)
		assert.Equal(t, want, got, text)
		assert.False(t, got.IsLiteral())
	}
}

// TestNoOperand: whatever is not certain is left to the library, and so is what it refuses.
func TestNoOperand(t *testing.T) {
	for _, text := range []string{
		"", " ", "attributes", `attributes[0]`, `attributes["a"][-1]`, `attributes["a"][body]`, `attributes["a"][1.0]`, `attributes["a"]["b"`, `attributes["a"].b`,
		`body["a"].string`, `body.string["a"]`, `log`, `log.`, `log.log.body`, `log["a"].body`, `resource`, `resource.body`, `scope.schema_url`, `log.scope.name`, `resource.attributes`,
		"trace_id", "span_id", "time", "cache", `cache["a"]`, "nowhere", `otelcol.client.addr`, `severity_number["a"]`, `scope.name[0]`,
		"1 + 1", "-flags", "-(1)", "(1", "1)", "1 2", "--1", "08", "9223372036854775808", "-9223372036854775808", "1.0e999", "1e5", "0x01", "1_000",
		`"a`, `"\q"`, `"\`, `'a'`, `"\ud800"`, "\"\\\n\"", "(\"a\"", "[flags)", "{1)",
		"SEVERITY_NUMBER_NONE", "SEVERITY", "Severity", "Int", "Int()", `Int("5")`, "Int(flags", "Int(flags]", "I nt(flags)", "Int(flags)[0]", "Int(Int(flags))",
		"Int(flags, flags)", "Len(flags)", "[1]", `{"a": 1}`, "flags == 1", "_", "() => 1", "é", "$", "\v1", "flags\xff",
	} {
		o, ok := Value(text)
		assert.False(t, ok, "%q is %v", text, o.String())
	}
}
