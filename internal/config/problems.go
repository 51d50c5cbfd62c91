// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package config // import "github.com/annotationmetrics/annotationmetricsprocessor/internal/config"

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxQuoted is how many bytes of a value an error quotes.
const maxQuoted = 100

// problems are the broken rules of one struct, joined as [errors.Join] does but on one
// line: confmap puts the path in front of the whole, and so each rule stays behind it.
type problems []error

// add adds err unless it is nil.
func (p *problems) add(err error) {
	if err != nil {
		*p = append(*p, err)
	}
}

// err returns the problems as one error, or nil if there are none.
func (p problems) err() error {
	if len(p) == 0 {
		return nil
	}
	return p
}

// Error implements error.
func (p problems) Error() string {
	texts := make([]string, len(p))
	for i, err := range p {
		texts[i] = err.Error()
	}
	return strings.Join(texts, "; ")
}

// Unwrap lets [errors.Is] and [errors.As] see each problem.
func (p problems) Unwrap() []error { return p }

// oneOf requires that value is among allowed.
func oneOf[T ~string](key string, value T, allowed ...T) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	return fmt.Errorf("`%s` must be one of %s, found %s", key, quoteAll(allowed), quote(string(value)))
}

// quote returns text quoted, its end left out when it is long.
func quote(text string) string {
	if len(text) <= maxQuoted {
		return strconv.Quote(text)
	}
	end := maxQuoted
	for end > maxQuoted-utf8.UTFMax && !utf8.RuneStart(text[end]) {
		end--
	}
	return fmt.Sprintf("%s... (%d bytes)", strconv.Quote(text[:end]), len(text))
}

// quoteAll returns the texts quoted, as a list.
func quoteAll[T ~string](texts []T) string {
	quoted := make([]string, len(texts))
	for i, text := range texts {
		quoted[i] = strconv.Quote(string(text))
	}
	return strings.Join(quoted, ", ")
}
