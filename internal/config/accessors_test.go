// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
)

func TestAnnotationOverrides(t *testing.T) {
	c := mustDecode(t, `
resource_attributes: [a]
series_limit: 7
annotations: [{metric: inherits}, {metric: overrides, resource_attributes: [], series_limit: 0}]
`)
	assert.Equal(t, []string{"a"}, c.ResourceAttributesOf(&c.Annotations[0]))
	assert.Equal(t, 7, c.SeriesLimitOf(&c.Annotations[0]))
	assert.Equal(t, []string{}, c.ResourceAttributesOf(&c.Annotations[1]))
	assert.Equal(t, 0, c.SeriesLimitOf(&c.Annotations[1]))
}

func TestEffective(t *testing.T) {
	unset := Annotation{}
	assert.Equal(t, TypeCounter, unset.EffectiveType())
	assert.Equal(t, AggregateLast, unset.EffectiveAggregate())
	assert.True(t, unset.IsInt())

	set := Annotation{Type: TypeGauge, Aggregate: AggregateMax, Condition: " true ", Value: " body"}
	assert.Equal(t, TypeGauge, set.EffectiveType())
	assert.Equal(t, AggregateMax, set.EffectiveAggregate())
	assert.False(t, set.IsInt())

	assert.False(t, (&Annotation{Value: "body"}).IsInt())
	assert.False(t, (&Annotation{Type: TypeUpDownCounter}).IsInt())
	assert.True(t, (&Annotation{Type: TypeCounter}).IsInt())
}

func TestRecordsPerSample(t *testing.T) {
	assert.Equal(t, uint64(1), (&Annotation{}).RecordsPerSample())
	for _, n := range []uint64{1, 2, 3, 7, 10, 49, 100, 1000, 1e6 + 3, 1e15 + 37} {
		assert.Equal(t, n, (&Annotation{SampleRate: new(1 / float64(n))}).RecordsPerSample())
	}
	// As many digits as a user writes.
	assert.Equal(t, uint64(3), (&Annotation{SampleRate: new(0.3333333333)}).RecordsPerSample())
	assert.Equal(t, uint64(6), (&Annotation{SampleRate: new(0.1666666667)}).RecordsPerSample())
}

func TestBoundaries(t *testing.T) {
	ms := Annotation{Type: TypeHistogram, Unit: "ms"}
	assert.Equal(t, []float64{0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000}, ms.Boundaries())
	s := Annotation{Type: TypeHistogram, Unit: "s"}
	assert.Equal(t, []float64{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10}, s.Boundaries())
	own := Annotation{Type: TypeHistogram, Unit: "s", Buckets: []float64{1, 2}}
	assert.Equal(t, []float64{1, 2}, own.Boundaries())
	assert.Nil(t, (&Annotation{Type: TypeHistogram, Unit: "By"}).Boundaries())
	assert.Nil(t, (&Annotation{Type: TypeCounter, Unit: "s"}).Boundaries())

	// The caller owns the result.
	own.Boundaries()[0] = 9
	ms.Boundaries()[0] = 9
	assert.Equal(t, []float64{1, 2}, own.Buckets)
	assert.Zero(t, ms.Boundaries()[0])
}

func TestMaxSize(t *testing.T) {
	assert.Equal(t, 160, (&Annotation{Type: TypeExponentialHistogram}).EffectiveMaxSize())
	assert.Equal(t, 20, (&Annotation{Type: TypeExponentialHistogram, MaxSize: new(20)}).EffectiveMaxSize())
	assert.Zero(t, (&Annotation{Type: TypeHistogram, MaxSize: new(20)}).EffectiveMaxSize())
}

func TestDefaultNeedsOnlyAnnotations(t *testing.T) {
	assert.EqualError(t, confmap.Validate(Default()), "`annotations` must have at least one annotation, found none")
	c := Default()
	c.Annotations = []Annotation{{Metric: "a"}}
	require.NoError(t, confmap.Validate(c))
}

func TestWarnings(t *testing.T) {
	c := mustDecode(t, `
annotations:
  - {metric: a, labels: [job, fine, jobs, otel_scope]}
  - {metric: b, labels: [instance, otel.scope.name, otel--scope.foo]}
`)
	require.NoError(t, confmap.Validate(c))
	assert.Equal(t, []string{
		`annotations::0::labels::0: label "job" is "job" for Prometheus, which it fills with the resource's service.name: where that is set the Prometheus exporter drops the metric and remote write overwrites the label, and a scrape without honor_labels renames it exported_job`,
		`annotations::1::labels::0: label "instance" is "instance" for Prometheus, which it fills with the resource's service.instance.id: where that is set the Prometheus exporter drops the metric and remote write overwrites the label, and a scrape without honor_labels renames it exported_instance`,
		`annotations::1::labels::1: label "otel.scope.name" is "otel_scope_name" for Prometheus, which it fills with the instrumentation scope: the Prometheus exporter drops the metric unless without_scope_info is on, and remote write overwrites the label if it promotes scopes`,
		`annotations::1::labels::2: label "otel--scope.foo" is "otel_scope_foo" for Prometheus, which it keeps for attributes of the instrumentation scope: the label is taken for one of them`,
	}, c.Warnings())
	assert.Empty(t, mustDecode(t, `annotations: [{metric: a, labels: [b]}]`).Warnings())
}
