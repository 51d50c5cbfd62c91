// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package config // import "github.com/annotationmetrics/annotationmetricsprocessor/internal/config"

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The limits of OpenTelemetry's instruments.
const (
	MaxMetricBytes = 255
	MaxUnitBytes   = 63
)

// option is a key that only some types have.
type option struct {
	key   string
	set   func(*Annotation) bool
	types []MetricType
}

var typeOptions = []option{
	{"aggregate", func(a *Annotation) bool { return a.Aggregate != "" }, []MetricType{TypeGauge}},
	{"buckets", func(a *Annotation) bool { return a.Buckets != nil }, []MetricType{TypeHistogram}},
	{"max_size", func(a *Annotation) bool { return a.MaxSize != nil }, []MetricType{TypeExponentialHistogram}},
	{"sample_rate", func(a *Annotation) bool { return a.SampleRate != nil }, []MetricType{TypeCounter, TypeHistogram, TypeExponentialHistogram}},
	{"initial_zero", func(a *Annotation) bool { return a.InitialZero != nil }, []MetricType{TypeCounter, TypeHistogram, TypeExponentialHistogram}},
}

// TypeOptions returns the keys of an annotation that only some types have, each with
// those types.
func TypeOptions() map[string][]MetricType {
	types := make(map[string][]MetricType, len(typeOptions))
	for _, o := range typeOptions {
		types[o.key] = slices.Clone(o.types)
	}
	return types
}

// Validate checks what an annotation says by itself. Whether its metric is the only one
// of its name is checked by [Config.Validate].
func (a *Annotation) Validate() error {
	var p problems
	p.add(a.checkMetric())
	p = append(p, a.checkType()...)
	if !utf8.ValidString(a.Description) {
		p.add(fmt.Errorf("`description` must be valid UTF-8, found %s", quote(a.Description)))
	}
	if !isUnit(a.Unit) {
		p.add(fmt.Errorf("`unit` must be ASCII and at most %d characters, found %s", MaxUnitBytes, quote(a.Unit)))
	}
	if text := a.Condition; text != "" {
		p.add(checkCondition("condition", text))
	}
	if text := a.Value; text != "" {
		p.add(checkValue("value", text, "without the key a counter counts 1 for each record"))
	}
	p.add(checkBuckets(a.Buckets))
	p.add(checkMaxSize(a.MaxSize))
	p.add(a.checkSampleRate())
	if a.ResourceAttributes != nil {
		p = append(p, checkResourceAttributes(*a.ResourceAttributes)...)
	}
	if a.SeriesLimit != nil {
		p.add(checkSeriesLimit(*a.SeriesLimit))
	}
	if a.ExpireAfter != nil {
		p.add(checkExpireAfter(*a.ExpireAfter))
	}
	p = append(p, a.checkLabels()...)
	return p.err()
}

// EffectiveType returns the type, counter if none is set.
func (a *Annotation) EffectiveType() MetricType {
	if a.Type == "" {
		return TypeCounter
	}
	return a.Type
}

// EffectiveAggregate returns the value that a gauge keeps, the last if none is set.
func (a *Annotation) EffectiveAggregate() Aggregate {
	if a.Aggregate == "" {
		return AggregateLast
	}
	return a.Aggregate
}

// IsInt reports whether points are int64: those of a counter that counts records. All
// others are float64.
func (a *Annotation) IsInt() bool {
	return a.EffectiveType() == TypeCounter && a.Value == ""
}

// StartsWithZero reports whether cumulative series are first emitted as 0.
func (a *Annotation) StartsWithZero() bool {
	return a.InitialZero == nil || *a.InitialZero
}

// RecordsPerSample returns the N of the sample rate 1/N: how many records one that is
// evaluated stands for. It is 1 if all are. The annotation must be valid.
func (a *Annotation) RecordsPerSample() uint64 {
	if a.SampleRate == nil {
		return 1
	}
	return uint64(math.Round(1 / *a.SampleRate))
}

func (a *Annotation) isHistogram() bool {
	return a.Type == TypeHistogram || a.Type == TypeExponentialHistogram
}

func (a *Annotation) checkMetric() error {
	switch {
	case a.Metric == "":
		return fmt.Errorf("`metric` must be set, found %s", quote(a.Metric))
	case !isInstrumentName(a.Metric):
		return fmt.Errorf("`metric` must be a letter followed by up to %d letters, digits, '_', '.', '-' or '/', all of them ASCII, found %s",
			MaxMetricBytes-1, quote(a.Metric))
	}
	return nil
}

// checkType checks the type and the options that only some types have. Such an option
// is refused on others whatever its value, even if the value is its default.
func (a *Annotation) checkType() []error {
	t := a.EffectiveType()
	var p problems
	if !slices.Contains(MetricTypes(), t) {
		p.add(fmt.Errorf("`type` must be one of %s, found %s", quoteAll(MetricTypes()), quote(string(t))))
		return p // what options it has is anyone's guess
	}
	if t != TypeCounter && a.Value == "" {
		p.add(fmt.Errorf("`value` must be set for every type but %q, found none for type %q", TypeCounter, t))
	}
	for _, o := range typeOptions {
		if o.set(a) && !slices.Contains(o.types, t) {
			p.add(fmt.Errorf("`%s` must be unset unless `type` is %s, found type %q", o.key, quoteAll(o.types), t))
		}
	}
	switch t {
	case TypeGauge:
		p.add(oneOf("aggregate", a.EffectiveAggregate(), Aggregates()...))
	case TypeHistogram:
		if a.Buckets == nil && a.Boundaries() == nil {
			p.add(fmt.Errorf("`buckets` must be set unless `unit` is \"ms\" or \"s\", found none for unit %s", quote(a.Unit)))
		}
	}
	return p
}

// checkSampleRate leaves it to checkType to refuse a rate on a type that has none. It allows
// for the last digits in 1/N: a user writes 0.3333333333.
func (a *Annotation) checkSampleRate() error {
	if a.SampleRate == nil || *a.SampleRate == 1 {
		return nil
	}
	rate := *a.SampleRate
	n := math.Round(1 / rate)
	if !(rate > 0 && rate < 1 && n < 1<<53 && math.Abs(rate*n-1) < 1e-9) { // negated as a whole: NaN is refused
		return fmt.Errorf("`sample_rate` must be 1/N for a whole N, such as 0.1, found %s", strconv.FormatFloat(rate, 'g', -1, 64))
	}
	return nil
}

// isInstrumentName follows the instrument name syntax of the OpenTelemetry
// specification (metrics API): a letter, then up to 254 letters, digits, '_', '.', '-'
// or '/', all of them ASCII.
func isInstrumentName(name string) bool {
	if name == "" || len(name) > MaxMetricBytes || !isLetter(name[0]) {
		return false
	}
	for i := range len(name) {
		if c := name[i]; !isLetter(c) && (c < '0' || c > '9') && !strings.ContainsRune("_.-/", rune(c)) {
			return false
		}
	}
	return true
}

func isLetter(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// isUnit follows the instrument unit rule of the OpenTelemetry specification (metrics
// API): ASCII, at most 63 characters.
func isUnit(unit string) bool {
	for i := range len(unit) {
		if unit[i] >= utf8.RuneSelf {
			return false
		}
	}
	return len(unit) <= MaxUnitBytes
}
