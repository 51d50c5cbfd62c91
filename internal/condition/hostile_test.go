// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package condition

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/columns"
)

// TestManyTerms: a condition of a thousand terms, each about another attribute or value.
func TestManyTerms(t *testing.T) {
	const n = 1000
	var values []any
	for i := range columns.Size {
		values = append(values, int64(i*2))
	}
	ld := logsWith(t, values...)
	var or, and []string
	for i := range n {
		or = append(or, fmt.Sprintf(`attributes["v"] == %d`, i))
		and = append(and, fmt.Sprintf(`(attributes["v"] != %d and attributes["none%d"] == nil)`, i, i%200))
	}
	p, chunk := compiled(t, strings.Join(or, " or "), ld)
	assert.Zero(t, p.Interpreted())
	res := p.Eval(t.Context(), chunk, all(chunk))
	assert.Equal(t, columns.First(n/2), res.Match)

	p, chunk = compiled(t, strings.Join(and, " and "), ld)
	assert.Zero(t, p.Interpreted())
	res = p.Eval(t.Context(), chunk, all(chunk))
	first := columns.First(n / 2)
	last := columns.First(columns.Size)
	assert.Equal(t, last.Without(&first), res.Match)
}

// TestDeepNesting: brackets around brackets cost nothing at evaluation.
func TestDeepNesting(t *testing.T) {
	const n = 200
	text := `attributes["v"] == 1`
	for i := range n {
		text = fmt.Sprintf(`attributes["v"] != %d and (%s)`, i+2, text)
		if i%2 == 0 {
			text = "not (not (" + text + "))"
		}
	}
	p, chunk := compiled(t, text, logsWith(t, int64(1), int64(7)))
	assert.Zero(t, p.Interpreted())
	res := p.Eval(t.Context(), chunk, all(chunk))
	assert.Equal(t, []int{0}, list(res.Match))
}

// TestLargeBody: a body of 10 MB is looked at and neither copied nor kept.
func TestLargeBody(t *testing.T) {
	const size = 10 << 20
	body := strings.Repeat("0123456789\n", size/11) + "end"
	ld := plog.NewLogs()
	r := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
	r.Body().SetStr(body)
	r.Attributes().PutStr("same", body)
	for text, want := range map[string]bool{
		`IsMatch(body, "")`:                  true,
		`IsMatch(body, ".*")`:                true,
		`IsMatch(body, "^(?s:.*)$")`:         true,
		`IsMatch(body, ".*.*.*")`:            true,
		`IsMatch(body, "end$")`:              true,
		`IsMatch(body, "^end")`:              false,
		`IsMatch(body, "9\n0")`:              true,
		`IsMatch(body, "nowhere|elsewhere")`: false,
		`body == attributes["same"]`:         true,
		`body == "0123456789"`:               false,
		`body > "01234567890"`:               false,
		`Int(body) == nil`:                   true,
	} {
		p, chunk := compiled(t, text, ld)
		require.Zero(t, p.Interpreted(), text)
		res := p.Eval(t.Context(), chunk, all(chunk))
		assert.Equal(t, want, res.Match.Has(0), text)
		assert.Zero(t, res.Failed, text)
	}
}

// TestCompileErrors are those of the OTTL library, with line and column.
func TestCompileErrors(t *testing.T) {
	parser := newParser(t)
	for _, text := range []string{
		"", "   ", "body", "and", `"a" = "b"`, "nowhere == 1", "not not true", `attributes["a"] == 1 and`, "(true", "true)", "1 == 1 == 1",
		`IsMatch(body, "(")`, `IsMatch(body)`, `body == "\q"`, "flags == 9223372036854775808", "SEVERITY_NUMBER_NONE == 1", "() => true", strings.Repeat("(", 100),
	} {
		_, want := parser.Condition(text)
		require.Error(t, want, text)
		p, err := Compile(text, parser, &columns.Schema{})
		assert.Nil(t, p)
		assert.EqualError(t, err, want.Error(), text)
	}
}

// TestInterpreted counts what is left of the library after constants are folded.
func TestInterpreted(t *testing.T) {
	parser := newParser(t)
	for text, want := range map[string]int{
		`attributes["a"] == 1`:                              0,
		`IsMatch(body, "a") and not (flags > 1 or true)`:    0,
		`Len(body) == 1`:                                    1,
		`Len(body) == 1 and (Len(body) == 2 or flags == 1)`: 2,
		`not (Len(body) == 1 and false) and IsString(body)`: 1,
		`body == 1 or 0x00 == 0x00`:                         1, // the whole of it
		`body == 1 or IsMatch(body, attributes["x"])`:       1,
	} {
		p, err := Compile(text, parser, &columns.Schema{})
		require.NoError(t, err, text)
		assert.Equal(t, want, p.Interpreted(), text)
	}
}

// TestString: equal texts are what makes annotations share a condition.
func TestString(t *testing.T) {
	parser := newParser(t)
	text := func(source string) string {
		p, err := Compile(source, parser, &columns.Schema{})
		require.NoError(t, err)
		return p.String()
	}
	assert.Equal(t, text(`body == "a" and Len(body)==1`), text("((log.body==\"a\")\nand ( Len( body ) == 1 ))"))
	assert.NotEqual(t, text(`body == "a"`), text(`body == "b"`))
	assert.NotEqual(t, text(`body == 1`), text(`body == 1.0`))
	assert.NotEqual(t, text(`Len(body) == 1`), text(`Len(body) == 2`))
}

// TestNoAllocation: compiled conditions allocate nothing, whatever they meet, as long as
// it is no error.
func TestNoAllocation(t *testing.T) {
	values := []any{int64(5), 5.5, "5", "abc", "", nil, true, "99999999999999999999"}
	ld := logsWith(t, values...)
	for _, text := range []string{
		`attributes["v"] == 5`, `attributes["v"] < 5.5`, `attributes["v"] != "abc"`, `attributes["v"] >= "abc"`, `attributes["v"] == nil`, `attributes["v"] > false`,
		`attributes["v"] == attributes["w"]`, `Int(attributes["v"]) == 5`, `Int(attributes["v"]) != Int(attributes["w"])`, `IsMatch(body, "^(a|b)")`,
		`IsMatch(attributes["w"], "^[a-z]+$")`, `not (attributes["v"] == 5 or attributes["v"] == "abc") and (flags == 0 or severity_number > 9)`, `true`,
	} {
		p, chunk := compiled(t, text, ld)
		ctx := t.Context()
		assert.Zero(t, testing.AllocsPerRun(20, func() { p.Eval(ctx, chunk, all(chunk)) }), text)
	}
}

// TestOneOddRecord: the library is asked about the records that need it and no others, so
// that a rare value does not make all records slow.
func TestOneOddRecord(t *testing.T) {
	values := make([]any, columns.Size)
	for i := range values {
		values[i] = "1.5"
	}
	values[100] = []byte{1}
	p, chunk := compiled(t, `Double(attributes["v"]) > 1`, logsWith(t, values...))
	_, odd := p.root.test.run(chunk, columns.First(chunk.Len()))
	assert.Equal(t, []int{100}, list(odd))
	// Nor about records that the terms before have settled.
	_, odd = p.root.test.run(chunk, columns.First(100))
	assert.Zero(t, odd)
}
