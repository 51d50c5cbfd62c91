// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import (
	"fmt"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/columns"
)

// OperandKind says what an operand is.
type OperandKind uint8

// The kinds of operands.
const (
	// Path reads a field of a record.
	Path OperandKind = iota
	// IntOf is `Int(path)`, the OTTL converter.
	IntOf
	// DoubleOf is `Double(path)`, the OTTL converter.
	DoubleOf
	// Nil is the literal `nil`.
	Nil
	// Text is a string literal.
	Text
	// Int is an integer literal or an enum.
	Int
	// Double is a float literal.
	Double
	// Bool is `true` or `false`.
	Bool
)

// Operand is a value that OTTL can read: a path, a converter of a path, or a literal.
type Operand struct {
	Kind OperandKind
	// Source is what a Path, an IntOf or a DoubleOf reads.
	Source columns.Source
	// Text, Int, Double and Bool hold the value of the literal of that kind.
	Text   string
	Int    int64
	Double float64
	Bool   bool
}

// IsLiteral reports whether the operand has the same value for all records.
func (o *Operand) IsLiteral() bool {
	return o.Kind >= Nil
}

// Literal returns the value of a literal as the OTTL library has it.
func (o *Operand) Literal() any {
	switch o.Kind {
	case Text:
		return o.Text
	case Int:
		return o.Int
	case Double:
		return o.Double
	case Bool:
		return o.Bool
	}
	return nil
}

// String returns a text that is equal for equal operands only.
func (o *Operand) String() string {
	switch o.Kind {
	case Path:
		return sourceText(o.Source)
	case IntOf:
		return "Int(" + sourceText(o.Source) + ")"
	case DoubleOf:
		return "Double(" + sourceText(o.Source) + ")"
	}
	return fmt.Sprintf("%[1]T(%#[1]v)", o.Literal()) // 1 and 1.0 are not the same
}

// Value parses an OTTL value expression. It returns false if the expression is none of the
// kinds of operands.
func Value(text string) (Operand, bool) {
	tokens, ok := tokenize(text)
	if !ok {
		return Operand{}, false
	}
	p := parser{text: text, tokens: tokens}
	o, ok := p.operand()
	return o, ok && p.kind() == endOfText
}

// operand reads an operand.
func (p *parser) operand() (Operand, bool) {
	switch t := p.take(); t.kind {
	case nilToken:
		return Operand{Kind: Nil}, true
	case boolToken:
		return Operand{Kind: Bool, Bool: p.source(t) == "true"}, true
	case stringToken:
		s, ok := unquote(p.source(t))
		return Operand{Kind: Text, Text: s}, ok
	case intToken, floatToken:
		return p.numeral(t, false)
	case addToken:
		// OTTL folds the sign into a number. Before anything else it is an operation.
		return p.numeral(p.take(), p.source(t) == "-")
	case openToken:
		// Around a string there can be no brackets, but then the text is no OTTL.
		if p.depth++; p.depth > maxDepth {
			return Operand{}, false
		}
		o, ok := p.operand()
		p.depth--
		return o, ok && p.source(t) == "(" && p.isNext(closeToken, ")")
	case uppercaseToken:
		p.at--
		return p.enumOrConverter()
	case lowercaseToken:
		p.at--
		src, ok := p.path()
		return Operand{Kind: Path, Source: src}, ok
	}
	return Operand{}, false
}

func (p *parser) enumOrConverter() (Operand, bool) {
	start := p.at
	switch p.converter() {
	case "Int":
		src, ok := p.path()
		return Operand{Kind: IntOf, Source: src}, ok && p.isNext(closeToken, ")")
	case "Double":
		src, ok := p.path()
		return Operand{Kind: DoubleOf, Source: src}, ok && p.isNext(closeToken, ")")
	}
	p.at = start
	n, ok := enums[p.source(p.take())]
	return Operand{Kind: Int, Int: n}, ok
}

// converter reads the name of a converter and the bracket after it. It returns "" if there
// is none, or if the name is written in pieces, which OTTL permits.
func (p *parser) converter() string {
	start, end := p.tokens[p.at].start, p.tokens[p.at].end
	for p.take(); p.tokens[p.at].start == end && (p.kind() == uppercaseToken || p.kind() == lowercaseToken); {
		end = p.take().end
	}
	if !p.isNext(openToken, "(") {
		return ""
	}
	return p.text[start:end]
}
