// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
	"go.yaml.in/yaml/v3"
)

// The schemas for editors, relative to this package.
const (
	componentSchema = "../../config.schema.json"
	collectorSchema = "../../collector.schema.json"
)

// unseen are the rules that a JSON Schema cannot express, with the cases that it accepts
// although they are invalid.
var unseen = map[string][]string{
	"an expression is OTTL": {
		"condition syntax",
		"condition syntax in a second line",
		"condition not boolean",
		"condition with a constant that is not boolean",
		"condition with a lower-case function",
		"condition with an editor",
		"condition with an editor as an operand",
		"condition with an unknown function",
		"condition with an unknown path",
		"condition with a path of another signal",
		"condition with a bad pattern",
		"value syntax",
		"value with a comparison",
		"value with an editor",
		"value with a statement",
		"label value syntax",
		"label value with an editor",
	},
	"names differ, within a list of things that differ": {
		"metric twice but for case",
		"labels twice, both spellings",
	},
	"metrics differ in Prometheus, too": {
		"metrics sanitized",
		"metrics sanitized, dash and slash",
		"metrics sanitized, but for case",
		"metrics sanitized, runs of characters",
		"metrics of which one becomes another with _total",
		"metrics of which one becomes another with _total, the other way round",
		"metrics with _total as a middle word",
		"metrics of which one becomes another with _total, but for case",
		"metrics of which one becomes another with a unit",
		"metrics of which one becomes another with a unit, counter",
		"metrics of which one becomes another with a unit and _total",
		"metrics of which one becomes another with a per unit",
		"metrics of which one becomes another with _ratio",
		"metrics of which one is a histogram's series _count",
		"metrics of which one is a histogram's series _sum",
		"metrics of which one is a histogram's series _bucket",
		"metrics of which one is a histogram's series with a unit",
		"metrics, three of one spelling",
		"metrics, a third that clashes with two",
	},
	"labels differ in Prometheus, too": {
		"labels sanitized",
		"labels sanitized, not ASCII",
		"labels sanitized, runs of characters",
		"labels sanitized, digit",
		"labels, three of one spelling",
	},
	"buckets ascend": {
		"buckets descending",
		"buckets equal as float64",
	},
	"a sample rate is 1/N": {
		"sample_rate not 1/N",
		"sample_rate, too few digits of a third",
	},
	"a name is so many bytes long, not characters": {
		"label name too long in bytes",
	},
	"a default is nothing that only YAML can tell from text or from a number": {
		"label default date",
		"label default too large an integer",
	},
	"what is no JSON: infinities, NaN and text that is not UTF-8": {
		"resource attribute not UTF-8",
		"writer_attribute not UTF-8",
		"metric not UTF-8",
		"description not UTF-8",
		"condition not UTF-8",
		"label name not UTF-8",
		"label default not UTF-8",
		"label default NaN",
		"label default infinite",
		"buckets NaN",
		"buckets NaN only",
		"buckets infinite",
		"buckets negative infinite",
		"sample_rate NaN",
		"sample_rate infinite",
	},
}

// TestSchemaRefusesInvalidConfigs also asserts that no rule is listed as unseen that is
// seen.
func TestSchemaRefusesInvalidConfigs(t *testing.T) {
	s := compileSchema(t, componentSchema)
	excused := map[string]bool{}
	for _, names := range unseen {
		for _, name := range names {
			require.False(t, excused[name], "%q is listed twice", name)
			excused[name] = true
		}
	}
	for _, tt := range invalidConfigs() {
		err := checkSchema(s, fromYAML(t, tt.yaml))
		seen := err != nil && !errors.Is(err, errNotJSON)
		if excused[tt.name] {
			assert.False(t, seen, "%s: the schema refuses it, so that it belongs off the list", tt.name)
		} else {
			assert.True(t, seen, "%s: the schema accepts %s", tt.name, tt.yaml)
		}
		delete(excused, tt.name)
	}
	assert.Empty(t, slices.Collect(maps.Keys(excused)), "these are no cases")
}

func TestSchemaAcceptsValidConfigs(t *testing.T) {
	s := compileSchema(t, componentSchema)
	for _, tt := range validConfigs() {
		assert.NoError(t, checkSchema(s, fromYAML(t, tt.yaml)), tt.name)
	}
}

// TestSchemaKnowsTypes compares what confmap decodes with what the schema accepts.
func TestSchemaKnowsTypes(t *testing.T) {
	component := func(keys string) string { return keys + "\nannotations: [{metric: a}]" }
	annotation := func(keys string) string { return "annotations: [{metric: a, " + keys + "}]" }
	many := func(keys string) string {
		var text strings.Builder
		text.WriteString(keys + "\nannotations:")
		for i := range MaxSplitAnnotations + 1 {
			fmt.Fprintf(&text, "\n- metric: metric%d", i)
		}
		return text.String()
	}
	histogram := func(keys string) string { return annotation(keys + ", type: histogram, value: body, unit: s") }
	exponential := func(keys string) string { return annotation(keys + ", type: exponential_histogram, value: body") }
	s := compileSchema(t, componentSchema)
	for _, tt := range []struct {
		yaml  string
		valid bool
	}{
		{component("foo: 1"), false},
		{component("Interval: 15s"), false},
		{component("interval: ''"), false},
		{component("interval: soon"), false},
		{component("interval: ' 15s'"), false},
		{component("interval: '15'"), false},
		{component("interval: true"), false},
		{component("interval: [15s]"), false},
		{component("interval: 1.5"), false},
		{component("interval: +15s"), true},
		{component("interval: .5h"), true},
		{component("interval: 1.m1000ms"), true},
		{component("interval: 1000000us"), true},
		{component("interval: 1000000µs"), true},
		{component("interval: 999999µs"), false},
		{component("interval: 0.9s"), false},
		{component("interval: 0h"), false},
		{component("interval: '0'"), false},
		{component("interval: 2000000000"), true}, // nanoseconds
		{component("interval: 2e9"), true},
		{component("interval: 9999999h"), false},
		{component("interval: 2562047h"), true},
		{component("interval: 2562048h"), false},
		{component("interval: 153722867m"), true},
		{component("interval: 153722868m"), false},
		{component("interval: 9223372036s"), true},
		{component("interval: 9223372037s"), false},
		{component("interval: 9223372036854ms"), true},
		{component("interval: 9223372036855ms"), false},
		{component("interval: 9223372036854775us"), true},
		{component("interval: 9223372036854776μs"), false},
		{component("interval: 9223372036854775807ns"), true},
		{component("interval: 9223372036854775808ns"), false},
		{component("interval: 1s2562048h"), false},
		{component("interval: +002562048.0h1s"), false},
		{component("interval: 0000000002562047.0h"), true},
		{component("interval: 1.99999999999999999999s"), true},
		{component("expire_after: 2562048h"), false},
		{component("expire_after: 0"), true},
		{component("expire_after: '0'"), true},
		{component("expire_after: -0s"), true},
		{component("expire_after: 0h0m"), true},
		{component("expire_after: 0.0001us"), true}, // zero
		{component("expire_after: 0.5ns"), true},    // zero
		{component("expire_after: 0.001us"), false},
		{component("expire_after: 0.000001ms"), false},
		{component("expire_after: 0.000000001s"), false},
		{component("expire_after: 0.5"), false},
		{component("expire_after: 1000000000"), true},
		{component("expire_after: 999999999"), false},
		{component("expire_after: -1h"), false},
		{component("series_limit: '10'"), false},
		{component("series_limit: 10.0"), true},
		{component("series_limit: 10.5"), false},
		{component("series_limit: true"), false},
		{component("series_limit: 9223372036854775807"), true},
		{component("series_limit: 18446744073709551615"), false},
		{component("resource_attributes: a"), true}, // confmap splits it at commas
		{component("resource_attributes: 'a,b'"), true},
		{component("resource_attributes: ''"), true},
		{component("resource_attributes: 'a,'"), false},
		{component("resource_attributes: 'a,*'"), false},
		{component("resource_attributes: '*,a'"), false},
		{component("resource_attributes: '*,*'"), false},
		{component("resource_attributes: 'a,*,b'"), false},
		{component("resource_attributes: 'a,*b,c*'"), true},
		{component("resource_attributes: [1]"), false},
		{component("resource_attributes: {}"), false},
		{component("resource_attributes: 1"), false},
		{component("writer_attribute: 1"), false},
		{component("storage: ''"), false},
		{component("storage: ' file_storage / a '"), true},
		{component("storage: file_storage/a/b"), true},
		{component("storage: file_storage/"), false},
		{component("storage: 'file_storage/a b'"), false},
		{component("storage: file_storage/a+b"), false},
		{component(`storage: "\u00a0file_storage\u2003/\u2003größe\u00a0"`), true},
		{component("storage: größe"), false},
		{component("storage: 1"), false},
		{component("telemetry: {}"), true},
		{component("telemetry: {foo: 1}"), false},
		{component("telemetry: ''"), false},
		{component("telemetry: []"), false},
		{component("telemetry: {per_annotation: 'true'}"), false},
		{component("telemetry: {per_annotation: 1}"), false},
		{component("telemetry::per_annotation: false"), true}, // confmap splits it at ::
		{component("telemetry::per_annotation: null"), true},
		{component("telemetry::per_annotation: 'false'"), false},
		{component("telemetry::foo: false"), false},
		{many("telemetry: null"), false},
		{many("telemetry: {per_annotation: true}"), false},
		{many("telemetry: {per_annotation: false}"), true},
		{many("telemetry::per_annotation: true"), false},
		{many("telemetry::per_annotation: null"), false},
		{many("telemetry::per_annotation: false"), true},
		{"annotations: [{metric: target._info}, {metric: otel__scope_info}]", true},
		{"annotations: [{metric: target_.info}, {metric: otel._scope_info}]", true},
		{"annotations: [{metric: target-_info}]", true},
		{"annotations: [{metric: target__info}]", true},
		{"annotations: [{metric: target_info_}]", true},
		{"annotations: [{metric: Target.info}]", true},
		{"annotations: [{metric: target.info.}]", false},
		{"annotations: [{metric: target..info}]", false},
		{"annotations: [{metric: otel.scope-/info/}]", false},
		{component("temporality: null"), true},
		{component("temporality: 1"), false},
		{"annotations: {metric: a}", false},
		{"annotations: ''", false},
		{"annotations: [a]", false},
		{"annotations: [[]]", false},
		{"annotations: [{metric: 1}]", false},
		{annotation("metrik: a"), false},
		{annotation("type: ''"), true}, // as an unset variable leaves it
		{annotation("aggregate: ''"), true},
		{annotation("aggregate: '', type: null"), true},
		{annotation("unit: 1"), false},
		{annotation("description: 1"), false},
		{annotation("condition: true"), false},
		{annotation("condition: null"), false},
		{annotation("value: 1"), false},
		{annotation("value: null"), false},
		{annotation("sample_rate: '0.5'"), false},
		{annotation("sample_rate: 0.9999999999"), true},
		{annotation("sample_rate: null, type: gauge, value: body"), true},
		{annotation("exemplars: 'true'"), false},
		{annotation("exemplars: 1"), false},
		{annotation("buckets: null"), true},
		{annotation("resource_attributes: 'a,b'"), true},
		{annotation("resource_attributes: [null]"), false},
		{histogram("buckets: [1, '2']"), false},
		{histogram("buckets: [true]"), false},
		{histogram("buckets: [null]"), false},
		{histogram("buckets: '1,2'"), false},
		{histogram("buckets: {}"), false},
		{histogram("buckets: null"), true},
		{annotation("type: histogram, value: body, unit: null, buckets: null"), false},
		{histogram("labels: [{name: le}]"), false},
		{exponential("labels: [le]"), false},
		{exponential("max_size: '20'"), false},
		{exponential("max_size: 20.5"), false},
		{exponential("max_size: 2e1"), true},
		{annotation("labels: a"), false},
		{annotation("labels: {name: a}"), false},
		{annotation("labels: []"), true},
		{annotation("labels: [1]"), false},
		{annotation("labels: [[a]]"), false},
		{annotation("labels: [{}]"), false},
		{annotation("labels: [{name: 1}]"), false},
		{annotation("labels: [{name: null}]"), false},
		{annotation("labels: [{name: a, nam: b}]"), false},
		{annotation("labels: [{name: a, value: null}]"), false},
		{annotation("labels: [{name: 'a)', value: body}]"), true},
		{annotation(`labels: ['$attributes["x"]']`), false},
		{annotation(`labels: ['attributes$["x"]']`), false},
		{annotation("labels: ['Int($a$)']"), false},
		{annotation("labels: ['$a', 'b$', 'c$[d', 'e$(f)$']"), true},
		{annotation("labels: [{name: a, default: null, required: null}]"), true},
		{annotation("labels: [{name: a, required: 'true'}]"), false},
	} {
		value := fromYAML(t, tt.yaml)
		err := load(confmap.NewFromStringMap(value.(map[string]any)))
		assert.Equal(t, tt.valid, err == nil, "the Collector on %s: %v", tt.yaml, err)
		err = checkSchema(s, value)
		assert.Equal(t, tt.valid, err == nil, "the schema on %s: %v", tt.yaml, err)
	}
}

func TestCollectorSchema(t *testing.T) {
	s := compileSchema(t, collectorSchema)
	for _, tt := range []struct {
		yaml  string
		valid bool
	}{
		{`processors: {annotation_metrics: {annotations: [{metric: a}]}, annotation_metrics/b: {annotations: [{metric: a}]}}`, true},
		{`connectors: {annotation_metrics: {annotations: [{metric: a}]}}`, true},
		{`connectors: {annotation_metrics/b: {annotations: [{metrik: a}]}}`, false},
		{`processors: {annotation_metrics: {annotations: [{metric: a, type: summary}]}}`, false},
		{`processors: {annotation_metrics/b: {annotations: [{metric: a, type: summary}]}}`, false},
		{`processors: {annotation_metrics: }`, false},
		{`processors: {annotation_metrics: '${file:annotations.yaml}'}`, true},
		{`receivers: {annotation_metrics: , annotation_metrics/b: {}}`, true},
		{`receivers: {annotation_metrics: {annotations: [{metric: a}]}}`, false},
		{`{processors: {batch: {foo: 1}, annotation_metrics2: 1}, receivers: {otlp: 1}, exporters: {annotation_metrics: 1}, service: 1, foo: 1}`, true},
		{`{processors: , connectors: , receivers: }`, true},
		{`processors: {annotation_metrics: {telemetry::per_annotation: false, annotations: [{metric: target._info}]}}`, true},
		{`processors: {"annotation_metrics/a::annotations": [{metric: a}], "annotation_metrics/a::interval": 5s}`, true}, // left alone
		{`processors: {"annotation_metrics/a:b": {annotations: [{metrik: a}]}}`, false},
	} {
		err := checkSchema(s, fromYAML(t, tt.yaml))
		assert.Equal(t, tt.valid, err == nil, "%s: %v", tt.yaml, err)
	}
}

// load decodes and validates, as the Collector does.
func load(conf *confmap.Conf) error {
	c := Default()
	if err := conf.Unmarshal(c); err != nil {
		return err
	}
	return confmap.Validate(c)
}

func compileSchema(t testing.TB, path string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft4) // a file that names no draft must not pass for one that does
	s, err := c.Compile(path)
	require.NoError(t, err)
	require.Equal(t, 2020, s.DraftVersion)
	return s
}

var errNotJSON = errors.New("not JSON")

// checkSchema returns what s says of a value from YAML, or errNotJSON.
func checkSchema(s *jsonschema.Schema, value any) error {
	if !isUTF8(value) {
		return errNotJSON
	}
	text, err := json.Marshal(value)
	if err != nil {
		return errNotJSON
	}
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return err
	}
	return s.Validate(instance)
}

// isUTF8 finds text that json.Marshal would change.
func isUTF8(value any) bool {
	invalid := func(v any) bool { return !isUTF8(v) }
	switch v := value.(type) {
	case string:
		return utf8.ValidString(v)
	case []any:
		return !slices.ContainsFunc(v, invalid)
	case map[string]any:
		return !slices.ContainsFunc(slices.Collect(maps.Values(v)), invalid)
	}
	return true
}

func fromYAML(t testing.TB, text string) any {
	t.Helper()
	var value any
	require.NoError(t, yaml.Unmarshal([]byte(text), &value))
	return value
}
