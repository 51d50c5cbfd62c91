// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
	"go.yaml.in/yaml/v3"
)

// decode reads YAML as the Collector does: strictly, over the defaults.
func decode(t testing.TB, text string) (*Config, error) {
	t.Helper()
	var m map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(text), &m))
	c := Default()
	return c, confmap.NewFromStringMap(m).Unmarshal(c)
}

func mustDecode(t testing.TB, text string) *Config {
	t.Helper()
	c, err := decode(t, text)
	require.NoError(t, err)
	return c
}

func TestDecodeEveryKey(t *testing.T) {
	c := mustDecode(t, `
interval: 1m
temporality: delta
count: seen
error_mode: silent
resource_attributes: [host.name]
writer_attribute: collector
series_limit: 5
expire_after: 2h
storage: file_storage/a
telemetry: {per_annotation: false}
annotations:
  - metric: latency
    type: histogram
    description: d
    unit: By
    condition: severity_number > 9
    value: attributes["x"]
    labels: [http.route, {name: a, value: body, default: 1}, {name: b, required: true}]
    aggregate: max
    buckets: [1, 2.5]
    max_size: 20
    sample_rate: 0.5
    exemplars: true
    initial_zero: true
    resource_attributes: ["*"]
    series_limit: 0
    expire_after: 1m
`)
	require.NotNil(t, c.Storage)
	assert.Equal(t, "file_storage/a", c.Storage.String())
	c.Storage = nil
	assert.Equal(t, &Config{
		Interval:           time.Minute,
		Temporality:        TemporalityDelta,
		Count:              CountSeen,
		ErrorMode:          ErrorModeSilent,
		ResourceAttributes: []string{"host.name"},
		WriterAttribute:    "collector",
		SeriesLimit:        5,
		ExpireAfter:        2 * time.Hour,
		Annotations: []Annotation{{
			Metric:      "latency",
			Type:        TypeHistogram,
			Description: "d",
			Unit:        "By",
			Condition:   "severity_number > 9",
			Value:       `attributes["x"]`,
			Labels: []Label{
				{Name: "http.route"},
				{Name: "a", Value: "body", Default: 1},
				{Name: "b", Required: true},
			},
			Aggregate:          AggregateMax,
			Buckets:            []float64{1, 2.5},
			MaxSize:            new(20),
			SampleRate:         new(0.5),
			Exemplars:          new(true),
			InitialZero:        new(true),
			ResourceAttributes: &[]string{"*"},
			SeriesLimit:        new(0),
			ExpireAfter:        new(time.Minute),
		}},
	}, c)
}

func TestDecodeErrorsComeTogether(t *testing.T) {
	_, err := decode(t, `
foo: 1
interval: soon
telemetry: {bar: 2}
annotations:
  - metrik: a
    value: 1
    condition: true
    buckets: [1, "2"]
    labels: [{nam: x}, 7, [a]]
`)
	require.Error(t, err)
	assert.ErrorContains(t, err, `'config.Config' has invalid keys: foo`)
	assert.ErrorContains(t, err, `'interval' time: invalid duration`)
	assert.ErrorContains(t, err, `'telemetry' has invalid keys: bar`)
	assert.ErrorContains(t, err, `'annotations[0]' has invalid keys: metrik`)
	assert.ErrorContains(t, err, `'annotations[0].value' expected type 'string', got unconvertible type 'int'`)
	assert.ErrorContains(t, err, `'annotations[0].condition' expected type 'string', got unconvertible type 'bool'`)
	assert.ErrorContains(t, err, `'annotations[0].buckets[1]' expected type 'float64', got unconvertible type 'string'`)
	assert.ErrorContains(t, err, `'annotations[0].labels[0]' has invalid keys: nam`)
	assert.ErrorContains(t, err, `'annotations[0].labels[1]' expected a map or struct, got "int"`)
	assert.ErrorContains(t, err, `'annotations[0].labels[2]' expected a map or struct, got "slice"`)
}

// TestDecodeIsLossless is about values that confmap alone would change without a word.
func TestDecodeIsLossless(t *testing.T) {
	for _, tt := range []struct{ yaml, want string }{
		{"interval: 1500000000.5", "`interval` must be a duration with a unit, as in 15s, found 1.5000000005e+09"},
		{"series_limit: -0.5", "`series_limit` must be a whole number, found -0.5"},
		{"series_limit: .inf", "`series_limit` must be a whole number, found +Inf"},
		{"series_limit: .nan", "`series_limit` must be a whole number, found NaN"},
		{"expire_after: 0.5", "`expire_after` must be a duration with a unit, as in 1h, found 0.5"},
		{
			"annotations: [{metric: a}, {max_size: 20.5, series_limit: 1.5, expire_after: 0.5, buckets: [1, null]}]",
			"annotations::1: `buckets` must not contain null, found it at index 1; `max_size` must be a whole number, found 20.5; " +
				"`series_limit` must be a whole number, found 1.5; `expire_after` must be a duration with a unit, as in 1h, found 0.5",
		},
	} {
		_, err := decode(t, tt.yaml)
		assert.ErrorContains(t, err, tt.want)
	}
	_, err := decode(t, "interval: soon\nseries_limit: 1.5")
	require.ErrorContains(t, err, "'interval' time: invalid duration")
	require.ErrorContains(t, err, "`series_limit` must be a whole number, found 1.5")

	c := mustDecode(t, "interval: 2e9\nseries_limit: 10.0\nannotations: [{max_size: 2e1, buckets: [1, 2.5]}]")
	assert.Equal(t, 2*time.Second, c.Interval)
	assert.Equal(t, 10, c.SeriesLimit)
	assert.Equal(t, 20, *c.Annotations[0].MaxSize)
}

func TestDecodeResourceAttributes(t *testing.T) {
	for _, tt := range []struct {
		name, yaml string
		want       []string
	}{
		{"absent keeps the default", "series_limit: 1", Default().ResourceAttributes},
		{"null keeps the default", "resource_attributes: null", Default().ResourceAttributes},
		{"empty stays empty", "resource_attributes: []", []string{}},
		{"a shorter list replaces all", "resource_attributes: [a]", []string{"a"}},
		{"a longer list replaces all", "resource_attributes: [a, b, c, d]", []string{"a", "b", "c", "d"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, mustDecode(t, tt.yaml).ResourceAttributes)
		})
	}

	c := mustDecode(t, `annotations: [{metric: a}, {metric: b, resource_attributes: []}, {metric: c, resource_attributes: null}, {metric: d, resource_attributes: [x]}]`)
	assert.Nil(t, c.Annotations[0].ResourceAttributes)
	assert.Equal(t, &[]string{}, c.Annotations[1].ResourceAttributes)
	assert.Nil(t, c.Annotations[2].ResourceAttributes)
	assert.Equal(t, &[]string{"x"}, c.Annotations[3].ResourceAttributes)
}

func TestDecodeNullKeepsDefault(t *testing.T) {
	c := mustDecode(t, `
interval: null
temporality: null
count: null
error_mode: null
resource_attributes: null
writer_attribute: null
series_limit: null
expire_after: null
storage: null
telemetry: {per_annotation: null}
annotations: null
`)
	assert.Equal(t, Default(), c)
	assert.Equal(t, Default(), mustDecode(t, "telemetry: null"))
	assert.Equal(t, Default(), mustDecode(t, "telemetry: {}"))
	assert.Equal(t, Default(), mustDecode(t, "{}"))
	assert.Equal(t, Default(), mustDecode(t, ""))

	c = mustDecode(t, `
annotations:
  - {metric: a, type: null, description: null, unit: null, labels: null, aggregate: null,
     buckets: null, max_size: null, sample_rate: null, exemplars: null, initial_zero: null,
     resource_attributes: null, series_limit: null, expire_after: null}
`)
	assert.Equal(t, []Annotation{{Metric: "a"}}, c.Annotations)
}

func TestDecodeLeavesInputAlone(t *testing.T) {
	in := map[string]any{"interval": nil, "telemetry": map[string]any{"per_annotation": nil}}
	require.NoError(t, confmap.NewFromStringMap(in).Unmarshal(Default()))
	assert.Equal(t, map[string]any{"interval": nil, "telemetry": map[string]any{"per_annotation": nil}}, in)
}
