// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// FuzzParse: no text makes the parser panic, and what it makes of a text that the library
// accepts is made of parts that the library accepts.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		`attributes["a"] == 1 and (not body == "b" or IsMatch(body, "c"))`, `Int(log.attributes["a"][0]["b"]) >= -1.5e3`,
		`(1 + 2) * flags == 6 or true`, `((true)) and nil != resource.attributes["x"]`, `Concat([body, "("], ")") == "\xff"`,
		`attributes["a"] == 0x01 or {"a": [1, 2.]} == body`, `scope.name<severity_text`, `not(flags>=SEVERITY_NUMBER_WARN)`, `a => b`, `"("flags == 1")"`,
	} {
		f.Add(text)
	}
	library := newParser(f)
	f.Fuzz(func(t *testing.T, text string) {
		if isDeep(text) {
			t.Skip("the library takes seconds for it")
		}
		tree := Parse(text)
		if tree.Kind != Opaque {
			assert.Equal(t, tree.String(), Parse("( "+text+"\n)").String())
		}
		Value(text)
		if _, err := library.Condition(text); err != nil {
			return
		}
		var walk func(*Tree)
		walk = func(tree *Tree) {
			switch tree.Kind {
			case And, Or, Not:
				for _, term := range tree.Terms {
					assert.NotEqual(t, tree.Kind, term.Kind)
					walk(term)
				}
			case Literal:
			default:
				assert.Contains(t, text, tree.Text)
				_, err := library.Condition(tree.Text)
				assert.NoError(t, err, "a part of %q", text)
			}
		}
		walk(tree)
	})
}

// isDeep reports whether text is so nested that the library, which takes time exponential
// in the depth of calls, would make a fuzzer wait.
func isDeep(text string) bool {
	depth, most := 0, 0
	for _, r := range text {
		switch r {
		case '(':
			depth++
			most = max(most, depth)
		case ')':
			depth--
		}
	}
	return most > 8
}
