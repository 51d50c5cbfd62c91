// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package config

// configCase is a config and, if it is invalid, the whole text of its error.
type configCase struct {
	name, yaml, want string
}

// invalidConfigs breaks every rule, most of them in more than one way.
func invalidConfigs() []configCase {
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
			want: "`interval` must be at least 1s, found 15ns",
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
			name: "writer_attribute not supported",
			yaml: `writer_attribute: collector.id
annotations: [{metric: a}]`,
			want: "`writer_attribute` must be empty, other values are not supported yet, found \"collector.id\"",
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
			name: "expire_after not supported",
			yaml: `expire_after: 1h
annotations: [{metric: a}]`,
			want: "`expire_after` must be 0s, other values are not supported yet, found 1h0m0s",
		},
		{
			name: "storage not supported",
			yaml: `storage: file_storage/a
annotations: [{metric: a}]`,
			want: "`storage` must be unset, other values are not supported yet, found \"file_storage/a\"",
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
writer_attribute: x
series_limit: -1
expire_after: 1s
storage: x`,
			want: "`interval` must be at least 1s, found 1ms; `temporality` must be one of \"cumulative\", \"delta\", found \"x\"; `count` must be one of \"accepted\", \"seen\", found \"x\"; `error_mode` must be one of \"ignore\", \"silent\", found \"x\"; `resource_attributes` must not contain an empty name, found \"\" at index 0; `writer_attribute` must be empty, other values are not supported yet, found \"x\"; `series_limit` must be non-negative, found -1; `expire_after` must be 0s, other values are not supported yet, found 1s; `storage` must be unset, other values are not supported yet, found \"x\"; `annotations` must have at least one annotation, found none",
		},
		{
			name: "metric missing",
			yaml: `annotations: [{type: counter}]`,
			want: "annotations::0: `metric` must be set, found \"\"",
		},
		{
			name: "annotation null",
			yaml: `annotations: [null]`,
			want: "annotations::0: `metric` must be set, found \"\"",
		},
		{
			name: "metric empty",
			yaml: `annotations: [{metric: ""}]`,
			want: "annotations::0: `metric` must be set, found \"\"",
		},
		{
			name: "metric starts with a digit",
			yaml: `annotations: [{metric: 1a}]`,
			want: "annotations::0: `metric` must be a letter followed by up to 254 letters, digits, '_', '.', '-' or '/', all of them ASCII, found \"1a\"",
		},
		{
			name: "metric starts with an underscore",
			yaml: `annotations: [{metric: _a}]`,
			want: "annotations::0: `metric` must be a letter followed by up to 254 letters, digits, '_', '.', '-' or '/', all of them ASCII, found \"_a\"",
		},
		{
			name: "metric with a space",
			yaml: `annotations: [{metric: a b}]`,
			want: "annotations::0: `metric` must be a letter followed by up to 254 letters, digits, '_', '.', '-' or '/', all of them ASCII, found \"a b\"",
		},
		{
			name: "metric with a colon",
			yaml: `annotations: [{metric: "a:b"}]`,
			want: "annotations::0: `metric` must be a letter followed by up to 254 letters, digits, '_', '.', '-' or '/', all of them ASCII, found \"a:b\"",
		},
		{
			name: "metric not ASCII",
			yaml: `annotations: [{metric: größe}]`,
			want: "annotations::0: `metric` must be a letter followed by up to 254 letters, digits, '_', '.', '-' or '/', all of them ASCII, found \"größe\"",
		},
		{
			name: "metric with a look-alike letter",
			yaml: `annotations: [{metric: аbc}]`,
			want: "annotations::0: `metric` must be a letter followed by up to 254 letters, digits, '_', '.', '-' or '/', all of them ASCII, found \"аbc\"",
		},
		{
			name: "metric not UTF-8",
			yaml: `annotations: [{metric: !!binary //8=}]`,
			want: "annotations::0: `metric` must be a letter followed by up to 254 letters, digits, '_', '.', '-' or '/', all of them ASCII, found \"\\xff\\xff\"",
		},
		{
			name: "metric too long",
			yaml: `annotations: [{metric: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}]`,
			want: "annotations::0: `metric` must be a letter followed by up to 254 letters, digits, '_', '.', '-' or '/', all of them ASCII, found \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"... (256 bytes)",
		},
		{
			name: "metric twice",
			yaml: `annotations: [{metric: a}, {metric: b}, {metric: a}, {metric: a}]`,
			want: "`metric` must be unique, case-insensitively, found \"a\" (annotation 0) and \"a\" (annotation 2); `metric` must be unique, case-insensitively, found \"a\" (annotation 0) and \"a\" (annotation 3)",
		},
		{
			name: "metric twice but for case",
			yaml: `annotations: [{metric: http.Errors}, {metric: HTTP.errors, type: gauge, value: body}]`,
			want: "`metric` must be unique, case-insensitively, found \"http.Errors\" (annotation 0) and \"HTTP.errors\" (annotation 1)",
		},
		{
			name: "metrics sanitized",
			yaml: `annotations: [{metric: http.errors}, {metric: http_errors}]`,
			want: "`metric` must be unique in Prometheus, too, found \"http.errors\" (annotation 0) with every character outside [a-zA-Z0-9] turned into _ and \"http_errors\" (annotation 1) as it is, both \"http_errors\" there",
		},
		{
			name: "metrics sanitized, dash and slash",
			yaml: `annotations: [{metric: a-b, type: gauge, value: body}, {metric: a/b, type: gauge, value: body}]`,
			want: "`metric` must be unique in Prometheus, too, found \"a-b\" (annotation 0) with every character outside [a-zA-Z0-9] turned into _ and \"a/b\" (annotation 1) with every character outside [a-zA-Z0-9] turned into _, both \"a_b\" there",
		},
		{
			name: "metrics sanitized, but for case",
			yaml: `annotations: [{metric: A.b}, {metric: a_B}]`,
			want: "`metric` must be unique in Prometheus, too, found \"A.b\" (annotation 0) with every character outside [a-zA-Z0-9] turned into _ and \"a_B\" (annotation 1) as it is, both \"a_B\" there but for case",
		},
		{
			name: "metrics sanitized, runs of characters",
			yaml: `annotations: [{metric: a..b, type: gauge, value: body}, {metric: a.b, type: gauge, value: body}]`,
			want: "`metric` must be unique in Prometheus, too, found \"a..b\" (annotation 0) with every run of characters outside [a-zA-Z0-9] turned into one _ and \"a.b\" (annotation 1) with every character outside [a-zA-Z0-9] turned into _, both \"a_b\" there",
		},
		{
			name: "metrics of which one becomes another with _total",
			yaml: `annotations: [{metric: errors}, {metric: errors.total, type: gauge, value: body}]`,
			want: "`metric` must be unique in Prometheus, too, found \"errors\" (annotation 0) with the suffix _total of counters and \"errors.total\" (annotation 1) with every character outside [a-zA-Z0-9] turned into _, both \"errors_total\" there",
		},
		{
			name: "metrics of which one becomes another with _total, the other way round",
			yaml: `annotations: [{metric: errors_total, type: gauge, value: body}, {metric: errors}]`,
			want: "`metric` must be unique in Prometheus, too, found \"errors_total\" (annotation 0) as it is and \"errors\" (annotation 1) with the suffix _total of counters, both \"errors_total\" there",
		},
		{
			name: "metrics with _total as a middle word",
			yaml: `annotations: [{metric: total.errors}, {metric: errors.total}]`,
			want: "`metric` must be unique in Prometheus, too, found \"total.errors\" (annotation 0) with the suffix _total of counters and \"errors.total\" (annotation 1) with every character outside [a-zA-Z0-9] turned into _, both \"errors_total\" there",
		},
		{
			name: "metrics of which one becomes another with _total, but for case",
			yaml: `annotations: [{metric: Errors}, {metric: errors.total, type: gauge, value: body}]`,
			want: "`metric` must be unique in Prometheus, too, found \"Errors\" (annotation 0) with the suffix _total of counters and \"errors.total\" (annotation 1) with every character outside [a-zA-Z0-9] turned into _, both \"errors_total\" there but for case",
		},
		{
			name: "metrics of which one becomes another with a unit",
			yaml: `annotations: [{metric: latency, unit: s, type: histogram, value: body}, {metric: latency.seconds, type: gauge, value: body}]`,
			want: "`metric` must be unique in Prometheus, too, found \"latency\" (annotation 0) with the suffix of unit \"s\" and \"latency.seconds\" (annotation 1) with every character outside [a-zA-Z0-9] turned into _, both \"latency_seconds\" there",
		},
		{
			name: "metrics of which one becomes another with a unit, counter",
			yaml: `annotations: [{metric: latency, unit: s, type: histogram, value: body}, {metric: latency.seconds}]`,
			want: "`metric` must be unique in Prometheus, too, found \"latency\" (annotation 0) with the suffix of unit \"s\" and \"latency.seconds\" (annotation 1) with every character outside [a-zA-Z0-9] turned into _, both \"latency_seconds\" there",
		},
		{
			name: "metrics of which one becomes another with a unit and _total",
			yaml: `annotations: [{metric: io, unit: By}, {metric: io.bytes.total, type: gauge, value: body}]`,
			want: "`metric` must be unique in Prometheus, too, found \"io\" (annotation 0) with the suffixes of unit \"By\" and of counters and \"io.bytes.total\" (annotation 1) with every character outside [a-zA-Z0-9] turned into _, both \"io_bytes_total\" there",
		},
		{
			name: "metrics of which one becomes another with a per unit",
			yaml: `annotations: [{metric: speed, unit: m/s, type: gauge, value: body}, {metric: speed_meters_per_second, type: gauge, value: body}]`,
			want: "`metric` must be unique in Prometheus, too, found \"speed\" (annotation 0) with the suffix of unit \"m/s\" and \"speed_meters_per_second\" (annotation 1) as it is, both \"speed_meters_per_second\" there",
		},
		{
			name: "metrics of which one becomes another with _ratio",
			yaml: `annotations: [{metric: cpu, unit: '1', type: gauge, value: body}, {metric: cpu.ratio, type: gauge, value: body}]`,
			want: "`metric` must be unique in Prometheus, too, found \"cpu\" (annotation 0) with the suffix of unit \"1\" and \"cpu.ratio\" (annotation 1) with every character outside [a-zA-Z0-9] turned into _, both \"cpu_ratio\" there",
		},
		{
			name: "metrics of which one is a histogram's series _count",
			yaml: `annotations: [{metric: size, buckets: [1], type: histogram, value: body}, {metric: size.count}]`,
			want: "`metric` must be unique in Prometheus, too, found \"size\" (annotation 0) with the suffix _count of a histogram's series and \"size.count\" (annotation 1) with every character outside [a-zA-Z0-9] turned into _, both \"size_count\" there",
		},
		{
			name: "metrics of which one is a histogram's series _sum",
			yaml: `annotations: [{metric: size.sum, type: gauge, value: body}, {metric: size, buckets: [1], type: histogram, value: body}]`,
			want: "`metric` must be unique in Prometheus, too, found \"size.sum\" (annotation 0) with every character outside [a-zA-Z0-9] turned into _ and \"size\" (annotation 1) with the suffix _sum of a histogram's series, both \"size_sum\" there",
		},
		{
			name: "metrics of which one is a histogram's series _bucket",
			yaml: `annotations: [{metric: size, buckets: [1], type: histogram, value: body}, {metric: size_bucket, type: gauge, value: body}]`,
			want: "`metric` must be unique in Prometheus, too, found \"size\" (annotation 0) with the suffix _bucket of a histogram's series and \"size_bucket\" (annotation 1) as it is, both \"size_bucket\" there",
		},
		{
			name: "metrics of which one is a histogram's series with a unit",
			yaml: `annotations: [{metric: size, unit: s, type: histogram, value: body}, {metric: size.seconds.count, type: gauge, value: body}]`,
			want: "`metric` must be unique in Prometheus, too, found \"size\" (annotation 0) with the suffix _count of a histogram's series and \"size.seconds.count\" (annotation 1) with every character outside [a-zA-Z0-9] turned into _, both \"size_seconds_count\" there",
		},
		{
			name: "metrics, three of one spelling",
			yaml: `annotations: [{metric: a.b}, {metric: a_b}, {metric: a-b}]`,
			want: "`metric` must be unique in Prometheus, too, found \"a.b\" (annotation 0) with every character outside [a-zA-Z0-9] turned into _ and \"a_b\" (annotation 1) as it is, both \"a_b\" there; `metric` must be unique in Prometheus, too, found \"a.b\" (annotation 0) with every character outside [a-zA-Z0-9] turned into _ and \"a-b\" (annotation 2) with every character outside [a-zA-Z0-9] turned into _, both \"a_b\" there",
		},
		{
			name: "metrics, a third that clashes with two",
			yaml: `annotations: [{metric: size.count, type: gauge, value: body}, {metric: size.sum, type: gauge, value: body}, {metric: size, buckets: [1], type: histogram, value: body}]`,
			want: "`metric` must be unique in Prometheus, too, found \"size.sum\" (annotation 1) with every character outside [a-zA-Z0-9] turned into _ and \"size\" (annotation 2) with the suffix _sum of a histogram's series, both \"size_sum\" there; `metric` must be unique in Prometheus, too, found \"size.count\" (annotation 0) with every character outside [a-zA-Z0-9] turned into _ and \"size\" (annotation 2) with the suffix _count of a histogram's series, both \"size_count\" there",
		},
		{
			name: "type unknown",
			yaml: `annotations: [{metric: a, type: summary, aggregate: max, buckets: [1]}]`,
			want: "annotations::0: `type` must be one of \"counter\", \"updowncounter\", \"gauge\", \"histogram\" (\"exponential_histogram\" is not supported yet), found \"summary\"",
		},
		{
			name: "type not supported",
			yaml: `annotations: [{metric: a, type: exponential_histogram, value: body, max_size: 160}]`,
			want: "annotations::0: `type` must be one of \"counter\", \"updowncounter\", \"gauge\", \"histogram\" (\"exponential_histogram\" is not supported yet), found \"exponential_histogram\"",
		},
		{
			name: "value missing, updowncounter",
			yaml: `annotations: [{metric: a, type: updowncounter}]`,
			want: "annotations::0: `value` must be set for every type but \"counter\", found none for type \"updowncounter\"",
		},
		{
			name: "value missing, gauge",
			yaml: `annotations: [{metric: a, type: gauge}]`,
			want: "annotations::0: `value` must be set for every type but \"counter\", found none for type \"gauge\"",
		},
		{
			name: "value blank, histogram",
			yaml: `annotations: [{metric: a, type: histogram, unit: s, value: ' '}]`,
			want: "annotations::0: `value` must be set for every type but \"counter\", found none for type \"histogram\"",
		},
		{
			name: "aggregate on a counter",
			yaml: `annotations: [{metric: a, aggregate: last}]`,
			want: "annotations::0: `aggregate` must be unset unless `type` is \"gauge\", found type \"counter\"",
		},
		{
			name: "aggregate unknown",
			yaml: `annotations: [{metric: a, aggregate: avg, type: gauge, value: body}]`,
			want: "annotations::0: `aggregate` must be \"last\" (\"min\" and \"max\" are not supported yet), found \"avg\"",
		},
		{
			name: "aggregate min not supported",
			yaml: `annotations: [{metric: a, aggregate: min, type: gauge, value: body}]`,
			want: "annotations::0: `aggregate` must be \"last\" (\"min\" and \"max\" are not supported yet), found \"min\"",
		},
		{
			name: "aggregate max not supported",
			yaml: `annotations: [{metric: a, aggregate: max, type: gauge, value: body}]`,
			want: "annotations::0: `aggregate` must be \"last\" (\"min\" and \"max\" are not supported yet), found \"max\"",
		},
		{
			name: "buckets on a counter",
			yaml: `annotations: [{metric: a, buckets: [1, 2]}]`,
			want: "annotations::0: `buckets` must be unset unless `type` is \"histogram\", found type \"counter\"",
		},
		{
			name: "buckets on a gauge",
			yaml: `annotations: [{metric: a, buckets: [1], type: gauge, value: body}]`,
			want: "annotations::0: `buckets` must be unset unless `type` is \"histogram\", found type \"gauge\"",
		},
		{
			name: "buckets on an exponential histogram",
			yaml: `annotations: [{metric: a, type: exponential_histogram, value: body, buckets: [1]}]`,
			want: "annotations::0: `type` must be one of \"counter\", \"updowncounter\", \"gauge\", \"histogram\" (\"exponential_histogram\" is not supported yet), found \"exponential_histogram\"; `buckets` must be unset unless `type` is \"histogram\", found type \"exponential_histogram\"",
		},
		{
			name: "buckets missing",
			yaml: `annotations: [{metric: a, unit: By, type: histogram, value: body}]`,
			want: "annotations::0: `buckets` must be set unless `unit` is \"ms\" or \"s\", found none for unit \"By\"",
		},
		{
			name: "buckets missing without a unit",
			yaml: `annotations: [{metric: a, type: histogram, value: body}]`,
			want: "annotations::0: `buckets` must be set unless `unit` is \"ms\" or \"s\", found none for unit \"\"",
		},
		{
			name: "buckets missing, unit in upper case",
			yaml: `annotations: [{metric: a, unit: S, type: histogram, value: body}]`,
			want: "annotations::0: `buckets` must be set unless `unit` is \"ms\" or \"s\", found none for unit \"S\"",
		},
		{
			name: "buckets empty",
			yaml: `annotations: [{metric: a, buckets: [], unit: s, type: histogram, value: body}]`,
			want: "annotations::0: `buckets` must not be empty, found []",
		},
		{
			name: "buckets NaN",
			yaml: `annotations: [{metric: a, buckets: [1, .nan], type: histogram, value: body}]`,
			want: "annotations::0: `buckets` must be finite, found NaN at index 1",
		},
		{
			name: "buckets NaN only",
			yaml: `annotations: [{metric: a, buckets: [.nan], type: histogram, value: body}]`,
			want: "annotations::0: `buckets` must be finite, found NaN at index 0",
		},
		{
			name: "buckets infinite",
			yaml: `annotations: [{metric: a, buckets: [1, .inf], type: histogram, value: body}]`,
			want: "annotations::0: `buckets` must be finite, found +Inf at index 1",
		},
		{
			name: "buckets negative infinite",
			yaml: `annotations: [{metric: a, buckets: [-.inf, 1], type: histogram, value: body}]`,
			want: "annotations::0: `buckets` must be finite, found -Inf at index 0",
		},
		{
			name: "buckets equal",
			yaml: `annotations: [{metric: a, buckets: [1, 2, 2, 3], type: histogram, value: body}]`,
			want: "annotations::0: `buckets` must be strictly ascending, found 2 after 2 at index 2",
		},
		{
			name: "buckets equal zeros",
			yaml: `annotations: [{metric: a, buckets: [-0.0, 0.0], type: histogram, value: body}]`,
			want: "annotations::0: `buckets` must be strictly ascending, found 0 after -0 at index 1",
		},
		{
			name: "buckets equal as float64",
			yaml: `annotations: [{metric: a, buckets: [9007199254740992, 9007199254740993], type: histogram, value: body}]`,
			want: "annotations::0: `buckets` must be strictly ascending, found 9.007199254740992e+15 after 9.007199254740992e+15 at index 1",
		},
		{
			name: "buckets descending",
			yaml: `annotations: [{metric: a, buckets: [10, 5, 1], type: histogram, value: body}]`,
			want: "annotations::0: `buckets` must be strictly ascending, found 5 after 10 at index 1",
		},
		{
			name: "max_size on a histogram",
			yaml: `annotations: [{metric: a, unit: s, max_size: 160, type: histogram, value: body}]`,
			want: "annotations::0: `max_size` must be unset unless `type` is \"exponential_histogram\", found type \"histogram\"",
		},
		{
			name: "initial_zero not supported",
			yaml: `annotations: [{metric: a, initial_zero: true}]`,
			want: "annotations::0: `initial_zero` must be false, other values are not supported yet, found true",
		},
		{
			name: "initial_zero not supported, histogram",
			yaml: `annotations: [{metric: a, unit: ms, initial_zero: true, type: histogram, value: body}]`,
			want: "annotations::0: `initial_zero` must be false, other values are not supported yet, found true",
		},
		{
			name: "initial_zero on a gauge",
			yaml: `annotations: [{metric: a, initial_zero: true, type: gauge, value: body}]`,
			want: "annotations::0: `initial_zero` must be unset unless `type` is \"counter\", \"histogram\", \"exponential_histogram\", found type \"gauge\"",
		},
		{
			name: "initial_zero on an updowncounter",
			yaml: `annotations: [{metric: a, initial_zero: false, type: updowncounter, value: body}]`,
			want: "annotations::0: `initial_zero` must be unset unless `type` is \"counter\", \"histogram\", \"exponential_histogram\", found type \"updowncounter\"",
		},
		{
			name: "sample_rate not supported",
			yaml: `annotations: [{metric: a, sample_rate: 0.1}]`,
			want: "annotations::0: `sample_rate` must be 1, other values are not supported yet, found 0.1",
		},
		{
			name: "sample_rate not supported, a third",
			yaml: `annotations: [{metric: a, sample_rate: 0.3333333333}]`,
			want: "annotations::0: `sample_rate` must be 1, other values are not supported yet, found 0.3333333333",
		},
		{
			name: "sample_rate on a gauge",
			yaml: `annotations: [{metric: a, sample_rate: 1, type: gauge, value: body}]`,
			want: "annotations::0: `sample_rate` must be unset unless `type` is \"counter\", \"histogram\", \"exponential_histogram\", found type \"gauge\"",
		},
		{
			name: "sample_rate on an updowncounter",
			yaml: `annotations: [{metric: a, sample_rate: 0.5, type: updowncounter, value: body}]`,
			want: "annotations::0: `sample_rate` must be unset unless `type` is \"counter\", \"histogram\", \"exponential_histogram\", found type \"updowncounter\"",
		},
		{
			name: "sample_rate not 1/N",
			yaml: `annotations: [{metric: a, sample_rate: 0.3}]`,
			want: "annotations::0: `sample_rate` must be 1/N for a whole N, such as 0.1, found 0.3",
		},
		{
			name: "sample_rate zero",
			yaml: `annotations: [{metric: a, sample_rate: 0}]`,
			want: "annotations::0: `sample_rate` must be 1/N for a whole N, such as 0.1, found 0",
		},
		{
			name: "sample_rate negative",
			yaml: `annotations: [{metric: a, sample_rate: -0.5}]`,
			want: "annotations::0: `sample_rate` must be 1/N for a whole N, such as 0.1, found -0.5",
		},
		{
			name: "sample_rate above one",
			yaml: `annotations: [{metric: a, sample_rate: 2}]`,
			want: "annotations::0: `sample_rate` must be 1/N for a whole N, such as 0.1, found 2",
		},
		{
			name: "sample_rate NaN",
			yaml: `annotations: [{metric: a, sample_rate: .nan}]`,
			want: "annotations::0: `sample_rate` must be 1/N for a whole N, such as 0.1, found NaN",
		},
		{
			name: "sample_rate infinite",
			yaml: `annotations: [{metric: a, sample_rate: .inf}]`,
			want: "annotations::0: `sample_rate` must be 1/N for a whole N, such as 0.1, found +Inf",
		},
		{
			name: "sample_rate denormal",
			yaml: `annotations: [{metric: a, sample_rate: 5e-324}]`,
			want: "annotations::0: `sample_rate` must be 1/N for a whole N, such as 0.1, found 5e-324",
		},
		{
			name: "exemplars not supported",
			yaml: `annotations: [{metric: a, exemplars: true}]`,
			want: "annotations::0: `exemplars` must be false, other values are not supported yet, found true",
		},
		{
			name: "description not UTF-8",
			yaml: `annotations: [{metric: a, description: !!binary //8=}]`,
			want: "annotations::0: `description` must be valid UTF-8, found \"\\xff\\xff\"",
		},
		{
			name: "unit not ASCII",
			yaml: `annotations: [{metric: a, unit: µs}]`,
			want: "annotations::0: `unit` must be ASCII and at most 63 characters, found \"µs\"",
		},
		{
			name: "unit too long",
			yaml: `annotations: [{metric: a, unit: uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu}]`,
			want: "annotations::0: `unit` must be ASCII and at most 63 characters, found \"uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu\"",
		},
		{
			name: "annotation's resource attribute empty",
			yaml: `annotations: [{metric: a, resource_attributes: [""]}]`,
			want: "annotations::0: `resource_attributes` must not contain an empty name, found \"\" at index 0",
		},
		{
			name: "annotation's resource attribute star not alone",
			yaml: `annotations: [{metric: a, resource_attributes: ["*", a]}]`,
			want: "annotations::0: `resource_attributes` must have \"*\" alone or not at all, found it among 2 names",
		},
		{
			name: "annotation's series_limit negative",
			yaml: `annotations: [{metric: a, series_limit: -5}]`,
			want: "annotations::0: `series_limit` must be non-negative, found -5",
		},
		{
			name: "annotation's expire_after negative",
			yaml: `annotations: [{metric: a, expire_after: -1s}]`,
			want: "annotations::0: `expire_after` must be non-negative, found -1s",
		},
		{
			name: "annotation's expire_after not supported",
			yaml: `annotations: [{metric: a, expire_after: 30m}]`,
			want: "annotations::0: `expire_after` must be 0s, other values are not supported yet, found 30m0s",
		},
		{
			name: "condition syntax",
			yaml: `annotations: [{metric: a, condition: 'severity_number >= '}]`,
			want: "annotations::0: `condition` must be an OTTL boolean expression, found \"severity_number >= \": condition has invalid syntax: 1:20: unexpected token \"<EOF>\" (expected Field (\".\" Field)*)",
		},
		{
			name: "condition syntax in a second line",
			yaml: `annotations: [{metric: a, condition: "severity_number >= 9\nand or"}]`,
			want: "annotations::0: `condition` must be an OTTL boolean expression, found \"severity_number >= 9\\nand or\": condition has invalid syntax: 2:5: unexpected token \"or\" (expected Field (\".\" Field)*)",
		},
		{
			name: "condition not boolean",
			yaml: `annotations: [{metric: a, condition: 'attributes["x"]'}]`,
			want: "annotations::0: `condition` must be an OTTL boolean expression, found \"attributes[\\\"x\\\"]\": condition has invalid syntax: 1:16: unexpected token \"<EOF>\" (expected <opcomparison> Value)",
		},
		{
			name: "condition with a constant that is not boolean",
			yaml: `annotations: [{metric: a, condition: '"x"'}]`,
			want: "annotations::0: `condition` must be an OTTL boolean expression, found \"\\\"x\\\"\": condition has invalid syntax: 1:4: unexpected token \"<EOF>\" (expected <opcomparison> Value)",
		},
		{
			name: "condition with a lower-case function",
			yaml: `annotations: [{metric: a, condition: 'isMatch(body, "x")'}]`,
			want: "annotations::0: `condition` must be an OTTL boolean expression, found \"isMatch(body, \\\"x\\\")\": condition has invalid syntax: 1:19: unexpected token \"<EOF>\" (expected <opcomparison> Value)",
		},
		{
			name: "condition with an editor",
			yaml: `annotations: [{metric: a, condition: 'set(attributes["x"], 1)'}]`,
			want: "annotations::0: `condition` must be an OTTL boolean expression, found \"set(attributes[\\\"x\\\"], 1)\": condition has invalid syntax: 1:24: unexpected token \"<EOF>\" (expected <opcomparison> Value)",
		},
		{
			name: "condition with an editor as an operand",
			yaml: `annotations: [{metric: a, condition: 'set(attributes["x"], 1) == 1'}]`,
			want: "annotations::0: `condition` must be an OTTL boolean expression, found \"set(attributes[\\\"x\\\"], 1) == 1\": converter names must start with an uppercase letter but got 'set'",
		},
		{
			name: "condition with an unknown function",
			yaml: `annotations: [{metric: a, condition: 'Int(Nope(body)) == 1'}]`,
			want: "annotations::0: `condition` must be an OTTL boolean expression, found \"Int(Nope(body)) == 1\": error while parsing arguments for call to \"Int\": invalid argument at position 0: undefined function \"Nope\"",
		},
		{
			name: "condition with an unknown path",
			yaml: `annotations: [{metric: a, condition: 'log.nope == 1'}]`,
			want: "annotations::0: `condition` must be an OTTL boolean expression, found \"log.nope == 1\": segment \"nope\" from path \"log.nope\" is not a valid path nor a valid OTTL keyword for the log context - review https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/pkg/ottl/contexts/ottllog to see all valid paths",
		},
		{
			name: "condition with a path of another signal",
			yaml: `annotations: [{metric: a, condition: 'span.name == "x"'}]`,
			want: "annotations::0: `condition` must be an OTTL boolean expression, found \"span.name == \\\"x\\\"\": segment \"span\" from path \"span.name\" is not a valid path nor a valid OTTL keyword for the log context - review https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/pkg/ottl/contexts/ottllog to see all valid paths",
		},
		{
			name: "condition with a bad pattern",
			yaml: `annotations: [{metric: a, condition: 'IsMatch(body, "(")'}]`,
			want: "annotations::0: `condition` must be an OTTL boolean expression, found \"IsMatch(body, \\\"(\\\")\": couldn't create function: the regex pattern supplied to IsMatch '\"(\"' is not a valid pattern: error parsing regexp: missing closing ): `(`",
		},
		{
			name: "condition not UTF-8",
			yaml: `annotations: [{metric: a, condition: !!binary //8=}]`,
			want: "annotations::0: `condition` must be an OTTL boolean expression, found \"\\xff\\xff\": condition has invalid syntax: 1:1: lexer: invalid input text \"��\"",
		},
		{
			name: "value syntax",
			yaml: `annotations: [{metric: a, value: 'attributes["x"'}]`,
			want: "annotations::0: `value` must be an OTTL value expression, found \"attributes[\\\"x\\\"\": expression has invalid syntax: 1:15: unexpected token \"<EOF>\" (expected \"]\")",
		},
		{
			name: "value with a comparison",
			yaml: `annotations: [{metric: a, value: 'severity_number > 9'}]`,
			want: "annotations::0: `value` must be an OTTL value expression, found \"severity_number > 9\": expression has invalid syntax: 1:17: unexpected token \">\"",
		},
		{
			name: "value with an editor",
			yaml: `annotations: [{metric: a, value: 'set(attributes["x"], 1)'}]`,
			want: "annotations::0: `value` must be an OTTL value expression, found \"set(attributes[\\\"x\\\"], 1)\": converter names must start with an uppercase letter but got 'set'",
		},
		{
			name: "value with a statement",
			yaml: `annotations: [{metric: a, value: 'body where true'}]`,
			want: "annotations::0: `value` must be an OTTL value expression, found \"body where true\": expression has invalid syntax: 1:12: unexpected token \"true\" (expected \"(\" (Argument (\",\" Argument)*)? \")\" Key*)",
		},
		{
			name: "label value syntax",
			yaml: `annotations: [{metric: a, labels: [{name: b, value: 'Concat(['}]}]`,
			want: "annotations::0::labels::0: `value` must be an OTTL value expression, found \"Concat([\": expression has invalid syntax: 1:2: unexpected token \"oncat\"",
		},
		{
			name: "label value with an editor",
			yaml: `annotations: [{metric: a, labels: [{name: b, value: 'delete_key(attributes, "x")'}]}]`,
			want: "annotations::0::labels::0: `value` must be an OTTL value expression, found \"delete_key(attributes, \\\"x\\\")\": converter names must start with an uppercase letter but got 'delete_key'",
		},
		{
			name: "label name missing",
			yaml: `annotations: [{metric: a, labels: [{value: body}]}]`,
			want: "annotations::0::labels::0: `name` must be set, found \"\"",
		},
		{
			name: "label name empty",
			yaml: `annotations: [{metric: a, labels: ['']}]`,
			want: "annotations::0::labels::0: `name` must be set, found \"\"",
		},
		{
			name: "label null",
			yaml: `annotations: [{metric: a, labels: [null]}]`,
			want: "annotations::0::labels::0: `name` must be set, found \"\"",
		},
		{
			name: "label name not UTF-8",
			yaml: `annotations: [{metric: a, labels: [!!binary //8=]}]`,
			want: "annotations::0::labels::0: `name` must be valid UTF-8, found \"\\xff\\xff\"",
		},
		{
			name: "label name too long",
			yaml: `annotations: [{metric: a, labels: [aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]}]`,
			want: "annotations::0::labels::0: `name` must be at most 1024 bytes, found \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"... (1025 bytes)",
		},
		{
			name: "label name too long in bytes",
			yaml: `annotations: [{metric: a, labels: [aéééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé]}]`,
			want: "annotations::0::labels::0: `name` must be at most 1024 bytes, found \"aééééééééééééééééééééééééééééééééééééééééééééééééé\"... (1025 bytes)",
		},
		{
			name: "label name reserved",
			yaml: `annotations: [{metric: a, labels: [__name__]}]`,
			want: "annotations::0::labels::0: `name` must not start with __, for Prometheus keeps such names for itself, found \"__name__\"",
		},
		{
			name: "label name reserved after sanitizing",
			yaml: `annotations: [{metric: a, labels: [._a]}]`,
			want: "annotations::0::labels::0: `name` must not start with __ (with every character outside [a-zA-Z0-9] turned into _), for Prometheus keeps such names for itself, found \"._a\"",
		},
		{
			name: "label name reserved after sanitizing, not ASCII",
			yaml: `annotations: [{metric: a, labels: [地区]}]`,
			want: "annotations::0::labels::0: `name` must not start with __ (with every character outside [a-zA-Z0-9] turned into _), for Prometheus keeps such names for itself, found \"地区\"",
		},
		{
			name: "label name of underscores",
			yaml: `annotations: [{metric: a, labels: ['.']}]`,
			want: "annotations::0::labels::0: `name` must have a letter or digit in [a-zA-Z0-9], found \".\": normalization for label name \".\" resulted in invalid name \"_\"",
		},
		{
			name: "label name of space",
			yaml: `annotations: [{metric: a, labels: [' ']}]`,
			want: "annotations::0::labels::0: `name` must have a letter or digit in [a-zA-Z0-9], found \" \": normalization for label name \" \" resulted in invalid name \"_\"",
		},
		{
			name: "label name of the overflow series",
			yaml: `annotations: [{metric: a, labels: [otel.metric.overflow]}]`,
			want: "annotations::0::labels::0: `name` must not be that of the overflow series' label, found \"otel.metric.overflow\"",
		},
		{
			name: "label name of the overflow series after sanitizing",
			yaml: `annotations: [{metric: a, labels: [otel_metric_overflow]}]`,
			want: "annotations::0::labels::0: `name` must not be that of the overflow series' label \"otel.metric.overflow\" (with every character outside [a-zA-Z0-9] turned into _), found \"otel_metric_overflow\"",
		},
		{
			name: "label le on a histogram",
			yaml: `annotations: [{metric: a, unit: s, labels: [b, le], type: histogram, value: body}]`,
			want: "annotations::0: `labels` must not have the name \"le\" for type \"histogram\", Prometheus keeps it for the buckets, found \"le\" (label 1)",
		},
		{
			name: "labels twice",
			yaml: `annotations: [{metric: a, labels: [a, b, a]}]`,
			want: "annotations::0: `labels` must have unique names, found \"a\" twice (label 0 and label 2)",
		},
		{
			name: "labels twice, both spellings",
			yaml: `annotations: [{metric: a, labels: [a, {name: a, value: body}]}]`,
			want: "annotations::0: `labels` must have unique names, found \"a\" twice (label 0 and label 1)",
		},
		{
			name: "labels sanitized",
			yaml: `annotations: [{metric: a, labels: [http.route, http_route]}]`,
			want: "annotations::0: `labels` must be unique in Prometheus, too, found \"http.route\" (label 0) with every character outside [a-zA-Z0-9] turned into _ and \"http_route\" (label 1) as it is, both \"http_route\" there",
		},
		{
			name: "labels sanitized, not ASCII",
			yaml: `annotations: [{metric: a, labels: [aé, aü]}]`,
			want: "annotations::0: `labels` must be unique in Prometheus, too, found \"aé\" (label 0) with every character outside [a-zA-Z0-9] turned into _ and \"aü\" (label 1) with every character outside [a-zA-Z0-9] turned into _, both \"a_\" there",
		},
		{
			name: "labels sanitized, runs of characters",
			yaml: `annotations: [{metric: a, labels: [a__b, a.b]}]`,
			want: "annotations::0: `labels` must be unique in Prometheus, too, found \"a__b\" (label 0) with every run of characters outside [a-zA-Z0-9] turned into one _ and \"a.b\" (label 1) with every character outside [a-zA-Z0-9] turned into _, both \"a_b\" there",
		},
		{
			name: "labels sanitized, digit",
			yaml: `annotations: [{metric: a, labels: [1a, key_1a]}]`,
			want: "annotations::0: `labels` must be unique in Prometheus, too, found \"1a\" (label 0) with the prefix key_ of labels that start with a digit and \"key_1a\" (label 1) as it is, both \"key_1a\" there",
		},
		{
			name: "labels, three of one spelling",
			yaml: `annotations: [{metric: a, labels: [a.b, a-b, a_b]}]`,
			want: "annotations::0: `labels` must be unique in Prometheus, too, found \"a.b\" (label 0) with every character outside [a-zA-Z0-9] turned into _ and \"a-b\" (label 1) with every character outside [a-zA-Z0-9] turned into _, both \"a_b\" there; `labels` must be unique in Prometheus, too, found \"a.b\" (label 0) with every character outside [a-zA-Z0-9] turned into _ and \"a_b\" (label 2) as it is, both \"a_b\" there",
		},
		{
			name: "label default empty",
			yaml: `annotations: [{metric: a, labels: [{name: b, default: ''}]}]`,
			want: "annotations::0::labels::0: `default` must not be empty, found \"\"",
		},
		{
			name: "label default list",
			yaml: `annotations: [{metric: a, labels: [{name: b, default: [1]}]}]`,
			want: "annotations::0::labels::0: `default` must be a string, an integer, a number or a boolean, found \"[1]\" ([]interface {})",
		},
		{
			name: "label default map",
			yaml: `annotations: [{metric: a, labels: [{name: b, default: {x: 1}}]}]`,
			want: "annotations::0::labels::0: `default` must be a string, an integer, a number or a boolean, found \"map[x:1]\" (map[string]interface {})",
		},
		{
			name: "label default date",
			yaml: `annotations: [{metric: a, labels: [{name: b, default: 2024-01-02}]}]`,
			want: "annotations::0::labels::0: `default` must be a string, an integer, a number or a boolean, found \"2024-01-02 00:00:00 +0000 UTC\" (time.Time)",
		},
		{
			name: "label default too large an integer",
			yaml: `annotations: [{metric: a, labels: [{name: b, default: 18446744073709551615}]}]`,
			want: "annotations::0::labels::0: `default` must be a string, an integer, a number or a boolean, found \"18446744073709551615\" (uint64)",
		},
		{
			name: "label default NaN",
			yaml: `annotations: [{metric: a, labels: [{name: b, default: .nan}]}]`,
			want: "annotations::0::labels::0: `default` must be finite, found NaN",
		},
		{
			name: "label default infinite",
			yaml: `annotations: [{metric: a, labels: [{name: b, default: -.inf}]}]`,
			want: "annotations::0::labels::0: `default` must be finite, found -Inf",
		},
		{
			name: "label default not UTF-8",
			yaml: `annotations: [{metric: a, labels: [{name: b, default: !!binary //8=}]}]`,
			want: "annotations::0::labels::0: `default` must be valid UTF-8, found \"\\xff\\xff\"",
		},
		{
			name: "label default and required",
			yaml: `annotations: [{metric: a, labels: [{name: b, default: x, required: true}]}]`,
			want: "annotations::0::labels::0: `required` must be false when `default` is set, found true",
		},
		{
			name: "all rules together, each line with its path",
			yaml: `interval: 1ms
count: x
annotations:
  - {metric: 1a, unit: é, condition: x ==, labels: [le, {name: '', default: []}, __x]}
  - {metric: a, type: gauge, buckets: [1]}`,
			want: "`interval` must be at least 1s, found 1ms; `count` must be one of \"accepted\", \"seen\", found \"x\"\nannotations::0: `metric` must be a letter followed by up to 254 letters, digits, '_', '.', '-' or '/', all of them ASCII, found \"1a\"; `unit` must be ASCII and at most 63 characters, found \"é\"; `condition` must be an OTTL boolean expression, found \"x ==\": condition has invalid syntax: 1:5: unexpected token \"<EOF>\" (expected Field (\".\" Field)*)\nannotations::0::labels::1: `name` must be set, found \"\"; `default` must be a string, an integer, a number or a boolean, found \"[]\" ([]interface {})\nannotations::0::labels::2: `name` must not start with __, for Prometheus keeps such names for itself, found \"__x\"\nannotations::1: `value` must be set for every type but \"counter\", found none for type \"gauge\"; `buckets` must be unset unless `type` is \"histogram\", found type \"gauge\"",
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
			name: "updowncounter",
			yaml: `annotations: [{metric: a, type: updowncounter, value: body}]`,
		},
		{
			name: "gauge",
			yaml: `annotations: [{metric: a, aggregate: last, type: gauge, value: body}]`,
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
			name: "blank condition and values",
			yaml: `annotations: [{metric: a, condition: ' ', value: "\n", labels: [{name: b, value: ' '}]}]`,
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
			yaml: `annotations: [{metric: a, labels: [{name: b, default: x}, {name: c, default: 1}, {name: d, default: 1.5}, {name: e, default: false}, {name: f, required: true}, {name: g, default: 0}]}]`,
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
