// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package values

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/contexts/ottllog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/expr"
)

// TestB7Text: text is a number if it is a JSON number, whatever else Go can parse.
func TestB7Text(t *testing.T) {
	for text, want := range map[string]float64{
		"0":                                    0,
		"7":                                    7,
		"-7":                                   -7,
		"+1":                                   1,
		"+0.5":                                 0.5,
		" 7\t":                                 7,
		"\r\n\v\f 7 \n":                        7,
		" +7 ":                                 7,
		"200.0":                                200,
		"1e3":                                  1000,
		"1E3":                                  1000,
		"1e+3":                                 1000,
		"1e-3":                                 0.001,
		"-1.5e-3":                              -0.0015,
		"1e03":                                 1000,
		"0e5":                                  0,
		"0.10":                                 0.1,
		"1e-400":                               0, // closest to zero
		"-0":                                   0,
		"-0.0":                                 0,
		"5e-324":                               5e-324,
		"1.7976931348623157e308":               math.MaxFloat64,
		"9007199254740993":                     9007199254740992,
		"123456789012345678901":                123456789012345678901,
		strings.Repeat("1", 308):               1.1111111111111111e307,
		"0." + strings.Repeat("0", 1000) + "1": 0,
	} {
		got, reading := Number(text)
		assert.Equal(t, Measured, reading, "%q", text)
		assert.InDelta(t, want, got, 0, "%q", text)
	}
	for _, text := range []string{
		"NaN", "nan", "+Inf", "-inf", "Inf", "Infinity", "+Infinity", "infinity",
		"0x1p4", "0x10", "0X1P-2", "0b1", "0o7", "1_000", "1,000", "1e400", "-1e400", "1.8e308", strings.Repeat("9", 310),
		".5", "5.", "-.5", "+.5", "5.e3", ".", "-", "+", "e5", "1e", "1e+", "1e-", "1e5.0", "01", "-01", "+01", "00", "0 0",
		"+-1", "-+1", "--1", "++1", "+ 1", "- 1", "1 2", "1.2.3", "1-", "1+1", "12ms", "1.5s", "50%", "$5", "1f", "1i",
		"true", "false", "null", "abc", `"5"`, "[5]", "{}", "\x00", "5\x00", "\xff", "5\xff",
		"\u00a07", "7\u00a0", "\u20037", "\u30007", "\u0085" + "7", "\ufeff7", "٣", "７", "½", "−1", "²",
		" ", "\t\n",
	} {
		got, reading := Number(text)
		assert.Equal(t, Invalid, reading, "%q gave %v", text, got)
	}
	_, reading := Number("")
	assert.Equal(t, Missing, reading)
}

// TestB7NegativeZero: it must not be taken for a negative number.
func TestB7NegativeZero(t *testing.T) {
	for _, v := range []any{"-0", "-0.0", "-1e-400", math.Copysign(0, -1)} {
		got, reading := Number(v)
		assert.Equal(t, Measured, reading)
		assert.GreaterOrEqual(t, got, 0.0)
		assert.Zero(t, got)
	}
}

// TestNumberTypes: what each type that OTTL yields is as a measurement.
func TestNumberTypes(t *testing.T) {
	value := func(raw any) pcommon.Value {
		v := pcommon.NewValueEmpty()
		require.NoError(t, v.FromRaw(raw))
		return v
	}
	for _, test := range []struct {
		value any
		want  float64
	}{
		{int64(-3), -3},
		{int64(math.MaxInt64), 9223372036854775807},
		{0.25, 0.25},
		{-math.MaxFloat64, -math.MaxFloat64},
		{math.SmallestNonzeroFloat64, math.SmallestNonzeroFloat64},
		{true, 1},
		{false, 0},
		{90 * time.Second, 90},
		{-1500 * time.Microsecond, -0.0015},
		{time.Nanosecond, 1e-9},
		{time.Duration(0), 0},
		{time.Duration(math.MaxInt64), 9223372036.854776},
		{value(int64(4)), 4},
		{value(0.5), 0.5},
		{value(true), 1},
		{value("  12 "), 12},
	} {
		got, reading := Number(test.value)
		assert.Equal(t, Measured, reading, "%T %v", test.value, test.value)
		assert.InDelta(t, test.want, got, 0, "%T %v", test.value, test.value)
	}
	for _, v := range []any{nil, "", []byte{}, pcommon.NewValueEmpty(), value(""), pcommon.NewValueBytes()} {
		_, reading := Number(v)
		assert.Equal(t, Missing, reading, "%T", v)
	}
	for _, v := range []any{
		math.NaN(), math.Inf(1), math.Inf(-1), []byte("5"),
		[]any{int64(5)},
		[]string{"5"},
		map[string]any{"a": 5},
		pcommon.NewMap(), pcommon.NewSlice(), value([]any{int64(1)}), value(map[string]any{"a": int64(1)}), value([]byte("5")),
		value(math.NaN()), value("NaN"), time.Now(),
		pcommon.TraceID{1},
		pcommon.SpanID{1},
		struct{}{},
		new(int64),
	} {
		assert.NotPanics(t, func() {
			_, reading := Number(v)
			assert.Equal(t, Invalid, reading, "%T", v)
		}, "%T", v)
	}
}

// TestNumberOfExpressions: whatever an expression that plainly is a number yields, it is
// measured.
func TestNumberOfExpressions(t *testing.T) {
	parser, err := expr.NewParser(componenttest.NewNopTelemetrySettings())
	require.NoError(t, err)
	ld := plog.NewLogs()
	rl := ld.ResourceLogs().AppendEmpty()
	sl := rl.ScopeLogs().AppendEmpty()
	r := sl.LogRecords().AppendEmpty()
	r.Body().SetStr(`{"latency": 12.5, "text": "7"}`)
	r.SetTimestamp(1_700_000_000_000_000_000)
	r.Attributes().PutEmptySlice("list").AppendEmpty().SetInt(3)
	record := ottllog.NewTransformContextPtr(rl, sl, r)
	for text, want := range map[string]float64{
		`1`:                                 1,
		`1.5 * 2.0`:                         3,
		`Len(body)`:                         30,
		`ParseJSON(body)["latency"]`:        12.5,
		`ParseJSON(body)["text"]`:           7,
		`attributes["list"][0]`:             3,
		`Duration("1.5s")`:                  1.5,
		`Milliseconds(Duration("1.5s"))`:    1500,
		`Unix(1)- Unix(0)`:                  1,
		`severity_number`:                   0,
		`IsString(body)`:                    1,
		`URL("http://a:8080/")["url.port"]`: 8080,
		`Int("5")`:                          5,
		`Double("5.5")`:                     5.5,
		`ExtractPatterns("a7", "(?P<n>\\d)")["n"]`: 7,
		`UnixNano(log.time)`:                       1_700_000_000_000_000_000,
		`Split("4,5", ",")[1]`:                     5,
		`Hour(log.time)`:                           22,
	} {
		v, err := parser.Value(text)
		if !assert.NoError(t, err, text) {
			continue
		}
		val, err := v.Eval(t.Context(), record)
		if !assert.NoError(t, err, text) {
			continue
		}
		got, reading := Number(val)
		assert.Equal(t, Measured, reading, "%s yields %T", text, val)
		assert.InDelta(t, want, got, 0, text)
	}
}

// FuzzNumber compares with encoding/json, which is the grammar's other reader.
func FuzzNumber(f *testing.F) {
	for _, text := range []string{"0", "-0", "01", "1e400", "+1", "+-1", " 7\t", "1_000", "0x1p4", ".5", "5.", "NaN", "\u00a07", "1E+2", ""} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, reading := Number(text)
		if reading == Measured {
			require.False(t, math.IsNaN(got) || math.IsInf(got, 0))
		} else {
			require.Zero(t, got)
		}
		if text == "" || strings.ContainsRune("+ \t\n\v\f\r", rune(text[0])) || strings.TrimRight(text, " \t\n\v\f\r") != text {
			return // here text is read more widely than in JSON
		}
		var number json.Number
		err := json.Unmarshal([]byte(text), &number)
		if err != nil || text[0] == '"' || text == "null" { // a json.Number takes these too
			require.Equal(t, Invalid, reading)
			return
		}
		want, err := strconv.ParseFloat(text, 64)
		if err != nil {
			require.Equal(t, Invalid, reading)
			return
		}
		require.Equal(t, Measured, reading)
		require.Equal(t, math.Float64bits(want), math.Float64bits(got))
	})
}
