// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
)

// substitutes are what the names below stand for, as YAML.
var substitutes = map[string]string{
	"DURATION":    "30s",
	"N":           "10",
	"HUNDRED":     "100",
	"RATE":        "0.5",
	"FALSE":       "false",
	"MODE":        "silent",
	"DELTA":       "delta",
	"EEN":         "een",
	"WORD":        "word",
	"LIST":        "[a, b]",
	"TYPE":        "histogram",
	"GAUGE":       "gauge",
	"MAX":         "max",
	"EMPTY":       "",
	"SECONDS":     "s",
	"BUCKETS":     "[1, 2]",
	"EXPRESSION":  "severity_number",
	"LABEL":       "{name: z}",
	"LABELS":      "[a, {name: b}]",
	"TELEMETRY":   "{per_annotation: false}",
	"ANNOTATION":  "{metric: from.file}",
	"ANNOTATIONS": "[{metric: a}, {metric: b}]",
	"COMPONENT":   "{annotations: [{metric: a}]}",
}

// TestSchemaTakesSubstitutions expands each as the Collector does, and asserts that the
// schema accepts what is valid after that.
func TestSchemaTakesSubstitutions(t *testing.T) {
	s := compileSchema(t, componentSchema)
	for _, text := range []string{
		`{interval: "${env:DURATION}", expire_after: "${N}m", annotations: [{metric: a, expire_after: "${env:DURATION}"}]}`,
		`{temporality: "${env:DELTA}", count: "s${env:EEN}", error_mode: "${env:MODE}", annotations: [{metric: a}]}`,
		`{series_limit: "${env:N}", annotations: [{metric: a, series_limit: "${N}"}], telemetry: {per_annotation: "${env:FALSE}"}, storage: "${env:WORD}/${env:WORD}"}`,
		`{telemetry: "${file:TELEMETRY}", annotations: [{metric: a, exemplars: "${env:FALSE}", initial_zero: "${env:FALSE}", sample_rate: "${env:RATE}"}]}`,
		`{resource_attributes: "${env:LIST}", annotations: [{metric: a, resource_attributes: ["${env:WORD}", b]}]}`,
		`{resource_attributes: ["${env:WORD}"], writer_attribute: "${env:WORD}", annotations: "${file:ANNOTATIONS}"}`,
		`{annotations: ["${file:ANNOTATION}", {metric: "${env:WORD}.errors", description: "${env:WORD}", unit: "${env:WORD}", type: "${env:TYPE}", value: "${env:EXPRESSION}", buckets: "${env:BUCKETS}"}]}`,
		`{annotations: [{metric: a, type: "${env:TYPE}", value: body, unit: "${env:SECONDS}"}]}`,
		`{annotations: [{metric: a, type: histogram, value: body, unit: "${env:SECONDS}"}]}`,
		`{annotations: [{metric: a, type: histogram, value: body, buckets: ["${env:N}", 20]}]}`,
		`{annotations: [{metric: a, type: "exponential_${env:TYPE}", value: body, max_size: "${env:HUNDRED}"}]}`,
		`{annotations: [{metric: a, type: "${env:GAUGE}", value: body, aggregate: "${env:MAX}"}]}`,
		`{annotations: [{metric: a, type: "${env:EMPTY}", aggregate: "${env:EMPTY}"}]}`,
		`{annotations: [{metric: a, condition: "${env:EXPRESSION} == 1", labels: ["${env:WORD}", {name: "${env:WORD}.x", value: "${env:EXPRESSION}", default: "${env:N}", required: "${env:FALSE}"}]}]}`,
		`{annotations: [{metric: a, labels: "${env:LABELS}"}, {metric: b, labels: ["${file:LABEL}", "x${env:WORD}"]}]}`,
		`{interval: "${env:DURATION:-9999999h}", resource_attributes: "${env:WORD}", expire_after: "9999999999m${env:SECONDS}", annotations: [{metric: "target.info.${env:WORD}", labels: ["x$${env:WORD}", "$a${env:WORD}"]}]}`,
		`{"telemetry::per_annotation": "${env:FALSE}", annotations: [{metric: a}]}`,
		`"${file:COMPONENT}"`,
	} {
		value := fromYAML(t, text)
		require.NoError(t, load(expand(t, value)), text)
		assert.NoError(t, checkSchema(s, value), text)
	}

	// What is only a part of a value stays text, which is no number.
	text := `{series_limit: "${env:N}0", annotations: [{metric: a}]}`
	require.ErrorContains(t, load(expand(t, fromYAML(t, text))), "series_limit")
	// A text with a dollar is not a substitution.
	for _, text := range []string{"{series_limit: $N}", "{interval: $N}", "{temporality: $DELTA}", "{annotations: [{metric: $WORD}]}"} {
		m := fromYAML(t, text).(map[string]any)
		require.Error(t, load(confmap.NewFromStringMap(m)), text)
		assert.Error(t, checkSchema(s, m), text)
	}
}

// expand returns value as the Collector hands it to a component.
func expand(t *testing.T, value any) *confmap.Conf {
	t.Helper()
	provide := func(scheme string) confmap.ProviderFactory {
		return confmap.NewProviderFactory(func(confmap.ProviderSettings) confmap.Provider {
			return &substitutor{scheme: scheme, config: map[string]any{"component": value}}
		})
	}
	r, err := confmap.NewResolver(confmap.ResolverSettings{
		URIs:              []string{"config:"},
		ProviderFactories: []confmap.ProviderFactory{provide("config"), provide("env"), provide("file")},
		DefaultScheme:     "env",
	})
	require.NoError(t, err)
	conf, err := r.Resolve(t.Context())
	require.NoError(t, err)
	component, err := conf.Sub("component")
	require.NoError(t, err)
	return component
}

// substitutor provides the configuration or one of the substitutes.
type substitutor struct {
	scheme string
	config map[string]any
}

func (s *substitutor) Scheme() string { return s.scheme }

func (s *substitutor) Retrieve(_ context.Context, uri string, _ confmap.WatcherFunc) (*confmap.Retrieved, error) {
	name, _, _ := strings.Cut(strings.TrimPrefix(uri, s.scheme+":"), ":-") // and the default
	if name == "" {
		return confmap.NewRetrieved(s.config)
	}
	text, ok := substitutes[name]
	if !ok {
		return nil, fmt.Errorf("no substitute for %s", name)
	}
	return confmap.NewRetrievedFromYAML([]byte(text))
}

func (*substitutor) Shutdown(context.Context) error { return nil }
