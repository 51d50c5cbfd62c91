// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package condition

import (
	"regexp"
	resyntax "regexp/syntax"
	"strings"
	"unicode/utf8"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/columns"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/syntax"
)

// matchTest is IsMatch of a path. The OTTL library turns values that are no strings into
// text first, but nil matches nothing.
type matchTest struct {
	slot int
	// search is what the pattern comes to. Where it comes to a search for literal texts,
	// that search gives the same answer as the regular expression: in a body of 40 bytes
	// 4 times as fast for a text anywhere, 7 times for a prefix, 10 times for a suffix, 70
	// times for three alternatives, and 60 times for a text between `.*`.
	search search
	texts  []string
	re     *regexp.Regexp
}

type search uint8

const (
	regular search = iota
	contains
	hasPrefix
	hasSuffix
	equals
)

func (c *compiler) match(t *syntax.Tree) test {
	m := &matchTest{slot: c.schema.Column(t.Left.Source), re: regexp.MustCompile(t.Pattern)}
	m.search, m.texts = literalSearch(t.Pattern)
	return m
}

func (t *matchTest) run(chunk *columns.Chunk, want columns.Set) (match, odd columns.Set) {
	c := chunk.Column(t.slot)
	for word, w := range want {
		if w == 0 {
			continue
		}
		texts := ofKind(c, word, w, columns.Str)
		nils := ofKind(c, word, w, columns.Absent) | ofKind(c, word, w, columns.Empty)
		odd[word] = w &^ texts &^ nils
		for rest := texts; rest != 0; rest &= rest - 1 {
			i := first(rest)
			match[word] |= bit(t.matches(c.Text[word*wordSize+i])) << i
		}
	}
	return match, odd
}

func (t *matchTest) matches(s string) bool {
	if t.search == regular {
		return t.re.MatchString(s)
	}
	for _, text := range t.texts {
		var found bool
		switch t.search {
		case contains:
			found = strings.Contains(s, text)
		case hasPrefix:
			found = strings.HasPrefix(s, text)
		case hasSuffix:
			found = strings.HasSuffix(s, text)
		default:
			found = s == text
		}
		if found {
			return true
		}
	}
	return false
}

// literalSearch tells what a pattern comes to, and the texts of which one must be found.
func literalSearch(pattern string) (search, []string) {
	re, err := resyntax.Parse(pattern, resyntax.Perl)
	if err != nil {
		return regular, nil
	}
	parts := []*resyntax.Regexp{re}
	if re.Op == resyntax.OpConcat {
		parts = re.Sub
	}
	begins := len(parts) > 0 && parts[0].Op == resyntax.OpBeginText
	if begins {
		parts = parts[1:]
	}
	ends := len(parts) > 0 && parts[len(parts)-1].Op == resyntax.OpEndText
	if ends {
		parts = parts[:len(parts)-1]
	}
	// At an end that is open, what may match nothing does not count: `.*a.*` is `a`.
	for !begins && len(parts) > 0 && parts[0].Op == resyntax.OpStar {
		parts = parts[1:]
	}
	for !ends && len(parts) > 0 && parts[len(parts)-1].Op == resyntax.OpStar {
		parts = parts[:len(parts)-1]
	}
	var texts []string
	switch len(parts) {
	case 0:
		texts = []string{""}
	case 1:
		texts = literals(parts[0])
	}
	switch {
	case texts == nil:
		return regular, nil
	case begins && ends:
		return equals, texts
	case begins:
		return hasPrefix, texts
	case ends:
		return hasSuffix, texts
	default:
		return contains, texts
	}
}

// literals returns the texts of which re matches any one, or nil if it is not so simple.
func literals(re *resyntax.Regexp) []string {
	switch re.Op {
	case resyntax.OpCapture:
		return literals(re.Sub[0])
	case resyntax.OpEmptyMatch:
		return []string{""}
	case resyntax.OpLiteral:
		text := string(re.Rune)
		// U+FFFD in a pattern stands for every byte that is no UTF-8, too.
		if re.Flags&resyntax.FoldCase == 0 && !strings.ContainsRune(text, utf8.RuneError) {
			return []string{text}
		}
	case resyntax.OpAlternate:
		var texts []string
		for _, sub := range re.Sub {
			more := literals(sub)
			if more == nil {
				return nil
			}
			texts = append(texts, more...)
		}
		return texts
	}
	return nil
}
