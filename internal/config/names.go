// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package config // import "github.com/annotationmetrics/annotationmetricsprocessor/internal/config"

import (
	"fmt"
	"strings"

	"github.com/prometheus/otlptranslator"
)

// What is done to a name to make it one for Prometheus. Which of it is done depends on
// the backend and its settings, so each name is held against each spelling of the
// others. The rules are those of
// https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/.
const (
	howSanitized = "with every character outside [a-zA-Z0-9] turned into _"
	howCollapsed = "with every run of characters outside [a-zA-Z0-9] turned into one _"
	howDigit     = "with the prefix key_ of labels that start with a digit"
	howTotal     = "with the suffix _total of counters"
)

var (
	labelNamer = otlptranslator.LabelNamer{}
	// plainNamer and suffixNamer are what the Prometheus exporter uses with
	// add_metric_suffixes off and on.
	plainNamer  = otlptranslator.MetricNamer{}
	suffixNamer = otlptranslator.MetricNamer{WithMetricSuffixes: true}
)

// spelling is a name as Prometheus may come to see it.
type spelling struct {
	text string
	how  string
}

// labelSpellings returns how Prometheus may spell the label name, which must be valid.
func labelSpellings(name string) []spelling {
	s := []spelling{{sanitize(name), howSanitized}}
	built, err := labelNamer.Build(name)
	if err != nil {
		return s // unreachable for a valid name
	}
	how := howCollapsed
	if c := name[0]; '0' <= c && c <= '9' {
		how = howDigit
	}
	return append(s, spelling{built, how})
}

// metricSpellings returns how Prometheus may spell the metric of a, which must have a
// valid name. For histograms it includes the names of the series. Suffixes are tried
// apart, too: there are exporters that add only one kind, and OpenMetrics knows
// a counter by its name without _total.
func metricSpellings(a *Annotation) []spelling {
	var s []spelling
	add := func(namer otlptranslator.MetricNamer, unit string, t otlptranslator.MetricType, how string) {
		text, err := namer.Build(otlptranslator.Metric{Name: a.Metric, Unit: unit, Type: t})
		if err != nil {
			return // unreachable for a valid name, which starts with a letter
		}
		s = append(s, spelling{text, how})
	}
	t := translatorType(a.EffectiveType())
	counter := a.EffectiveType() == TypeCounter

	literal := sanitize(a.Metric)
	s = append(s, spelling{literal, howSanitized})
	add(plainNamer, "", t, howCollapsed)
	if counter {
		if !strings.HasSuffix(literal, "_total") {
			s = append(s, spelling{literal + "_total", howTotal})
		}
		add(suffixNamer, "", t, howTotal)
	}
	if a.Unit != "" && isUnit(a.Unit) {
		howUnit := fmt.Sprintf("with the suffix of unit %q", a.Unit)
		if counter {
			add(suffixNamer, a.Unit, otlptranslator.MetricTypeNonMonotonicCounter, howUnit)
			add(suffixNamer, a.Unit, t, fmt.Sprintf("with the suffixes of unit %q and of counters", a.Unit))
		} else {
			add(suffixNamer, a.Unit, t, howUnit)
		}
	}
	if a.isHistogram() {
		for _, base := range s[:len(s):len(s)] {
			for _, suffix := range []string{"_bucket", "_sum", "_count"} {
				s = append(s, spelling{base.text + suffix, "with the suffix " + suffix + " of a histogram's series"})
			}
		}
	}
	return s
}

func translatorType(t MetricType) otlptranslator.MetricType {
	switch t {
	case TypeCounter:
		return otlptranslator.MetricTypeMonotonicCounter
	case TypeUpDownCounter:
		return otlptranslator.MetricTypeNonMonotonicCounter
	case TypeGauge:
		return otlptranslator.MetricTypeGauge
	case TypeHistogram:
		return otlptranslator.MetricTypeHistogram
	case TypeExponentialHistogram:
		return otlptranslator.MetricTypeExponentialHistogram
	default:
		return otlptranslator.MetricTypeUnknown
	}
}

// spellings finds names that differ here and are one in Prometheus.
type spellings struct {
	key, item     string // for the errors
	caseSensitive bool
	taken         map[string]claim
}

// claim is a spelling and whose it is.
type claim struct {
	spelling
	index int
	name  string
}

func newSpellings(key, item string, caseSensitive bool) *spellings {
	return &spellings{key: key, item: item, caseSensitive: caseSensitive, taken: map[string]claim{}}
}

// claim takes every spelling of the name at index. It returns one error for each
// earlier name that has a spelling in common, and leaves that spelling to it.
func (s *spellings) claim(index int, name string, all []spelling) []error {
	var errs []error
	reported := map[int]bool{}
	for _, sp := range all {
		key := sp.text
		if !s.caseSensitive {
			key = strings.ToLower(key)
		}
		other, ok := s.taken[key]
		if !ok {
			s.taken[key] = claim{sp, index, name}
			continue
		}
		if other.index == index || reported[other.index] {
			continue
		}
		reported[other.index] = true
		butForCase := ""
		if sp.text != other.text {
			butForCase = " but for case"
		}
		errs = append(errs, fmt.Errorf("`%s` must be unique in Prometheus, too, found %s (%s %d) %s and %s (%s %d) %s, both %s there%s",
			s.key, quote(other.name), s.item, other.index, other.howFor(other.name),
			quote(name), s.item, index, sp.howFor(name), quote(sp.text), butForCase))
	}
	return errs
}

// howFor tells what turned name into the spelling.
func (s spelling) howFor(name string) string {
	if s.text == name {
		return "as it is"
	}
	return s.how
}

// sanitize turns every character outside [a-zA-Z0-9] into '_'.
func sanitize(name string) string {
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' {
			return r
		}
		return '_'
	}, name)
}
