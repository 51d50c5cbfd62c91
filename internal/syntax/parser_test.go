// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/expr"
)

func newParser(t testing.TB) *expr.Parser {
	t.Helper()
	p, err := expr.NewParser(componenttest.NewNopTelemetrySettings())
	require.NoError(t, err)
	return p
}

// outline writes a tree with one letter a leaf: c for Comparison, m for Match and o for
// Opaque.
func outline(t *Tree) string {
	var terms []string
	for _, term := range t.Terms {
		terms = append(terms, outline(term))
	}
	switch t.Kind {
	case And:
		return "(" + strings.Join(terms, " and ") + ")"
	case Or:
		return "(" + strings.Join(terms, " or ") + ")"
	case Not:
		return "not " + terms[0]
	case Comparison:
		return "c"
	case Match:
		return "m"
	case Opaque:
		return "o"
	}
	return t.String()
}

func TestParse(t *testing.T) {
	library := newParser(t)
	for text, want := range map[string]string{
		`attributes["a"] == 1`:                                 "c",
		`1 < attributes["a"]`:                                  "c",
		`(attributes["a"]) >= (-1.5)`:                          "c",
		`Int(attributes["a"]) == Double(body)`:                 "c",
		`nil != nil`:                                           "c",
		`IsMatch(body, "a")`:                                   "m",
		`IsMatch(body["a"][0], "a\\.b")`:                       "m",
		`true`:                                                 "true",
		`(((false)))`:                                          "false",
		`true == true`:                                         "c",
		`not true`:                                             "not true",
		`not (not (flags == 1))`:                               "c",
		`not(flags == 1)`:                                      "not c",
		`flags==1and(flags==2or true)`:                         "(c and (c or true))",
		`flags == 1 and flags == 2 or flags == 3`:              "((c and c) or c)",
		`flags == 1 or flags == 2 and flags == 3`:              "(c or (c and c))",
		`(flags == 1 and flags == 2) and flags == 3`:           "(c and c and c)",
		`flags == 1 or (flags == 2 or (flags == 3))`:           "(c or c or c)",
		`flags == 1 and not (flags == 2 and not flags == 3)`:   "(c and not (c and not c))",
		`IsString(body)`:                                       "o",
		`IsMatch(body, body) and IsMatch("a", "a")`:            "(o and o)",
		`IsMatch(pattern = "a", target = body)`:                "o",
		`Is Match(body, "a")`:                                  "o",
		`IsMatch(body, "a") == true`:                           "o",
		`attributes["a"] + 1 == 2 and flags == 1`:              "(o and c)",
		`(flags + 1) * 2 == 2 or flags == 1`:                   "(o or c)",
		`-flags == 1`:                                          "o",
		`attributes["a"] == 0x01 and attributes == body`:       "(o and o)",
		`attributes["a"][attributes["b"]] == 1`:                "o",
		`attributes["a"][-1] == 1`:                             "o",
		`Int("5") == 5 and Int(target = flags) == 5`:           "(o and o)",
		`Concat(["and", "or"], " not ") == "a or b"`:           "o",
		`attributes[" and "] == ") or ("`:                      "c",
		`cache["a"] == nil and time > Now()`:                   "(o and o)",
		`resource.dropped_attributes_count == 0`:               "o",
		`log.trace_id.string == "" or span_id.string == ""`:    "(c or c)",
		`instrumentation_scope.name == scope.version`:          "c",
		`flags == 9223372036854775807`:                         "c",
		`1 + 1 == 2`:                                           "o",
		`flags == 1 and 0x01 == 0x01`:                          "o", // folded by the library
		`flags == 1 or [1] == [1]`:                             "o",
		`flags == 1 or "(" == body`:                            "o", // "(" is also a bracket
		`"(" flags == 1 or flags == 2 ")"`:                     "o",
		`"[" == "(" and flags == 1`:                            "o",
		`Len(Filter(attributes, (k, v) => true)) == 1`:         "o",
		`flags == 1 or Any(attributes["a"], (_, v) => v == 1)`: "o",
	} {
		t.Run(text, func(t *testing.T) {
			_, err := library.Condition(text)
			if !strings.Contains(text, "=>") { // lambdas have no function yet
				require.NoError(t, err)
			}
			tree := Parse(text)
			assert.Equal(t, want, outline(tree))
			if tree.Kind == Opaque {
				assert.Equal(t, text, tree.Text)
			}
		})
	}
}

// TestKeywordInName: `or` is no keyword where the word goes on.
func TestKeywordInName(t *testing.T) {
	assert.Equal(t, "(o and c)", outline(Parse("ForEach(body) == 1 and flags == 1")))
}

// TestLeaves: a leaf knows its source.
func TestLeaves(t *testing.T) {
	tree := Parse("\tnot ( attributes[\"a\"]  ==\n1 )and(IsMatch( body,\"b\" ) or Len(body) > (1+2))")
	var texts []string
	var walk func(*Tree)
	walk = func(t *Tree) {
		if t.Text != "" {
			texts = append(texts, t.Text)
		}
		for _, term := range t.Terms {
			walk(term)
		}
	}
	walk(tree)
	assert.Equal(t, []string{"attributes[\"a\"]  ==\n1", `IsMatch( body,"b" )`, "Len(body) > (1+2)"}, texts)
}

// TestString: what users write in different ways is known to be equal, and nothing else.
func TestString(t *testing.T) {
	seen := map[string]string{}
	for _, texts := range [][]string{
		{`attributes["a"] == 1`, "attributes [ \"a\" ]\n==\t1", `((attributes["a"] == (+1)))`, `log.attributes["\x61"]==01`, `not (not attributes["a"] == 1)`},
		{`attributes["a"] == 1.0`, `attributes["a"] == 1.`},
		{`attributes["a"] == "1"`},
		{`attributes["a"][1] == 1`},
		{`attributes["a"]["1"] == 1`},
		{`body["a"] == 1`},
		{`attributes["a"] != 1`},
		{`not attributes["a"] == 1`, `not(attributes["a"] == 1)`},
		{`1 == attributes["a"]`},
		{`attributes["a"] == nil`},
		{`attributes["a"] == true`},
		{`flags == 1 and body == "a"`, `(flags == 1) and ((body == "a"))`},
		{`body == "a" and flags == 1`},
		{`flags == 1 or body == "a"`},
		{`flags == 1 and (body == "a" or flags == 2)`, `((flags == 1) and ((body == "a" or (flags == 2))))`},
		{`flags == 1 and body == "a" or flags == 2`},
		{`Int(flags) == 1`, `Int( flags )==1`},
		{`Double(flags) == 1`},
		{`IsMatch(body, "a")`, `IsMatch ( body , "a")`, `(IsMatch(log.body, "a"))`},
		{`IsMatch(body, "b")`},
		{`IsMatch(body.string, "a")`},
		{`Len(body) == 1`, `Len ( body )==1`},
		{`Len(body) == 11`},
		{`severity_number >= SEVERITY_NUMBER_WARN`, `severity_number >= 13`},
		{`true`, `(true)`},
		{`true == true`},
		{`0x01 == 0x01`},
	} {
		want := Parse(texts[0]).String()
		assert.Empty(t, seen[want], texts[0])
		seen[want] = texts[0]
		for _, text := range texts {
			assert.Equal(t, want, Parse(text).String(), text)
		}
	}
}

// TestHostileNesting: no text exhausts the stack or takes more than linear time, which
// would be minutes here.
func TestHostileNesting(t *testing.T) {
	const n = 100_000
	tree := Parse(strings.Repeat("(", 1000) + "flags == 1" + strings.Repeat(")", 1000))
	assert.Equal(t, Comparison, tree.Kind)
	tree = Parse(strings.Repeat("(", 1000) + "flags" + strings.Repeat(")", 1000) + " == 1")
	assert.Equal(t, Comparison, tree.Kind)
	for _, text := range []string{
		strings.Repeat("(", n) + "flags == 1" + strings.Repeat(")", n),
		strings.Repeat("(", n) + "flags" + strings.Repeat(")", n) + " == 1",
		strings.Repeat("not (", n) + "flags == 1" + strings.Repeat(")", n),
		strings.Repeat("(", n),
		strings.Repeat(")", n),
		strings.Repeat("(flags == 1 and ", n) + "true" + strings.Repeat(")", n),
		strings.Repeat("not ", n) + "flags == 1",
		strings.Repeat("-", n) + "1 == 1",
		strings.Repeat("flags", n),
		"attributes" + strings.Repeat("[", n) + strings.Repeat("]", n),
	} {
		assert.Equal(t, Opaque, Parse(text).Kind, text[:20])
	}
	tree = Parse(strings.Repeat("flags == 1 and ", n) + "flags == 2")
	assert.Len(t, tree.Terms, n+1)
	_, ok := Value(strings.Repeat("(", n) + "1" + strings.Repeat(")", n))
	assert.False(t, ok)
}
