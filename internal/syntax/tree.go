// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import "strings"

// TreeKind says what a node of a boolean expression is.
type TreeKind uint8

// The kinds of nodes.
const (
	// And is true if all Terms are. OTTL evaluates them in order and stops at the first
	// that is false or fails.
	And TreeKind = iota
	// Or is true if one of Terms is. OTTL stops at the first that is true or fails.
	Or
	// Not is true if its only term is false.
	Not
	// Literal is `true` or `false`.
	Literal
	// Comparison compares Left and Right.
	Comparison
	// Match is `IsMatch(Left, "Pattern")`, and Left is a Path.
	Match
	// Opaque is left to the OTTL library.
	Opaque
)

// Tree is a boolean expression.
type Tree struct {
	Kind TreeKind
	// Terms are the operands of And, Or and Not. No term of an And is an And, no term of
	// an Or is an Or and no term of a Not is a Not: such brackets change nothing.
	Terms []*Tree
	// Value is the value of a Literal.
	Value bool
	// Text is the source of a Comparison, a Match or an Opaque.
	Text string

	Left, Right Operand
	Operator    Operator
	Pattern     string

	canonical string // of an Opaque
}

// Operator is a comparison operator.
type Operator uint8

// The operators.
const (
	Equal Operator = iota
	NotEqual
	Less
	LessEqual
	Greater
	GreaterEqual
)

var operators = map[string]Operator{
	"==": Equal, "!=": NotEqual, "<": Less, "<=": LessEqual, ">": Greater, ">=": GreaterEqual,
}

// String returns the operator in OTTL.
func (o Operator) String() string {
	return [...]string{"==", "!=", "<", "<=", ">", ">="}[o]
}

// Mirrored returns the operator to use when the operands change places.
func (o Operator) Mirrored() Operator {
	return [...]Operator{Equal, NotEqual, Greater, GreaterEqual, Less, LessEqual}[o]
}

// String returns a text that is equal for equal expressions only. Expressions that differ
// in nothing but white space, needless brackets or the spelling of a path or a literal
// have equal texts. It is no OTTL.
func (t *Tree) String() string {
	var b strings.Builder
	t.write(&b)
	return b.String()
}

func (t *Tree) write(b *strings.Builder) {
	switch t.Kind {
	case And, Or:
		separator := " and "
		if t.Kind == Or {
			separator = " or "
		}
		b.WriteByte('(')
		for i, term := range t.Terms {
			if i > 0 {
				b.WriteString(separator)
			}
			term.write(b)
		}
		b.WriteByte(')')
	case Not:
		b.WriteString("not ")
		t.Terms[0].write(b)
	case Literal:
		if t.Value {
			b.WriteString("true")
		} else {
			b.WriteString("false")
		}
	case Comparison:
		b.WriteString(t.Left.String())
		b.WriteByte(' ')
		b.WriteString(t.Operator.String())
		b.WriteByte(' ')
		b.WriteString(t.Right.String())
	case Match:
		b.WriteString("IsMatch ")
		b.WriteString(t.Left.String())
		b.WriteByte(' ')
		pattern := Operand{Kind: Text, Text: t.Pattern}
		b.WriteString(pattern.String())
	case Opaque:
		b.WriteByte('{')
		b.WriteString(t.canonical)
		b.WriteByte('}')
	}
}

// join returns an And or an Or of terms, without brackets that change nothing.
func join(kind TreeKind, terms []*Tree) *Tree {
	if len(terms) == 1 {
		return terms[0]
	}
	t := &Tree{Kind: kind}
	for _, term := range terms {
		if term.Kind == kind {
			t.Terms = append(t.Terms, term.Terms...)
		} else {
			t.Terms = append(t.Terms, term)
		}
	}
	return t
}

func negate(t *Tree) *Tree {
	if t.Kind == Not {
		return t.Terms[0]
	}
	return &Tree{Kind: Not, Terms: []*Tree{t}}
}
