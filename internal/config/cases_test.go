// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package config

import "slices"

// configCase is a config and, if it is invalid, the whole text of its error.
type configCase struct {
	name, yaml, want string
}

// invalidConfigs breaks every rule, most of them in more than one way.
func invalidConfigs() []configCase {
	return slices.Concat(invalidComponents(), invalidMetricNames(), invalidAnnotations(), invalidLabels())
}

// invalidComponents break rules of the component's own keys.
func invalidComponents() []configCase {
	return []configCase{
		{
			name: "interval too short",
			yaml: `interval: 999ms
annotations: [{metric: a}]`,
			want: "`interval` must be at least 1s, found 999ms",
		},
		{
			name: "interval negative",
			yaml: `interval: -15s
annotations: [{metric: a}]`,
			want: "`interval` must be at least 1s, found -15s",
		},
		{
			name: "interval without a unit",
			yaml: `interval: 15
annotations: [{metric: a}]`,
			want: "`interval` must be at least 1s, found 15ns; a number needs a unit, as in 15s",
		},
		{
			name: "temporality unknown",
			yaml: `temporality: gauge
annotations: [{metric: a}]`,
			want: "`temporality` must be one of \"cumulative\", \"delta\", found \"gauge\"",
		},
		{
			name: "temporality empty",
			yaml: `temporality: ""
annotations: [{metric: a}]`,
			want: "`temporality` must be one of \"cumulative\", \"delta\", found \"\"",
		},
		{
			name: "temporality in upper case",
			yaml: `temporality: Delta
annotations: [{metric: a}]`,
			want: "`temporality` must be one of \"cumulative\", \"delta\", found \"Delta\"",
		},
		{
			name: "count unknown",
			yaml: `count: all
annotations: [{metric: a}]`,
			want: "`count` must be one of \"accepted\", \"seen\", found \"all\"",
		},
		{
			name: "count empty",
			yaml: `count: ""
annotations: [{metric: a}]`,
			want: "`count` must be one of \"accepted\", \"seen\", found \"\"",
		},
		{
			name: "error_mode unknown",
			yaml: `error_mode: propagate
annotations: [{metric: a}]`,
			want: "`error_mode` must be one of \"ignore\", \"silent\", found \"propagate\"",
		},
		{
			name: "error_mode empty",
			yaml: `error_mode: ""
annotations: [{metric: a}]`,
			want: "`error_mode` must be one of \"ignore\", \"silent\", found \"\"",
		},
		{
			name: "resource attribute empty",
			yaml: `resource_attributes: [a, ""]
annotations: [{metric: a}]`,
			want: "`resource_attributes` must not contain an empty name, found \"\" at index 1",
		},
		{
			name: "resource attribute null",
			yaml: `resource_attributes: [null]
annotations: [{metric: a}]`,
			want: "`resource_attributes` must not contain an empty name, found \"\" at index 0",
		},
		{
			name: "resource attribute twice",
			yaml: `resource_attributes: [a, b, a, a]
annotations: [{metric: a}]`,
			want: "`resource_attributes` must not contain a name twice, found \"a\" at indices 0 and 2; `resource_attributes` must not contain a name twice, found \"a\" at indices 0 and 3",
		},
		{
			name: "resource attribute not UTF-8",
			yaml: `resource_attributes: [!!binary //8=]
annotations: [{metric: a}]`,
			want: "`resource_attributes` must be valid UTF-8, found \"\\xff\\xff\" at index 0",
		},
		{
			name: "resource attribute star not alone",
			yaml: `resource_attributes: [a, "*"]
annotations: [{metric: a}]`,
			want: "`resource_attributes` must have \"*\" alone or not at all, found it among 2 names",
		},
		{
			name: "resource attribute star twice",
			yaml: `resource_attributes: ["*", "*"]
annotations: [{metric: a}]`,
			want: "`resource_attributes` must have \"*\" alone or not at all, found it among 2 names",
		},
		{
			name: "writer_attribute not UTF-8",
			yaml: `writer_attribute: !!binary //8=
annotations: [{metric: a}]`,
			want: "`writer_attribute` must be valid UTF-8, found \"\\xff\\xff\"",
		},
		{
			name: "series_limit negative",
			yaml: `series_limit: -1
annotations: [{metric: a}]`,
			want: "`series_limit` must be non-negative, found -1",
		},
		{
			name: "expire_after negative",
			yaml: `expire_after: -1s
annotations: [{metric: a}]`,
			want: "`expire_after` must be non-negative, found -1s",
		},
		{
			name: "expire_after without a unit",
			yaml: `expire_after: 60
annotations: [{metric: a}]`,
			want: "`expire_after` must be at least 1s, or 0s for never, found 60ns; a number needs a unit, as in 1h",
		},
		{
			name: "storage that is a map",
			yaml: `storage: {}
annotations: [{metric: a}]`,
			want: "`storage` must be the ID of a storage extension, found none",
		},
		{
			name: "no annotations",
			yaml: `{}`,
			want: "`annotations` must have at least one annotation, found none",
		},
		{
			name: "empty annotations",
			yaml: `annotations: []`,
			want: "`annotations` must have at least one annotation, found none",
		},
		{
			name: "all of the component's together",
			yaml: `interval: 1ms
temporality: x
count: x
error_mode: x
resource_attributes: ['']
series_limit: -1
expire_after: 1ms`,
			want: "`interval` must be at least 1s, found 1ms; `temporality` must be one of \"cumulative\", \"delta\", found \"x\"; `count` must be one of \"accepted\", \"seen\", found \"x\"; `error_mode` must be one of \"ignore\", \"silent\", found \"x\"; `resource_attributes` must not contain an empty name, found \"\" at index 0; `series_limit` must be non-negative, found -1; `expire_after` must be at least 1s, or 0s for never, found 1ms; `annotations` must have at least one annotation, found none",
		},
	}
}

// validConfigs come close to breaking a rule.
func validConfigs() []configCase {
	return []configCase{
		{
			name: "every optional key at its only value",
			yaml: `storage: null
writer_attribute: ""
expire_after: 0s
series_limit: 0
interval: 1s
temporality: delta
count: seen
error_mode: silent
resource_attributes: ["*"]
annotations: [{metric: a}]`,
		},
		{
			name: "no resource attributes",
			yaml: `resource_attributes: []
annotations: [{metric: a}]`,
		},
		{
			name: "counter with all it may have",
			yaml: `annotations: [{metric: a, type: counter, description: größe, unit: '{request}', condition: 'severity_number >= 9', value: 'attributes["x"]', sample_rate: 1, exemplars: false, initial_zero: false, resource_attributes: [], series_limit: 0, expire_after: 0s}]`,
		},
		{
			name: "sample rates",
			yaml: `annotations: [{metric: a, sample_rate: 0.5}, {metric: b, sample_rate: 0.3333333333, value: body}, {metric: c, sample_rate: 1.0e-15, type: histogram, value: body, unit: s}]`,
		},
		{
			name: "updowncounter",
			yaml: `annotations: [{metric: a, type: updowncounter, value: body}]`,
		},
		{
			name: "gauge",
			yaml: `annotations: [{metric: a, aggregate: last, type: gauge, value: body}]`,
		},
		{
			name: "gauge of the smallest",
			yaml: `annotations: [{metric: a, aggregate: min, type: gauge, value: body}]`,
		},
		{
			name: "gauge of the largest",
			yaml: `annotations: [{metric: a, aggregate: max, type: gauge, value: body}]`,
		},
		{
			name: "exponential histogram",
			yaml: `annotations: [{metric: a, type: exponential_histogram, value: body}]`,
		},
		{
			name: "exponential histograms of the least and the most buckets",
			yaml: `annotations: [{metric: a, max_size: 20, type: exponential_histogram, value: body, initial_zero: false, sample_rate: 1}, {metric: b, max_size: 1000, type: exponential_histogram, value: body}]`,
		},
		{
			name: "histogram with buckets",
			yaml: `annotations: [{metric: a, buckets: [-1, 0, 0.5, 1.7976931348623157e+308], initial_zero: false, sample_rate: 1, type: histogram, value: body}]`,
		},
		{
			name: "histogram in ms",
			yaml: `annotations: [{metric: a, unit: ms, type: histogram, value: body}]`,
		},
		{
			name: "histogram in s",
			yaml: `annotations: [{metric: a, unit: s, type: histogram, value: body}]`,
		},
		{
			name: "paths with and without context",
			yaml: `annotations: [{metric: a, condition: 'log.attributes["x"] == attributes["x"] and resource.attributes["y"] != nil and scope.name == "z" and IsMatch(body, "^a")'}]`,
		},
		{
			name: "longest names",
			yaml: `annotations: [{metric: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, unit: uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu, labels: [aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]}]`,
		},
		{
			name: "every character of a metric",
			yaml: `annotations: [{metric: Az09_.-/}]`,
		},
		{
			name: "every kind of default",
			yaml: `annotations: [{metric: a, labels: [{name: b, default: x}, {name: c, default: 1}, {name: d, default: 1.5}, {name: e, default: false}, {name: f, required: true}, {name: g, default: 0}, {name: h, default: x, required: true}]}]`,
		},
		{
			name: "label le on other types",
			yaml: `annotations: [{metric: a, labels: [le, quantile]}]`,
		},
		{
			name: "label quantile on a histogram",
			yaml: `annotations: [{metric: a, unit: s, labels: [quantile, Le, le_], type: histogram, value: body}]`,
		},
		{
			name: "labels that Prometheus tells apart",
			yaml: `annotations: [{metric: a, labels: [http.route, http.Route, http_routes, _a, aé, 1a, a1]}]`,
		},
		{
			name: "labels that only draw warnings",
			yaml: `annotations: [{metric: a, labels: [job, instance, otel.scope.name]}]`,
		},
		{
			name: "one label in two annotations",
			yaml: `annotations: [{metric: a, labels: [x.y]}, {metric: b, labels: [x_y]}]`,
		},
		{
			name: "metrics that Prometheus tells apart",
			yaml: `annotations: [{metric: requests}, {metric: request, type: gauge, value: body}, {metric: requests.duration, unit: s, type: histogram, value: body}, {metric: requests.failed}, {metric: requests.size, unit: By, type: histogram, value: body, buckets: [1]}]`,
		},
		{
			name: "a counter with the unit in its name and one without unit",
			yaml: `annotations: [{metric: io.read.bytes, unit: By}, {metric: io.read}]`,
		},
	}
}
