// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package config // import "github.com/annotationmetrics/annotationmetricsprocessor/internal/config"

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	// MaxLabelBytes is how long a label's name may be.
	MaxLabelBytes = 1024
	// OverflowLabel marks the series into which a full annotation folds.
	OverflowLabel = "otel.metric.overflow"
)

// Validate checks what a label says by itself. Whether it gets along with its siblings
// and with its metric's type is checked by [Annotation.Validate].
func (l *Label) Validate() error {
	var p problems
	p.add(l.checkName())
	if text := l.Value; text != "" {
		p.add(checkValue("value", text, "without the key the label is the record attribute of its name"))
	}
	p.add(l.checkDefault())
	return p.err()
}

func (l *Label) checkName() error {
	switch {
	case l.Name == "":
		return fmt.Errorf("`name` must be set, found %s", quote(l.Name))
	case !utf8.ValidString(l.Name):
		return fmt.Errorf("`name` must be valid UTF-8, found %s", quote(l.Name))
	case len(l.Name) > MaxLabelBytes:
		return fmt.Errorf("`name` must be at most %d bytes, found %s", MaxLabelBytes, quote(l.Name))
	}
	if l.Value == "" && looksLikeExpression(l.Name) {
		return fmt.Errorf("`name` must be the name of a record attribute or come with a `value`, found %s: an expression goes into `value`, as in {name: route, value: 'attributes[\"route\"]'}", quote(l.Name))
	}
	sanitized := sanitize(l.Name)
	switch {
	case strings.HasPrefix(l.Name, "__"):
		return fmt.Errorf("`name` must not start with __, for Prometheus keeps such names for itself, found %s", quote(l.Name))
	case strings.HasPrefix(sanitized, "__"):
		return fmt.Errorf("`name` must not start with __ (%s), for Prometheus keeps such names for itself, found %s", howSanitized, quote(l.Name))
	case l.Name == OverflowLabel:
		return fmt.Errorf("`name` must not be that of the overflow series' label, found %s", quote(l.Name))
	case sanitized == sanitize(OverflowLabel):
		return fmt.Errorf("`name` must not be that of the overflow series' label %q (%s), found %s", OverflowLabel, howSanitized, quote(l.Name))
	}
	if _, err := labelNamer.Build(l.Name); err != nil {
		return fmt.Errorf("`name` must have a letter or digit in [a-zA-Z0-9], found %s: %w", quote(l.Name), err)
	}
	return nil
}

// looksLikeExpression reports whether a label's name is rather an OTTL expression than
// an attribute's name: it would silently never be found.
func looksLikeExpression(name string) bool {
	return strings.Contains(name, `["`) || strings.HasSuffix(name, ")")
}

func (l *Label) checkDefault() error {
	switch v := l.Default.(type) {
	case nil, int, bool:
		return nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("`default` must be finite, found %s", strconv.FormatFloat(v, 'g', -1, 64))
		}
		return nil
	case string:
		if v == "" {
			return fmt.Errorf("`default` must not be empty, found %s", quote(v))
		}
		if !utf8.ValidString(v) {
			return fmt.Errorf("`default` must be valid UTF-8, found %s", quote(v))
		}
		return nil
	default:
		return fmt.Errorf("`default` must be a string, an integer, a number or a boolean, found %s (%T)", quote(fmt.Sprint(v)), v)
	}
}

// checkLabels requires that the labels differ, for OpenTelemetry and for Prometheus, and
// that none takes the place of a histogram's own label.
func (a *Annotation) checkLabels() []error {
	var errs []error
	first := make(map[string]int, len(a.Labels))
	spelled := newSpellings("labels", "label", true)
	for i := range a.Labels {
		l := &a.Labels[i]
		if l.checkName() != nil {
			continue // Label.Validate reports it
		}
		if j, ok := first[l.Name]; ok {
			errs = append(errs, fmt.Errorf("`labels` must have unique names, found %s twice (label %d and label %d)", quote(l.Name), j, i))
			continue
		}
		first[l.Name] = i
		if l.Name == "le" && a.isHistogram() {
			errs = append(errs, fmt.Errorf("`labels` must not have the name \"le\" for type %q, Prometheus keeps it for the buckets, found \"le\" (label %d)", a.Type, i))
		}
		errs = append(errs, spelled.claim(i, l.Name, labelSpellings(l.Name))...)
	}
	return errs
}
