// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import "strings"

// maxDepth is the most brackets within brackets that are looked into, so that no text can
// exhaust the stack.
const maxDepth = 10_000

// Parse parses an OTTL boolean expression that the OTTL library has parsed.
func Parse(text string) *Tree {
	if tokens, ok := tokenize(text); ok {
		p := parser{text: text, tokens: tokens}
		if t, ok := p.or(); ok && p.kind() == endOfText {
			return t
		}
	}
	return &Tree{Kind: Opaque, Text: text, canonical: text}
}

type parser struct {
	text   string
	tokens []token
	at     int
	depth  int
}

func (p *parser) kind() tokenKind {
	return p.tokens[p.at].kind
}

func (p *parser) source(t token) string {
	return p.text[t.start:t.end]
}

// take returns the next token and goes on to the one after it. The end of the text stays
// the next.
func (p *parser) take() token {
	t := p.tokens[p.at]
	if t.kind != endOfText {
		p.at++
	}
	return t
}

func (p *parser) peekIs(kind tokenKind, source string) bool {
	t := p.tokens[p.at]
	return t.kind == kind && p.source(t) == source
}

func (p *parser) isNext(kind tokenKind, source string) bool {
	ok := p.peekIs(kind, source)
	p.take()
	return ok
}

func (p *parser) or() (*Tree, bool) {
	return p.list(Or, orToken, p.and)
}

func (p *parser) and() (*Tree, bool) {
	return p.list(And, andToken, p.not)
}

func (p *parser) list(kind TreeKind, separator tokenKind, term func() (*Tree, bool)) (*Tree, bool) {
	var terms []*Tree
	for {
		t, ok := term()
		if !ok {
			return nil, false
		}
		terms = append(terms, t)
		if p.kind() != separator {
			return join(kind, terms), true
		}
		p.take()
	}
}

func (p *parser) not() (*Tree, bool) {
	if p.kind() != notToken {
		return p.value()
	}
	p.take()
	t, ok := p.value()
	if !ok {
		return nil, false
	}
	return negate(t), true
}

// value reads a boolean expression in brackets, a boolean literal or a leaf.
func (p *parser) value() (*Tree, bool) {
	first := p.tokens[p.at]
	switch {
	case p.peekIs(openToken, "(") && p.endsValue(first.pair+1):
		// No operator follows the brackets: they hold no number.
		if p.depth++; p.depth > maxDepth {
			return nil, false
		}
		p.take()
		t, ok := p.or()
		p.depth--
		return t, ok && p.isNext(closeToken, ")")
	case first.kind == boolToken && p.endsValue(p.at+1):
		p.take()
		return &Tree{Kind: Literal, Value: p.source(first) == "true"}, true
	}
	return p.leaf()
}

// endsValue reports whether the token at the position at cannot belong to the value before.
func (p *parser) endsValue(at int) bool {
	switch p.tokens[at].kind {
	case endOfText, orToken, andToken, closeToken:
		return true
	}
	return false
}

// leaf reads what has no boolean structure that is known.
func (p *parser) leaf() (*Tree, bool) {
	start := p.at
	if p.kind() == notToken {
		return nil, false // OTTL has no `not not`
	}
	for !p.endsValue(p.at) {
		if p.kind() == openToken {
			p.at = p.tokens[p.at].pair
		}
		p.at++
	}
	end := p.at
	if start == end {
		return nil, false
	}
	source := p.text[p.tokens[start].start:p.tokens[end-1].end]

	p.at = start
	if t, ok := p.comparison(); ok && p.at == end {
		t.Text = source
		return t, true
	}
	p.at = start
	if t, ok := p.match(); ok && p.at == end {
		t.Text = source
		return t, true
	}
	p.at = end
	if p.isConstant(start, end) {
		return nil, false
	}
	return &Tree{Kind: Opaque, Text: source, canonical: p.join(start, end)}, true
}

func (p *parser) comparison() (*Tree, bool) {
	left, ok := p.operand()
	if !ok {
		return nil, false
	}
	t := p.take()
	if t.kind != compareToken {
		return nil, false
	}
	right, ok := p.operand()
	return &Tree{Kind: Comparison, Left: left, Operator: operators[p.source(t)], Right: right}, ok
}

func (p *parser) match() (*Tree, bool) {
	if p.kind() != uppercaseToken || p.converter() != "IsMatch" {
		return nil, false
	}
	src, ok := p.path()
	if !ok || !p.isNext(punctuationToken, ",") {
		return nil, false
	}
	t := p.take()
	if t.kind != stringToken {
		return nil, false
	}
	pattern, ok := unquote(p.source(t))
	return &Tree{Kind: Match, Left: Operand{Kind: Path, Source: src}, Pattern: pattern}, ok && p.isNext(closeToken, ")")
}

// isConstant reports whether the tokens from start up to end may be a comparison of two
// literals. The library evaluates such a comparison while it parses, and a literal counts
// for more than the terms before it: it hides their errors.
func (p *parser) isConstant(start, end int) bool {
	for i := start; i < end; i++ {
		switch p.tokens[i].kind {
		case lowercaseToken: // of a path or of a converter's name
			return false
		case uppercaseToken:
			if p.source(p.tokens[i+1]) == "(" {
				return false
			}
		}
	}
	return true
}

// join returns the tokens from start up to end with one space between each two.
func (p *parser) join(start, end int) string {
	var b strings.Builder
	for i := start; i < end; i++ {
		if i > start {
			b.WriteByte(' ')
		}
		b.WriteString(p.source(p.tokens[i]))
	}
	return b.String()
}
