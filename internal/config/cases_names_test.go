// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package config

// invalidMetricNames are no names, or clash in OpenTelemetry or Prometheus.
func invalidMetricNames() []configCase {
	return []configCase{
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
			name: "metric of Prometheus exporters",
			yaml: `annotations: [{metric: target.info, type: gauge, value: body}]`,
			want: "`metric` must not become \"target_info\", which Prometheus exporters write themselves, found \"target.info\" (annotation 0)",
		},
	}
}
