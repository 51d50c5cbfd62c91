// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import (
	"strconv"
	"strings"
)

type tokenKind uint8

// The tokens of OTTL.
const (
	endOfText tokenKind = iota
	bytesToken
	floatToken
	intToken
	stringToken
	nilToken
	notToken
	orToken
	andToken
	compareToken
	arrowToken
	addToken
	multiplyToken
	boolToken
	equalToken
	openToken // any opening bracket
	closeToken
	punctuationToken
	uppercaseToken
	lowercaseToken
)

type token struct {
	kind       tokenKind
	start, end int
	// pair is, for an opening bracket, the position of the token that closes it.
	pair int
}

// tokenize splits text as OTTL's lexer does: the first of its rules that fits wins, not
// the longest. It adds a token for the end of the text. It returns false for text of which
// the structure is not plain.
func tokenize(text string) ([]token, bool) {
	var tokens []token
	var open []int
	for at := 0; at < len(text); {
		if isSpace(text[at]) {
			at++
			continue
		}
		kind, n := next(text[at:])
		if n == 0 {
			return nil, false
		}
		t := token{kind: kind, start: at, end: at + n}
		switch kind {
		case openToken:
			open = append(open, len(tokens))
		case closeToken:
			if len(open) == 0 {
				return nil, false
			}
			opener := &tokens[open[len(open)-1]]
			if brackets[text[opener.start]] != text[at] {
				return nil, false
			}
			opener.pair = len(tokens)
			open = open[:len(open)-1]
		case stringToken:
			// OTTL's grammar takes the text "(" for a bracket, too.
			s, ok := unquote(text[t.start:t.end])
			if !ok || len(s) == 1 && strings.ContainsAny(s, "()[]{}") {
				return nil, false
			}
		case arrowToken:
			// The body of a lambda is a boolean expression that ends no one knows where.
			return nil, false
		}
		tokens = append(tokens, t)
		at += n
	}
	return append(tokens, token{kind: endOfText, start: len(text), end: len(text)}), len(open) == 0
}

var brackets = map[byte]byte{'(': ')', '[': ']', '{': '}'}

// next returns the kind and the length of the token that text starts with. The length is
// 0 if there is none.
func next(text string) (kind tokenKind, n int) {
	switch c := text[0]; c {
	case '"':
		return stringToken, quotedLength(text)
	case '(', '[', '{':
		return openToken, 1
	case ')', ']', '}':
		return closeToken, 1
	case '+', '-':
		return addToken, 1
	case '*', '/':
		return multiplyToken, 1
	case ',', ':':
		return punctuationToken, 1
	case '=', '!', '<', '>':
		return operator(text)
	case '.':
		return number(text)
	default:
		switch {
		case isDigit(c):
			return number(text)
		case isUpper(c):
			return uppercaseToken, runLength(text, isUpper)
		case isLower(c):
			n = runLength(text, isLower)
			return word(text, n), n
		}
	}
	return endOfText, 0
}

// quotedLength returns the length of the quoted text that text starts with, or 0.
func quotedLength(text string) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '"':
			return i + 1
		case '\\':
			i++
			if i < len(text) && text[i] == '\n' {
				return 0
			}
		}
	}
	return 0
}

func operator(text string) (tokenKind, int) {
	if len(text) > 1 {
		switch text[:2] {
		case "==", "!=", ">=", "<=":
			return compareToken, 2
		case "=>":
			return arrowToken, 2
		}
	}
	switch text[0] {
	case '<', '>':
		return compareToken, 1
	case '=':
		return equalToken, 1
	}
	return endOfText, 0
}

// number reads a number, or the dot of a path.
func number(text string) (tokenKind, int) {
	if strings.HasPrefix(text, "0x") {
		if n := countFunc(text[2:], isHex); n > 0 {
			return bytesToken, 2 + n
		}
	}
	whole := countFunc(text, isDigit)
	if whole == len(text) || text[whole] != '.' {
		return intToken, whole
	}
	fraction := countFunc(text[whole+1:], isDigit)
	if whole+fraction == 0 {
		return punctuationToken, 1
	}
	n := whole + 1 + fraction
	if n < len(text) && (text[n] == 'e' || text[n] == 'E') {
		exponent := n + 1
		if exponent < len(text) && (text[exponent] == '+' || text[exponent] == '-') {
			exponent++
		}
		if digits := countFunc(text[exponent:], isDigit); digits > 0 {
			n = exponent + digits
		}
	}
	return floatToken, n
}

// word tells what the first n bytes of text, a run of lower case, are. A keyword ends
// where a word ends: in `orX` there is none.
func word(text string, n int) tokenKind {
	if n < len(text) && isUpper(text[n]) {
		return lowercaseToken
	}
	switch text[:n] {
	case "nil":
		return nilToken
	case "not":
		return notToken
	case "or":
		return orToken
	case "and":
		return andToken
	case "true", "false":
		return boolToken
	}
	return lowercaseToken
}

// unquote returns what a quoted text stands for. It does what OTTL's parser generator
// does, which is not what Go does: "\xff" is the character U+00FF and not a byte.
func unquote(quoted string) (string, bool) {
	s := quoted[1 : len(quoted)-1]
	var b strings.Builder
	for s != "" {
		r, _, tail, err := strconv.UnquoteChar(s, '"')
		if err != nil {
			return "", false
		}
		b.WriteRune(r)
		s = tail
	}
	return b.String(), true
}

// runLength returns the length of a name of which the first byte is as first says.
func runLength(text string, first func(byte) bool) int {
	return countFunc(text, func(c byte) bool { return first(c) || isDigit(c) || c == '_' })
}

func countFunc(text string, f func(byte) bool) int {
	n := 0
	for n < len(text) && f(text[n]) {
		n++
	}
	return n
}

func isSpace(c byte) bool {
	return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r'
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }
func isLower(c byte) bool { return 'a' <= c && c <= 'z' }

func isHex(c byte) bool {
	return isDigit(c) || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}
