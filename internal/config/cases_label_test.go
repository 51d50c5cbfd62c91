// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package config

// invalidLabels break rules of labels.
func invalidLabels() []configCase {
	return []configCase{
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
			name: "label value empty",
			yaml: `annotations: [{metric: a, labels: [{name: b, value: ""}]}]`,
			want: "annotations::0::labels::0: `value` must not be empty, found no expression; without the key the label is the record attribute of its name",
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
		{
			name: "label name that is an expression",
			yaml: `annotations: [{metric: a, labels: ['resource.attributes["service.name"]']}]`,
			want: "annotations::0::labels::0: `name` must be the name of a record attribute or come with a `value`, found \"resource.attributes[\\\"service.name\\\"]\": an expression goes into `value`, as in {name: route, value: 'attributes[\"route\"]'}",
		},
		{
			name: "label name that is a call",
			yaml: `annotations: [{metric: a, labels: [{name: 'Int(body)', default: 0}]}]`,
			want: "annotations::0::labels::0: `name` must be the name of a record attribute or come with a `value`, found \"Int(body)\": an expression goes into `value`, as in {name: route, value: 'attributes[\"route\"]'}",
		},
	}
}
