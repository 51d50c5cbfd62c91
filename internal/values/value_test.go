// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package values

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/columns"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/expr"
)

// odd is one of each kind of value, and of each that is read in a way of its own.
var odd = []any{
	nil, "", " ", "5", " 5 ", "+5", "-5", "5.5", "1e3", "-0", "0x10", "1_000", "NaN", "Inf", "-inf", "1e400", "text", "-", "+",
	"9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "00012", "\xff",
	int64(0), int64(-1), int64(math.MaxInt64), int64(math.MinInt64), int64(1<<53 + 1),
	0.0, math.Copysign(0, -1), 1.5, -1.5, math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, 1e300, 5e-324,
	true, false,
	[]byte{},
	[]byte("5"),
	map[string]any{},
	map[string]any{"k": int64(5)},
	map[string]any{"k": "x"},
	[]any{},
	[]any{int64(1)},
}

func oddLogs(t *testing.T) plog.Logs {
	ld := plog.NewLogs()
	records := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords()
	records.AppendEmpty() // without the attribute
	for _, v := range odd {
		r := records.AppendEmpty()
		require.NoError(t, r.Attributes().PutEmpty("v").FromRaw(v))
		require.NoError(t, r.Body().FromRaw(v))
		r.SetSeverityNumber(plog.SeverityNumberWarn)
	}
	return ld
}

func newParser(t testing.TB) *expr.Parser {
	parser, err := expr.NewParser(componenttest.NewNopTelemetrySettings())
	require.NoError(t, err)
	return parser
}

// TestReadAsOTTLDoes: what is read from columns is what OTTL yields, record by record,
// with its error.
func TestReadAsOTTLDoes(t *testing.T) {
	parser := newParser(t)
	for text, isInterpreted := range map[string]bool{
		`attributes["v"]`: false, `Int(attributes["v"])`: false, `Double(attributes["v"])`: false,
		`attributes["v"]["k"]`: false, `attributes["v"][0]`: false, `Int(attributes["v"]["k"])`: false,
		`body`: false, `Double(body)`: false, `Int(body.string)`: false, `severity_number`: false,
		`5`: false, `5.5`: false, `-5`: true, `"5"`: false, `" 7 "`: false, `true`: false, `SEVERITY_NUMBER_WARN`: false,
		`"text"`: true, `nil`: true, `attributes["v"] * 2`: true, `Len(body.string)`: true,
	} {
		t.Run(text, func(t *testing.T) {
			var schema columns.Schema
			v, err := Compile(text, parser, &schema)
			require.NoError(t, err)
			if text != "-5" { // either will do
				assert.Equal(t, isInterpreted, v.Interpreted())
			}
			chunk := columns.NewChunk(&schema)
			reader := columns.NewReader(oddLogs(t))
			require.True(t, reader.Next(chunk))
			for _, step := range []int{1, 2} { // all records, and every second one
				var wanted columns.Set
				for i := 0; i < chunk.Len(); i += step {
					wanted.Add(i)
				}
				var got, want Numbers
				v.Read(t.Context(), chunk, &wanted, &got)
				(&Value{ottl: v.ottl}).Read(t.Context(), chunk, &wanted, &want)
				for i := range chunk.Len() {
					require.Equal(t, want.Measured.Has(i), got.Measured.Has(i), "record %d", i)
					require.Equal(t, want.Missing.Has(i), got.Missing.Has(i), "record %d", i)
					require.Equal(t, want.Invalid.Has(i), got.Invalid.Has(i), "record %d", i)
					require.Equal(t, want.Failed.Has(i), got.Failed.Has(i), "record %d", i)
					if got.Measured.Has(i) {
						require.Equal(t, math.Float64bits(want.Of[i]), math.Float64bits(got.Of[i]), "record %d", i)
					}
				}
				if want.Err != nil {
					assert.EqualError(t, got.Err, want.Err.Error())
				} else {
					assert.NoError(t, got.Err)
				}
				assert.Equal(t, wanted.Len(), got.Measured.Len()+got.Missing.Len()+got.Invalid.Len()+got.Failed.Len())
			}
		})
	}
}

func TestCompileError(t *testing.T) {
	_, err := Compile("body ==", newParser(t), &columns.Schema{})
	assert.Error(t, err)
}

// TestReadAllocatesNothing: neither for numbers nor for text that is or is no number.
func TestReadAllocatesNothing(t *testing.T) {
	parser := newParser(t)
	for _, text := range []string{`attributes["v"]`, `Int(attributes["v"])`, `7`} {
		var schema columns.Schema
		v, err := Compile(text, parser, &schema)
		require.NoError(t, err)
		ld := plog.NewLogs()
		records := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords()
		for _, s := range []string{"12", "-", "", "x1"} {
			records.AppendEmpty().Attributes().PutStr("v", s)
		}
		records.AppendEmpty().Attributes().PutInt("v", 5)
		records.AppendEmpty().Attributes().PutDouble("v", 5)
		chunk := columns.NewChunk(&schema)
		reader := columns.NewReader(ld)
		require.True(t, reader.Next(chunk))
		wanted := columns.First(chunk.Len())
		var n Numbers
		assert.Zero(t, testing.AllocsPerRun(10, func() { v.Read(t.Context(), chunk, &wanted, &n) }), text)
	}
}
