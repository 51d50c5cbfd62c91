// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
)

// TestInvalidConfigs lists every rule with the whole text of its error.
func TestInvalidConfigs(t *testing.T) {
	for _, tt := range invalidConfigs() {
		t.Run(tt.name, func(t *testing.T) {
			err := confmap.Validate(mustDecode(t, tt.yaml))
			assert.EqualError(t, err, tt.want)
		})
	}
}

func TestValidConfigs(t *testing.T) {
	for _, tt := range validConfigs() {
		t.Run(tt.name, func(t *testing.T) {
			assert.NoError(t, confmap.Validate(mustDecode(t, tt.yaml)))
		})
	}
}

// TestB26NamesThatPrometheusMerges is about defect B26: each of these makes Prometheus
// lose a metric or the whole target.
func TestB26NamesThatPrometheusMerges(t *testing.T) {
	for _, tt := range []struct{ yaml, want string }{
		{`annotations: [{metric: a, type: histogram, unit: s, value: body, labels: [le]}]`, `"le"`},
		{`annotations: [{metric: a, labels: [http.route, http_route]}]`, `"http_route"`},
		{`annotations: [{metric: errors}, {metric: errors.total, type: gauge, value: body}]`, `"errors_total"`},
	} {
		assert.ErrorContains(t, confmap.Validate(mustDecode(t, tt.yaml)), tt.want)
	}
}

func TestPerAnnotationLimit(t *testing.T) {
	c := Default()
	for i := range MaxSplitAnnotations {
		c.Annotations = append(c.Annotations, Annotation{Metric: fmt.Sprintf("metric%d", i)})
	}
	require.NoError(t, confmap.Validate(c))

	c.Annotations = append(c.Annotations, Annotation{Metric: "one.more"})
	assert.EqualError(t, confmap.Validate(c),
		"`telemetry::per_annotation` must be false for more than 200 annotations, found 201 annotations")

	c.Telemetry.PerAnnotation = false
	assert.NoError(t, confmap.Validate(c))
}

// TestEachProblemIsSeen asserts that errors.As reaches what is behind the first problem.
func TestEachProblemIsSeen(t *testing.T) {
	errSecond := errors.New("second")
	var p problems
	require.NoError(t, p.err())
	p.add(errors.New("first"))
	p.add(nil)
	p.add(errSecond)
	assert.EqualError(t, p.err(), "first; second")
	assert.ErrorIs(t, p.err(), errSecond)
}

func TestQuote(t *testing.T) {
	assert.Equal(t, `"a\n\xff"`, quote("a\n\xff"))
	assert.Equal(t, `"`+strings.Repeat("a", 99)+`"... (101 bytes)`, quote(strings.Repeat("a", 99)+"é"))
	assert.Equal(t, `"`+strings.Repeat("a", 100)+`"... (200 bytes)`, quote(strings.Repeat("a", 200)))
	assert.Contains(t, quote(strings.Repeat("\x80", 200)), "(200 bytes)")
}

// FuzzValidate asserts that no name, bucket or default panics, and that what one
// validation says the next one says, too.
func FuzzValidate(f *testing.F) {
	f.Add("errors", "errors.total", "s", "http.route", "http_route", "body", 1.0, 2.0)
	f.Add("é", "\xff", "{}/", "____", "\x80\x80", "Int(", 0.0, math.Copysign(0, -1))
	f.Add("a", "A", "/", "", "1a", "not not", 1e308, 5e-324)
	f.Fuzz(func(t *testing.T, metric1, metric2, unit, label1, label2, text string, b1, b2 float64) {
		if len(text) > 200 {
			return // OTTL's parser takes seconds for 1,000 nested brackets
		}
		c := Default()
		for _, typ := range append([]MetricType{MetricType(text)}, MetricTypes()...) {
			c.Annotations = append(c.Annotations, Annotation{
				Metric: metric1, Type: typ, Unit: unit, Condition: text, Value: text, SampleRate: &b1,
				Buckets: []float64{b1, b2},
				Labels:  []Label{{Name: label1, Value: text, Default: b2}, {Name: label2, Default: text}},
			}, Annotation{Metric: metric2, Unit: unit, Type: typ})
		}
		c.ResourceAttributes = []string{label1, label2}
		first := confmap.Validate(c)
		require.Error(t, first, "metrics are not unique")
		require.EqualError(t, confmap.Validate(c), first.Error())
		for i := range c.Annotations {
			c.Annotations[i].Boundaries()
		}
		_ = c.Warnings()
	})
}
