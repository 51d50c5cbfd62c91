// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package condition

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
)

// answer is what a predicate says of one record: true, false or "error".
func answer(t testing.TB, text string, ld plog.Logs) string {
	t.Helper()
	p, chunk := compiled(t, text, ld)
	require.Equal(t, 1, chunk.Len())
	switch res := p.Eval(t.Context(), chunk, all(chunk)); {
	case res.Failed.Has(0):
		require.Error(t, res.Err)
		assert.Zero(t, res.Match)
		return "error"
	case res.Match.Has(0):
		require.NoError(t, res.Err)
		return "true"
	}
	return "false"
}

// TestValues states OTTL's semantics for each kind of value, in words that do not depend
// on the library. In a text, @ is the
// attribute with the value and % an empty one.
func TestValues(t *testing.T) {
	nan := math.NaN()
	for _, tt := range []struct {
		value any // nil is an absent attribute
		is    []string
		not   []string
		fails []string
	}{
		{
			value: nil,
			is:    []string{"@ == nil", "@ <= nil", "@ >= nil", "nil >= @", "@ != 5", `@ != "5"`, "@ != false", "Int(@) == nil", "Double(@) == nil", "@ == %", "@ <= %", `@["a"]["b"] == nil`},
			not:   []string{"@ != nil", "@ < nil", "@ > nil", "@ == 0", `@ == ""`, "@ < 5", "@ >= 5", `IsMatch(@, "")`, "@ < %"},
		},
		{
			value: []byte{},
			is:    []string{"@ == nil", "@ >= nil", "@ == %", `@ != ""`, `IsMatch(@, "^$")`},
			not:   []string{"@ != nil", "@ < nil"},
			fails: []string{"Int(@) == 1", "Double(@) == 1"},
		},
		{
			value: []byte{10, 255},
			is:    []string{"@ != nil", "@ == 0x0aff", "@ > 0x0a", `IsMatch(@, "^0aff$")`, `@ != "a"`, "@ == @"},
			not:   []string{"@ == nil", "@ >= nil", `@ == "a"`, "@ == 1"},
			fails: []string{"Int(@) == 1", "Double(@) == 1", `@["a"] == 1`},
		},
		{
			value: "5",
			is:    []string{`@ == "5"`, `@ >= "5"`, `@ < "6"`, `"4" < @`, "@ != 5", "Int(@) == 5", "Double(@) == 5", "Int(@) == 5.0", `IsMatch(@, "^[0-9]$")`, "@ != nil", "@ == @"},
			not:   []string{"@ == 5", "@ >= 5", "@ < 6", `@ != "5"`, `@ > "5"`, "@ == nil", "@ < nil", "@ == true"},
			fails: []string{`@["k"] == nil`, `@[0] == nil`},
		},
		{
			value: "abc",
			is:    []string{"Int(@) == nil", "Int(@) != 1", `IsMatch(@, "b")`, `IsMatch(@, "^a")`, `IsMatch(@, "c$")`, `IsMatch(@, "^abc$")`, `IsMatch(@, "")`, `IsMatch(@, "^(x|abc)$")`},
			not:   []string{"Int(@) >= 0", `IsMatch(@, "B")`, `IsMatch(@, "^b")`, `IsMatch(@, "b$")`, `IsMatch(@, "^ab$")`},
			fails: []string{"Double(@) == nil", "Double(@) != 1", "not (Double(@) == 1)"},
		},
		{
			value: "9223372036854775808",
			is:    []string{"Int(@) == nil", "Double(@) == 9223372036854775808.0"},
		},
		{
			value: int64(5),
			is:    []string{"@ == 5", "@ == 5.0", "@ < 5.5", "@ >= 5", "@ <= 5", "@ > 4", "@ != 4", "5 == @", "4 < @", `IsMatch(@, "^5$")`, "Int(@) == 5", "@ != nil", "@ == Double(@)"},
			not:   []string{"@ < 5", "@ > 5", "@ != 5", "@ != 5.0", `@ == "5"`, "@ == true", "@ >= nil", "@ == nil"},
		},
		{
			value: int64(1<<53 + 1),
			is:    []string{"@ == 9007199254740993", "@ != 9007199254740992", "@ > 9007199254740992", "@ == 9007199254740992.0", "@ <= 9007199254740992.0"},
			not:   []string{"@ == 9007199254740992", "@ > 9007199254740992.0"},
		},
		{
			value: int64(math.MaxInt64),
			is:    []string{"@ == 9223372036854775807", "@ >= 9223372036854775807", "@ == 9223372036854775808.0", "@ < 1.0e30", "@ > -1.0e30"},
			not:   []string{"@ > 9223372036854775807", "@ < 9223372036854775807", "@ > 1.0e30", "@ >= 1.0e30", "@ == 1.0e30"},
		},
		{
			value: int64(math.MinInt64),
			is:    []string{"@ < -9223372036854775807", "@ == -9223372036854775808.0", "@ > -1.0e30"},
			not:   []string{"@ >= -9223372036854775807", "@ < -1.0e30", "@ <= -1.0e30"},
		},
		{
			value: 5.0,
			is:    []string{"@ == 5", "@ == 5.0", "@ >= 5", "@ < 6", "Int(@) == 5", "@ == Int(@)", `IsMatch(@, "^5$")`},
			not:   []string{"@ != 5", "@ < 5", "@ > 5.0"},
		},
		{
			value: math.Copysign(0, -1),
			is:    []string{"@ == 0", "@ == 0.0", "@ == -0.0", "@ >= 0", "@ <= 0.0"},
			not:   []string{"@ < 0", "@ < 0.0", "@ != 0"},
		},
		{
			value: nan,
			is:    []string{"@ != 5", "@ != 5.0", "@ != @", "@ != nil", "not (@ >= 5)", "not (@ < 5)"},
			not:   []string{"@ == 5", "@ == @", "@ < 5", "@ >= 5", "@ > 5.0", "@ <= 5.0", "@ == nil"},
			fails: []string{`IsMatch(@, "NaN")`, `not IsMatch(@, "NaN")`},
		},
		{
			value: math.Inf(1),
			is:    []string{"@ > 1.7976931348623157e308", "@ > 9223372036854775807", "@ == @"},
			not:   []string{"@ <= 1.7976931348623157e308"},
			fails: []string{`IsMatch(@, "")`},
		},
		{
			value: true,
			is:    []string{"@ == true", "@ > false", "@ >= true", "false < @", "Int(@) == 1", "Double(@) == 1.0", `IsMatch(@, "^true$")`, "@ != 1", "@ != nil"},
			not:   []string{"@ == false", "@ < true", "@ == 1", "@ <= false", "@ == nil"},
		},
		{
			value: map[string]any{"a": int64(5), "m": map[string]any{}, "s": []any{int64(7)}},
			is: []string{
				`@["a"] == 5`, `@["b"] == nil`, `@["m"]["q"]["r"] == nil`, `@["s"][0] == 7`, "@ != nil", "@ != 5", "@ == @", `@["m"] == {}`, `@["s"] == [7]`,
				`IsMatch(@["m"], "^{}$")`, `IsMatch(@["s"], "^\\[7]$")`,
			},
			not:   []string{"@ == nil", "@ >= nil", `@ == ""`, "@ < @", "@ >= @"},
			fails: []string{`@[0] == 5`, `@["a"]["b"] == nil`, `@["s"][1] == nil`, `@["s"]["a"] == nil`, "Int(@) == 1"},
		},
	} {
		ld := plog.NewLogs()
		r := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
		if tt.value != nil {
			require.NoError(t, r.Attributes().PutEmpty("v").FromRaw(tt.value))
		}
		r.Attributes().PutEmpty("n")
		full := strings.NewReplacer("@", `attributes["v"]`, "%", `attributes["n"]`)
		check := func(want string, texts []string) {
			for _, text := range texts {
				assert.Equal(t, want, answer(t, full.Replace(text), ld), "%#v: %s", tt.value, text)
			}
		}
		check("true", tt.is)
		check("false", tt.not)
		check("error", tt.fails)
	}
}

// TestFields states OTTL's semantics for the fields of a record.
func TestFields(t *testing.T) {
	ld := plog.NewLogs()
	rl := ld.ResourceLogs().AppendEmpty()
	rl.Resource().Attributes().PutStr("service.name", "shop")
	sl := rl.ScopeLogs().AppendEmpty()
	sl.Scope().SetName("library")
	sl.Scope().Attributes().PutInt("n", 3)
	r := sl.LogRecords().AppendEmpty()
	r.Body().SetStr("text")
	r.SetSeverityNumber(plog.SeverityNumberError)
	r.SetTimestamp(math.MaxUint64)
	r.SetFlags(math.MaxUint32)
	r.SetDroppedAttributesCount(math.MaxUint32)
	r.Attributes().PutEmpty(twin)
	r.Attributes().PutInt("a", 5)
	ld, err := decoded(ld)
	require.NoError(t, err)
	require.Equal(t, 2, ld.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0).Attributes().Len())

	for text, want := range map[string]string{
		`severity_number == SEVERITY_NUMBER_ERROR`:                       "true",
		`log.severity_number >= 17 and severity_number < 18.0`:           "true",
		`severity_number != nil`:                                         "true",
		`severity_text == ""`:                                            "true",
		`time_unix_nano == -1`:                                           "true",
		`observed_time_unix_nano == 0`:                                   "true",
		`flags == 4294967295 and dropped_attributes_count > 1`:           "true",
		`trace_id.string == "00000000000000000000000000000000"`:          "true",
		`span_id.string != ""`:                                           "true",
		`event_name == "" and event_name != nil`:                         "true",
		`body == "text" and body.string == "text"`:                       "true",
		`body["k"] == nil`:                                               "error",
		`resource.attributes["service.name"] == "shop"`:                  "true",
		`resource.attributes["service.name"] == scope.name`:              "false",
		`scope.attributes["n"] == instrumentation_scope.attributes["n"]`: "true",
		`scope.name == "library" and scope.version == ""`:                "true",
		`IsMatch(scope.name, "^lib")`:                                    "true",
		`attributes["a"] == nil`:                                         "true", // of two, the first
		`attributes["a"] == 5`:                                           "false",
	} {
		assert.Equal(t, want, answer(t, text, ld), text)
	}
}

// TestLogic: terms are evaluated in order and stop at what settles the matter; literals
// settle it wherever they stand.
func TestLogic(t *testing.T) {
	ld := logsWith(t, "text")
	const fails = `Double(attributes["v"]) == 1`
	const opaque = `attributes["v"] * 2 == 1`
	for text, want := range map[string]string{
		`T and T`:                   "true",
		`T and F`:                   "false",
		`F or T`:                    "true",
		`F or F`:                    "false",
		`not T or F and T`:          "false",
		`not (T and F) and T`:       "true",
		`E`:                         "error",
		`not E`:                     "error",
		`not (not E)`:               "error",
		`E and T`:                   "error",
		`T and E`:                   "error",
		`F and E`:                   "false",
		`E and F`:                   "error",
		`T or E`:                    "true",
		`E or T`:                    "error",
		`F or E`:                    "error",
		`not E or T`:                "error",
		`not E and T`:               "error",
		`F or not E or T`:           "error",
		`not (E or T)`:              "error",
		`not (F and E)`:             "true",
		`(F and E) or T`:            "true",
		`E and false`:               "false",
		`E or true`:                 "true",
		`E and not true`:            "false",
		`E and true`:                "error",
		`E and 1 == 2`:              "false",
		`E or 1 <= 1.0`:             "true",
		`E or (true and "a" < "b")`: "true",
		`E and (E or nil == nil)`:   "error",
		`E and (E and false)`:       "false",
		`E and 0x00 == 0x01`:        "false",
		`E and 1 + 1 == 3`:          "error",
		`not (E and false)`:         "true",
	} {
		for _, failing := range []string{fails, opaque} {
			full := strings.NewReplacer("T", `attributes["v"] == "text"`, "F", `attributes["v"] != "text"`, "E", failing).Replace(text)
			assert.Equal(t, want, answer(t, full, ld), full)
		}
	}
}

// TestFailedAmongOthers: what fails in one record is kept apart from what is false in the
// next, at every place of an expression.
func TestFailedAmongOthers(t *testing.T) {
	values := []any{"text", int64(1), "5", nil, 1.5, true}
	same := func(text string, match, failed []int) {
		p, chunk := compiled(t, text, logsWith(t, values...))
		res := p.Eval(t.Context(), chunk, all(chunk))
		assert.Equal(t, match, list(res.Match), text)
		assert.Equal(t, failed, list(res.Failed), text)
	}
	same(`Double(attributes["v"]) >= 1`, []int{1, 2, 4, 5}, []int{0})
	same(`not (Double(attributes["v"]) >= 1)`, []int{3}, []int{0})
	same(`not (Double(attributes["v"]) >= 1) or attributes["v"] == "text"`, []int{3}, []int{0})
	same(`attributes["v"] == "text" or Double(attributes["v"]) >= 1`, []int{0, 1, 2, 4, 5}, nil)
	same(`attributes["v"] * 2 > 1 and attributes["v"] != 1`, []int{4}, []int{0, 2, 3, 5})
}

func TestTimeWraps(t *testing.T) {
	ld := plog.NewLogs()
	records := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords()
	for _, ts := range []pcommon.Timestamp{0, 1, math.MaxInt64, math.MaxInt64 + 1, math.MaxUint64} {
		records.AppendEmpty().SetTimestamp(ts)
	}
	p, chunk := compiled(t, `time_unix_nano < 0`, ld)
	res := p.Eval(t.Context(), chunk, all(chunk))
	assert.Equal(t, []int{3, 4}, list(res.Match))
}
