// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package config // import "github.com/annotationmetrics/annotationmetricsprocessor/internal/config"

import (
	"time"

	"go.opentelemetry.io/collector/component"
)

// Temporality is the aggregation temporality of emitted counters and histograms.
type Temporality string

// The temporalities that `temporality` takes.
const (
	TemporalityCumulative Temporality = "cumulative"
	TemporalityDelta      Temporality = "delta"
)

// Temporalities returns all of them.
func Temporalities() []Temporality { return []Temporality{TemporalityCumulative, TemporalityDelta} }

// Count says which batches count.
type Count string

// The values that `count` takes.
const (
	// CountAccepted counts a batch once the next consumer has taken it (or has
	// refused it for good), so that a sender's retry never counts twice.
	CountAccepted Count = "accepted"
	// CountSeen counts a batch whatever the next consumer says.
	CountSeen Count = "seen"
)

// Counts returns all of them.
func Counts() []Count { return []Count{CountAccepted, CountSeen} }

// ErrorMode says what happens, beside counting, when an expression fails.
type ErrorMode string

// The values that `error_mode` takes.
const (
	ErrorModeIgnore ErrorMode = "ignore"
	ErrorModeSilent ErrorMode = "silent"
)

// ErrorModes returns all of them.
func ErrorModes() []ErrorMode { return []ErrorMode{ErrorModeIgnore, ErrorModeSilent} }

// MetricType is the kind of instrument that an annotation feeds.
type MetricType string

// The values that `type` takes.
const (
	TypeCounter              MetricType = "counter"
	TypeUpDownCounter        MetricType = "updowncounter"
	TypeGauge                MetricType = "gauge"
	TypeHistogram            MetricType = "histogram"
	TypeExponentialHistogram MetricType = "exponential_histogram"
)

// MetricTypes returns all of them.
func MetricTypes() []MetricType {
	return []MetricType{TypeCounter, TypeUpDownCounter, TypeGauge, TypeHistogram, TypeExponentialHistogram}
}

// Aggregate says which value a gauge keeps.
type Aggregate string

// The values that `aggregate` takes.
const (
	AggregateLast Aggregate = "last"
	AggregateMin  Aggregate = "min"
	AggregateMax  Aggregate = "max"
)

// Aggregates returns all of them.
func Aggregates() []Aggregate { return []Aggregate{AggregateLast, AggregateMin, AggregateMax} }

// Defaults of the component's own keys.
const (
	DefaultInterval    = 15 * time.Second
	DefaultSeriesLimit = 10_000
	DefaultExpireAfter = time.Hour
	MinInterval        = time.Second
	// MaxSplitAnnotations is the most annotations that `telemetry.per_annotation`
	// serves: with more, an instrument would pass the 2,000 attribute sets at which
	// the Collector's own SDK folds them into one.
	MaxSplitAnnotations = 200
)

// Config is what a user configures for the processor and for the connector. A key that
// is null keeps its default.
type Config struct {
	// Interval is how often derived metrics are emitted. Default 15s, at least 1s.
	Interval time.Duration `mapstructure:"interval"`

	// Temporality of counters and histograms: `cumulative` (default) or `delta`.
	// updowncounters and gauges are not affected.
	Temporality Temporality `mapstructure:"temporality"`

	// Count says which batches count: `accepted` (default) or `seen`.
	Count Count `mapstructure:"count"`

	// ErrorMode is `ignore` (default: count failures and log them, rate limited) or
	// `silent` (count only).
	ErrorMode ErrorMode `mapstructure:"error_mode"`

	// ResourceAttributes are the resource attributes that stay on derived metrics and
	// identify a series; the others are aggregated over. `["*"]` keeps all, `[]` none.
	// Default [service.name, service.namespace, service.instance.id].
	ResourceAttributes []string `mapstructure:"resource_attributes"`

	// WriterAttribute is the resource attribute that receives the Collector's
	// service.instance.id, so that several Collectors never write one series. It is never
	// taken from the logs. Default "" = none.
	WriterAttribute string `mapstructure:"writer_attribute"`

	// SeriesLimit is the most series one annotation holds, over all resources.
	// Default 10000, 0 = no limit. At the limit new label sets fold into one overflow
	// series per annotation, so that totals stay exact.
	SeriesLimit int `mapstructure:"series_limit"`

	// ExpireAfter drops a series for which no record has counted for so long. Default 1h,
	// 0s = never, at least 1s. Checked at each emission; what no accepted emission has shown
	// does not expire. Not for updowncounters, unless they set it themselves.
	ExpireAfter time.Duration `mapstructure:"expire_after"`

	// Storage is the ID of a storage extension, which keeps state over restarts and reloads.
	// Default none.
	Storage *component.ID `mapstructure:"storage"`

	// Telemetry configures the component's own metrics.
	Telemetry Telemetry `mapstructure:"telemetry"`

	// Annotations are the metrics to derive; at least one.
	Annotations []Annotation `mapstructure:"annotations"`

	_ struct{}
}

// Telemetry configures the component's own metrics.
type Telemetry struct {
	// PerAnnotation splits self-metrics by annotation. Default true; refused over 200
	// annotations.
	PerAnnotation bool `mapstructure:"per_annotation"`

	_ struct{}
}

// Annotation derives one metric: a condition selects records, a value expression
// measures them, labels split them.
type Annotation struct {
	// Metric is the instrument name: a letter followed by up to 254 letters, digits, '_',
	// '.', '-' or '/'. Unique in the component, case-insensitively.
	Metric string `mapstructure:"metric"`

	// Type of the instrument. Default counter.
	Type MetricType `mapstructure:"type"`

	// Description and Unit (UCUM, at most 63 ASCII characters) of the instrument.
	// Default "".
	Description string `mapstructure:"description"`
	Unit        string `mapstructure:"unit"`

	// Condition is an OTTL boolean expression, never empty. Without it every record counts.
	Condition string `mapstructure:"condition"`

	// Value is an OTTL value expression. Default for counters: each record counts 1,
	// as int64. Required for all other types, which are float64.
	Value string `mapstructure:"value"`

	// Labels split the metric into series. One that is text is a record attribute kept
	// under its own name.
	Labels []Label `mapstructure:"labels"`

	// Aggregate says which value a gauge keeps: `last` (default, by event time), or `min`
	// or `max` of each interval. The latter have points only for intervals with records.
	Aggregate Aggregate `mapstructure:"aggregate"`

	// Buckets are a histogram's upper boundaries (inclusive), strictly ascending and
	// finite. Default: the usual boundaries for the units `ms` and `s`, else required.
	Buckets []float64 `mapstructure:"buckets"`

	// MaxSize is the most buckets of an exponential histogram, 20 to 1000. Default 160.
	// When values take more, buckets are merged in pairs.
	MaxSize *int `mapstructure:"max_size"`

	// SampleRate 1/N, for a whole N below 2^53, evaluates each record with probability 1/N
	// and counts it N times. Default 1: every record, once. Counters and histograms
	// only.
	SampleRate *float64 `mapstructure:"sample_rate"`

	// Exemplars takes exemplars from records that carry a trace ID. Default false.
	Exemplars *bool `mapstructure:"exemplars"`

	// InitialZero emits a new series of a cumulative counter or histogram as 0 first, and
	// its value from the next emission on. Default true.
	InitialZero *bool `mapstructure:"initial_zero"`

	// ResourceAttributes, SeriesLimit and ExpireAfter override the component's keys of
	// the same name. Default: the component's.
	ResourceAttributes *[]string      `mapstructure:"resource_attributes"`
	SeriesLimit        *int           `mapstructure:"series_limit"`
	ExpireAfter        *time.Duration `mapstructure:"expire_after"`

	_ struct{}
}

// Label is one label of an annotation. A plain string in the config is a record
// attribute kept under its own name.
type Label struct {
	// Name of the label.
	Name string `mapstructure:"name"`

	// Value is an OTTL value expression, never empty. Without it the label is the record
	// attribute of its name.
	Value string `mapstructure:"value"`

	// Default replaces a missing value: a string, an integer, a number or a boolean.
	// Default: the label is absent.
	Default any `mapstructure:"default"`

	// Required refuses records on which the value is missing (outcome
	// `label_missing`). Default false.
	Required bool `mapstructure:"required"`

	_ struct{}
}

// UnmarshalText reads the short form of a label: the name of a record attribute.
func (l *Label) UnmarshalText(text []byte) error {
	*l = Label{Name: string(text)}
	return nil
}

// Default returns the configuration with every default set and no annotation.
func Default() *Config {
	return &Config{
		Interval:           DefaultInterval,
		Temporality:        TemporalityCumulative,
		Count:              CountAccepted,
		ErrorMode:          ErrorModeIgnore,
		ResourceAttributes: []string{"service.name", "service.namespace", "service.instance.id"},
		SeriesLimit:        DefaultSeriesLimit,
		ExpireAfter:        DefaultExpireAfter,
		Telemetry:          Telemetry{PerAnnotation: true},
	}
}
