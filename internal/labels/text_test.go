// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package labels

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/columns"
)

// TestB3OneTextIsOneLabel: what backends show alike is one series, and what they show
// apart is not.
func TestB3OneTextIsOneLabel(t *testing.T) {
	for name, test := range map[string]struct {
		values []any
		same   bool
	}{
		"number and text": {[]any{int64(200), 200.0, "200"}, true},
		"zeros":           {[]any{int64(0), 0.0, math.Copysign(0, -1), "0"}, true},
		"bool and text":   {[]any{true, "true"}, true},
		"not a number":    {[]any{math.NaN(), math.Float64frombits(0x7ff8000000000123), "NaN"}, true},
		"tiny and zero":   {[]any{1e-7, 0.0}, false},
		"neighbors":       {[]any{0.1, math.Nextafter(0.1, 1), float32(0.1)}, false},
		"beyond 2^53":     {[]any{int64(1<<53 + 1), float64(1 << 53)}, false},
		"signs":           {[]any{int64(1), int64(-1)}, false},
		"bool and number": {[]any{true, int64(1), "True"}, false},
		"padded":          {[]any{"200", "200 ", "0200", "200.0"}, false},
		"infinities":      {[]any{math.Inf(1), math.Inf(-1)}, false},
	} {
		t.Run(name, func(t *testing.T) {
			var schema columns.Schema
			tuples := newBatch(t, NewSelector(nil, ""), attributeLabel(&schema, "v"))
			var records []map[string]any
			for _, v := range test.values {
				records = append(records, map[string]any{"v": v})
			}
			chunk := chunkOf(t, &schema, logsWith(t, records...))
			for i := range chunk.Len() {
				idOf(t, tuples, chunk, i)
			}
			if test.same {
				assert.Equal(t, 1, tuples.Len())
			} else {
				assert.Equal(t, len(test.values), tuples.Len())
			}
		})
	}
}

// TestB3BornType: the series keeps the type of its first record, whatever comes later.
func TestB3BornType(t *testing.T) {
	for _, test := range []struct {
		values []any
		want   any
	}{
		{[]any{int64(200), "200", 200.0}, int64(200)},
		{[]any{"200", int64(200)}, "200"},
		{[]any{200.0, int64(200)}, 200.0},
		{[]any{true, "true"}, true},
		{[]any{false, "false"}, false},
		{[]any{int64(math.MinInt64)}, int64(math.MinInt64)},
		{[]any{math.SmallestNonzeroFloat64}, math.SmallestNonzeroFloat64},
	} {
		var schema columns.Schema
		tuples := newBatch(t, NewSelector(nil, ""), attributeLabel(&schema, "v"))
		var records []map[string]any
		for _, v := range test.values {
			records = append(records, map[string]any{"v": v})
		}
		chunk := chunkOf(t, &schema, logsWith(t, records...))
		for i := range chunk.Len() {
			require.Zero(t, idOf(t, tuples, chunk, i), "%v", test.values)
		}
		assert.Equal(t, map[string]any{"v": test.want}, emitted(tuples.Tuple(0).Attributes))
	}
}

// TestB3TextIsStable fixes the text of numbers, which a series is recognized by after a
// restart.
func TestB3TextIsStable(t *testing.T) {
	for _, test := range []struct {
		value any
		want  string
	}{
		{1e-7, "1e-7"},
		{1.5e-10, "1.5e-10"},
		{5e-324, "5e-324"},
		{0.000001, "0.000001"},
		{0.1, "0.1"},
		{200.0, "200"},
		{123456789012345680000.0, "123456789012345680000"},
		{1e21, "1e+21"},
		{-1e21, "-1e+21"},
		{math.MaxFloat64, "1.7976931348623157e+308"},
		{math.NaN(), "NaN"},
		{math.Inf(1), "Infinity"},
		{math.Inf(-1), "-Infinity"},
		{int64(math.MaxInt64), "9223372036854775807"},
		{int64(math.MinInt64), "-9223372036854775808"},
	} {
		text, _, err := appendText(nil, test.value)
		require.NoError(t, err)
		assert.Equal(t, test.want, string(text))
	}
}

// TestB3BackendSeesTheText: Prometheus-like exporters write an attribute as pdata's
// AsString. If that were not the label's text, then one series would have two faces,
// depending on the record that gave birth to it.
func TestB3BackendSeesTheText(t *testing.T) {
	for _, v := range []any{
		"text", "", int64(0), int64(-7), int64(math.MaxInt64), true, false,
		0.0, math.Copysign(0, -1), 1.0, 200.5, 1e-7, -1e-7, 1e-6, 1e20, 1e21, 123456789.123, 5e-324, math.MaxFloat64,
		math.NaN(), math.Inf(1), math.Inf(-1),
		[]byte{0xff, 0x00},
	} {
		value := pcommon.NewValueEmpty()
		require.NoError(t, value.FromRaw(v))
		var schema columns.Schema
		tuple := one(t, &schema, logsOf(func(r plog.LogRecord) {
			value.CopyTo(r.Attributes().PutEmpty("v"))
		}), attributeLabel(&schema, "v"))
		for _, a := range tuple.Attributes {
			m := pcommon.NewMap()
			a.PutTo(m)
			got, ok := m.Get("v")
			require.True(t, ok)
			assert.Equal(t, a.Text, got.AsString(), "%T %v", v, v)
		}
	}
}

// TestB4Text: every kind of value has a text, and none has another's.
func TestB4Text(t *testing.T) {
	at := time.Date(2024, 2, 29, 23, 59, 58, 7_000_000, time.FixedZone("", 3600))
	nested := pcommon.NewMap()
	require.NoError(t, nested.FromRaw(map[string]any{
		"z": []any{int64(1), 2.5, "<a&b>", true, nil}, "a": map[string]any{"y": []byte{1, 2}, "b": int64(-1)},
	}))
	slice := pcommon.NewSlice()
	require.NoError(t, slice.FromRaw([]any{"a", int64(1)}))
	for _, test := range []struct {
		value any
		want  string
	}{
		{nil, ""},
		{"", ""},
		{"ünï\n\x00", "ünï\n\x00"},
		{true, "true"},
		{false, "false"},
		{7, "7"},
		{[]byte{}, ""},
		{[]byte{0xfb, 0xff, 0x00}, "+/8A"},
		{nested, `{"a":{"b":-1,"y":"AQI="},"z":[1,2.5,"<a&b>",true,null]}`},
		{pcommon.NewMap(), "{}"},
		{slice, `["a",1]`},
		{pcommon.NewSlice(), "[]"},
		{[]any{}, "[]"},
		{[]any{"a", int64(1), 1.0, 0.5, true, nil, []any{"b"}}, `["a",1,1,0.5,true,null,["b"]]`},
		{[]any{nested, slice}, `[{"a":{"b":-1,"y":"AQI="},"z":[1,2.5,"<a&b>",true,null]},["a",1]]`},
		{[]string{"b", "a", `"`}, `["b","a","\""]`},
		{[]int64{3, 1}, "[3,1]"},
		{[]bool{true}, "[true]"},
		{[]float64{0, math.Copysign(0, -1), 2}, "[0,0,2]"},
		{map[string]any{"b": int64(1), "a": "x"}, `{"a":"x","b":1}`},
		{at, "2024-02-29T23:59:58.007+01:00"},
		{time.Unix(0, 0).UTC(), "1970-01-01T00:00:00Z"},
		{1500 * time.Millisecond, "1.5s"},
		{time.Duration(0), "0s"},
		{2 * time.Microsecond, "2µs"},
		{pcommon.TraceID{0xab, 15: 0x01}, "ab000000000000000000000000000001"},
		{pcommon.TraceID{}, ""},
		{pcommon.SpanID{0xab, 7: 0x01}, "ab00000000000001"},
		{pcommon.SpanID{}, ""},
		{pcommon.NewValueEmpty(), ""},
		{pcommon.NewValueStr("s"), "s"},
		{pcommon.NewValueInt(3), "3"},
		{pcommon.NewValueDouble(-0.5), "-0.5"},
		{pcommon.NewValueBool(false), "false"},
		{pcommon.NewValueMap(), "{}"},
		{pcommon.NewValueSlice(), "[]"},
		{pcommon.NewValueBytes(), ""},
		{[]any{time.Second, at, pcommon.SpanID{1}, []byte{1}}, `["1s","2024-02-29T23:59:58.007+01:00","0100000000000000","AQ=="]`},
	} {
		text, _, err := appendText([]byte("before:"), test.value)
		require.NoError(t, err, "%T", test.value)
		assert.Equal(t, "before:"+test.want, string(text), "%T", test.value)
	}
}

// TestB4UnknownTypes: a type without a defined text is an error, not a panic and not
// an empty text.
func TestB4UnknownTypes(t *testing.T) {
	type own struct{ A int }
	var nilPointer *own
	for _, v := range []any{
		own{1},
		&own{1}, nilPointer, uint64(1), int32(1), float32(1), complex(1, 1),
		struct{}{},
		[2]int{1, 2},
		map[string]string{"a": "b"},
		map[int]any{1: 2},
		make(chan int), func() {}, pcommon.Timestamp(1),
		[]any{own{1}},
		[]own{{1}},
		[]any{nil, []any{func() {}}},
		map[string]any{"a": own{1}},
		map[string]any{"a": map[string]any{"b": make(chan int)}},
	} {
		assert.NotPanics(t, func() {
			_, _, err := appendText(nil, v)
			assert.Error(t, err, "%T", v)
		}, "%T", v)
		_, err := NewList([]Definition{{Name: "l", Default: v}})
		assert.Error(t, err, "%T as a default", v)
	}
}

// TestInvalidUTF8: one byte that is not UTF-8 would make a backend refuse the payload.
func TestInvalidUTF8(t *testing.T) {
	for raw, want := range map[string]string{
		"\xff":          `\xff`,
		"a\xc3":         `a\xc3`,
		"\xc3\x28":      `\xc3(`,
		"é\xa0ü":        `é\xa0ü`,
		"\xed\xa0\x80":  `\xed\xa0\x80`, // half of a surrogate pair
		"\xc0\x80":      `\xc0\x80`,     // an overlong NUL
		"\uFFFD":        "\uFFFD",       // the replacement character itself is valid
		"\uFFFD\xfe":    "\uFFFD" + `\xfe`,
		"\x00":          "\x00",
		"\xf0\x9f\x98":  `\xf0\x9f\x98`,
		"\xf0\x9f\x98😀": `\xf0\x9f\x98😀`,
	} {
		text, _, err := appendText(nil, raw)
		require.NoError(t, err)
		assert.Equal(t, want, string(text))
	}
	// In maps and slices too, keys included; there JSON escapes the backslash.
	m := pcommon.NewMap()
	m.PutStr("k\xff", "v\xfe")
	m.PutEmptySlice("s").AppendEmpty().SetStr("\xfd")
	text, _, err := appendText(nil, m)
	require.NoError(t, err)
	assert.Equal(t, `{"k\\xff":"v\\xfe","s":["\\xfd"]}`, string(text))
}
