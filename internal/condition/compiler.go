// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package condition

import (
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/columns"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/expr"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/syntax"
)

// node is a part of a predicate.
type node struct {
	kind  syntax.TreeKind
	terms []node // of And, Or and Not
	value bool   // of a Literal

	// test evaluates a leaf over columns. An Opaque has none.
	test test
	// condition is the leaf as the OTTL library parsed it.
	condition *expr.Condition
}

// test evaluates a leaf for the records in want. Of these, match are those for which it is
// true, and odd are those that the test leaves to the OTTL library.
//
// Sets go in and out by value: behind an interface, what a pointer points to is allocated.
type test interface {
	run(chunk *columns.Chunk, want columns.Set) (match, odd columns.Set)
}

func (n *node) interpreted() int {
	if n.kind == syntax.Opaque {
		return 1
	}
	sum := 0
	for i := range n.terms {
		sum += n.terms[i].interpreted()
	}
	return sum
}

type compiler struct {
	parser     *expr.Parser
	schema     *columns.Schema
	conditions map[string]*expr.Condition // by text
}

// parseLeaves has the OTTL library parse all leaves. It returns false if it refuses one.
func (c *compiler) parseLeaves(t *syntax.Tree) bool {
	switch t.Kind {
	case syntax.And, syntax.Or, syntax.Not:
		for _, term := range t.Terms {
			if !c.parseLeaves(term) {
				return false
			}
		}
	case syntax.Comparison, syntax.Match, syntax.Opaque:
		if c.conditions[t.Text] == nil {
			condition, err := c.parser.Condition(t.Text)
			if err != nil {
				return false
			}
			c.conditions[t.Text] = condition
		}
	}
	return true
}

func (c *compiler) node(t *syntax.Tree) node {
	n := node{kind: t.Kind, value: t.Value, condition: c.conditions[t.Text]}
	switch t.Kind {
	case syntax.Comparison:
		n.test = c.comparison(t)
	case syntax.Match:
		n.test = c.match(t)
	default:
		for _, term := range t.Terms {
			n.terms = append(n.terms, c.node(term))
		}
	}
	return n
}

func (c *compiler) comparison(t *syntax.Tree) test {
	left, operator, right := t.Left, t.Operator, t.Right
	if left.IsLiteral() {
		left, operator, right = right, operator.Mirrored(), left
	}
	if left.Kind != syntax.Path || !right.IsLiteral() {
		return &pairTest{left: c.operand(&left), operator: operator, right: c.operand(&right)}
	}
	slot := c.schema.Column(left.Source)
	switch right.Kind {
	case syntax.Text:
		return newTextTest(slot, operator, right.Text)
	case syntax.Int:
		return newIntTest(slot, operator, right.Int)
	case syntax.Double:
		return newDoubleTest(slot, operator, right.Double)
	case syntax.Bool:
		return newBoolTest(slot, operator, right.Bool)
	default:
		return newNilTest(slot, operator)
	}
}
