// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package config // import "github.com/annotationmetrics/annotationmetricsprocessor/internal/config"

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
)

// allAttributes, alone in `resource_attributes`, keeps every resource attribute.
const allAttributes = "*"

// The metrics in which Prometheus exporters show resources and scopes: OpenTelemetry's
// compatibility rules keep their names for that.
const (
	TargetInfo = "target_info"
	ScopeInfo  = "otel_scope_info"
)

// Unmarshal implements [confmap.Unmarshaler]. A null key keeps its default: confmap
// alone would set it to zero, and zero means "no limit" for `series_limit`. Expressions
// that are empty are told from those that are left out, and nothing is changed without a
// word.
func (c *Config) Unmarshal(conf *confmap.Conf) error {
	for _, key := range conf.AllKeys() {
		if conf.Get(key) == nil {
			conf.Delete(key)
		}
	}
	if err := errors.Join(conf.Unmarshal(c), checkLossless(conf)); err != nil {
		return err
	}
	c.markBlank(conf.Get("annotations"))
	return nil
}

// Validate checks the component's own keys and what holds across annotations.
// [confmap.Validate] checks the annotations and their labels as well.
func (c *Config) Validate() error {
	var p problems
	switch {
	case c.Interval > 0 && c.Interval < time.Microsecond:
		p.add(fmt.Errorf("`interval` must be at least %s, found %s; a number needs a unit, as in 15s", MinInterval, c.Interval))
	case c.Interval < MinInterval:
		p.add(fmt.Errorf("`interval` must be at least %s, found %s", MinInterval, c.Interval))
	}
	p.add(oneOf("temporality", c.Temporality, Temporalities()...))
	p.add(oneOf("count", c.Count, Counts()...))
	p.add(oneOf("error_mode", c.ErrorMode, ErrorModes()...))
	p = append(p, checkResourceAttributes(c.ResourceAttributes)...)
	if !utf8.ValidString(c.WriterAttribute) {
		p.add(fmt.Errorf("`writer_attribute` must be valid UTF-8, found %s", quote(c.WriterAttribute)))
	}
	p.add(checkSeriesLimit(c.SeriesLimit))
	p.add(checkExpireAfter(c.ExpireAfter))
	if c.Storage != nil && *c.Storage == (component.ID{}) {
		p.add(errors.New("`storage` must be the ID of a storage extension, found none"))
	}
	if n := len(c.Annotations); c.Telemetry.PerAnnotation && n > MaxSplitAnnotations {
		p.add(fmt.Errorf("`telemetry::per_annotation` must be false for more than %d annotations, found %d annotations",
			MaxSplitAnnotations, n))
	}
	if len(c.Annotations) == 0 {
		p.add(errors.New("`annotations` must have at least one annotation, found none"))
	}
	p = append(p, c.checkMetricNames()...)
	return p.err()
}

// ResourceAttributesOf returns the resource attributes that identify the series of a:
// its own if it sets them, else the component's. ["*"] stands for all of them. The
// result must not be modified.
func (c *Config) ResourceAttributesOf(a *Annotation) []string {
	if a.ResourceAttributes != nil {
		return *a.ResourceAttributes
	}
	return c.ResourceAttributes
}

// SeriesLimitOf returns the most series that a holds, 0 = no limit: its own if it sets
// one, else the component's.
func (c *Config) SeriesLimitOf(a *Annotation) int {
	if a.SeriesLimit != nil {
		return *a.SeriesLimit
	}
	return c.SeriesLimit
}

// ExpireAfterOf returns for how long a series of a may be idle, 0 = forever: its own if it
// sets one, else the component's. That is not for updowncounters, which say how much there
// is of something: nothing new is no sign that it is gone.
func (c *Config) ExpireAfterOf(a *Annotation) time.Duration {
	switch {
	case a.ExpireAfter != nil:
		return *a.ExpireAfter
	case a.EffectiveType() == TypeUpDownCounter:
		return 0
	}
	return c.ExpireAfter
}

// checkMetricNames requires that metrics differ, for OpenTelemetry (where the case of
// an instrument name does not count) and for Prometheus.
func (c *Config) checkMetricNames() []error {
	var errs []error
	first := make(map[string]int, len(c.Annotations))
	spelled := newSpellings("metric", "annotation", false)
	for i := range c.Annotations {
		a := &c.Annotations[i]
		if !isInstrumentName(a.Metric) {
			continue // Annotation.Validate reports it
		}
		key := strings.ToLower(a.Metric)
		if j, ok := first[key]; ok {
			errs = append(errs, fmt.Errorf("`metric` must be unique, case-insensitively, found %s (annotation %d) and %s (annotation %d)",
				quote(c.Annotations[j].Metric), j, quote(a.Metric), i))
			continue
		}
		first[key] = i
		all := metricSpellings(a)
		if at := slices.IndexFunc(all, func(s spelling) bool { return s.text == TargetInfo || s.text == ScopeInfo }); at >= 0 {
			errs = append(errs, fmt.Errorf("`metric` must not become %q, which Prometheus exporters write themselves, found %s (annotation %d)",
				all[at].text, quote(a.Metric), i))
			continue
		}
		errs = append(errs, spelled.claim(i, a.Metric, all)...)
	}
	return errs
}

func checkSeriesLimit(limit int) error {
	if limit < 0 {
		return fmt.Errorf("`series_limit` must be non-negative, found %d", limit)
	}
	return nil
}

func checkExpireAfter(d time.Duration) error {
	switch {
	case d < 0:
		return fmt.Errorf("`expire_after` must be non-negative, found %s", d)
	case d > 0 && d < time.Microsecond:
		return fmt.Errorf("`expire_after` must be at least 1s, or 0s for never, found %s; a number needs a unit, as in 1h", d)
	case d > 0 && d < time.Second:
		return fmt.Errorf("`expire_after` must be at least 1s, or 0s for never, found %s", d)
	}
	return nil
}

func checkResourceAttributes(names []string) []error {
	var errs []error
	first := make(map[string]int, len(names))
	for i, name := range names {
		j, duplicate := first[name]
		switch {
		case name == allAttributes && len(names) > 1:
			if !duplicate {
				errs = append(errs, fmt.Errorf("`resource_attributes` must have \"*\" alone or not at all, found it among %d names", len(names)))
			}
		case name == "":
			errs = append(errs, fmt.Errorf("`resource_attributes` must not contain an empty name, found %s at index %d", quote(name), i))
		case duplicate:
			errs = append(errs, fmt.Errorf("`resource_attributes` must not contain a name twice, found %s at indices %d and %d", quote(name), j, i))
		case !utf8.ValidString(name):
			errs = append(errs, fmt.Errorf("`resource_attributes` must be valid UTF-8, found %s at index %d", quote(name), i))
		}
		if !duplicate {
			first[name] = i
		}
	}
	return errs
}
