// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package condition

import (
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/syntax"
)

// fold replaces what does not depend on the record by literals, as the OTTL library does
// while it parses. There, a literal decides over the terms before it as well: `x and false`
// is false even where x fails.
func fold(t *syntax.Tree) *syntax.Tree {
	switch t.Kind {
	case syntax.And:
		return foldTerms(t, false)
	case syntax.Or:
		return foldTerms(t, true)
	case syntax.Not:
		term := fold(t.Terms[0])
		if term.Kind == syntax.Literal {
			return literal(!term.Value)
		}
		return &syntax.Tree{Kind: syntax.Not, Terms: []*syntax.Tree{term}}
	case syntax.Comparison:
		if t.Left.IsLiteral() && t.Right.IsLiteral() {
			return literal(compareLiterals(t.Left.Literal(), t.Operator, t.Right.Literal()))
		}
	}
	return t
}

// foldTerms folds an And or an Or; decisive is the value of a term that settles it.
func foldTerms(t *syntax.Tree, decisive bool) *syntax.Tree {
	var terms []*syntax.Tree
	for _, term := range t.Terms {
		term = fold(term)
		switch {
		case term.Kind != syntax.Literal:
			terms = append(terms, term)
		case term.Value == decisive:
			return literal(decisive)
		}
	}
	switch len(terms) {
	case 0:
		return literal(!decisive)
	case 1:
		return terms[0]
	}
	return &syntax.Tree{Kind: t.Kind, Terms: terms}
}

func literal(value bool) *syntax.Tree {
	return &syntax.Tree{Kind: syntax.Literal, Value: value}
}

func compareLiterals(left any, operator syntax.Operator, right any) bool {
	c := ottl.NewValueComparator()
	switch operator {
	case syntax.Equal:
		return c.Equal(left, right)
	case syntax.NotEqual:
		return c.NotEqual(left, right)
	case syntax.Less:
		return c.Less(left, right)
	case syntax.LessEqual:
		return c.LessEqual(left, right)
	case syntax.Greater:
		return c.Greater(left, right)
	default:
		return c.GreaterEqual(left, right)
	}
}
