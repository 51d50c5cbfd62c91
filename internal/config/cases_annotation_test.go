// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package config

// invalidAnnotations break rules of an annotation's keys.
func invalidAnnotations() []configCase {
	return []configCase{
		{
			name: "type unknown",
			yaml: `annotations: [{metric: a, type: summary, aggregate: max, buckets: [1]}]`,
			want: "annotations::0: `type` must be one of \"counter\", \"updowncounter\", \"gauge\", \"histogram\", \"exponential_histogram\", found \"summary\"",
		},
		{
			name: "value missing, exponential histogram",
			yaml: `annotations: [{metric: a, type: exponential_histogram}]`,
			want: "annotations::0: `value` must be set for every type but \"counter\", found none for type \"exponential_histogram\"",
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
			want: "annotations::0: `value` must not be empty, found no expression; without the key a counter counts 1 for each record",
		},
		{
			name: "aggregate on a counter",
			yaml: `annotations: [{metric: a, aggregate: last}]`,
			want: "annotations::0: `aggregate` must be unset unless `type` is \"gauge\", found type \"counter\"",
		},
		{
			name: "aggregate unknown",
			yaml: `annotations: [{metric: a, aggregate: avg, type: gauge, value: body}]`,
			want: "annotations::0: `aggregate` must be one of \"last\", \"min\", \"max\", found \"avg\"",
		},
		{
			name: "aggregate in upper case",
			yaml: `annotations: [{metric: a, aggregate: MAX, type: gauge, value: body}]`,
			want: "annotations::0: `aggregate` must be one of \"last\", \"min\", \"max\", found \"MAX\"",
		},
		{
			name: "aggregate on an exponential histogram",
			yaml: `annotations: [{metric: a, aggregate: min, type: exponential_histogram, value: body}]`,
			want: "annotations::0: `aggregate` must be unset unless `type` is \"gauge\", found type \"exponential_histogram\"",
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
			want: "annotations::0: `buckets` must be unset unless `type` is \"histogram\", found type \"exponential_histogram\"",
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
			name: "max_size on a gauge",
			yaml: `annotations: [{metric: a, max_size: 160, type: gauge, aggregate: max, value: body}]`,
			want: "annotations::0: `max_size` must be unset unless `type` is \"exponential_histogram\", found type \"gauge\"",
		},
		{
			name: "max_size too small",
			yaml: `annotations: [{metric: a, max_size: 19, type: exponential_histogram, value: body}]`,
			want: "annotations::0: `max_size` must be between 20 and 1000, found 19",
		},
		{
			name: "max_size negative",
			yaml: `annotations: [{metric: a, max_size: -1, type: exponential_histogram, value: body}]`,
			want: "annotations::0: `max_size` must be between 20 and 1000, found -1",
		},
		{
			name: "max_size too large",
			yaml: `annotations: [{metric: a, max_size: 1001, type: exponential_histogram, value: body}]`,
			want: "annotations::0: `max_size` must be between 20 and 1000, found 1001",
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
			name: "sample_rate, too few digits of a third",
			yaml: `annotations: [{metric: a, sample_rate: 0.333}]`,
			want: "annotations::0: `sample_rate` must be 1/N for a whole N, such as 0.1, found 0.333",
		},
		{
			name: "sample_rate, N above 2^53",
			yaml: `annotations: [{metric: a, sample_rate: 1.0e-16}]`,
			want: "annotations::0: `sample_rate` must be 1/N for a whole N, such as 0.1, found 1e-16",
		},
		{
			name: "sample_rate denormal",
			yaml: `annotations: [{metric: a, sample_rate: 5e-324}]`,
			want: "annotations::0: `sample_rate` must be 1/N for a whole N, such as 0.1, found 5e-324",
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
			name: "annotation's expire_after too short",
			yaml: `annotations: [{metric: a, expire_after: 999ms}]`,
			want: "annotations::0: `expire_after` must be at least 1s, or 0s for never, found 999ms",
		},
		{
			name: "condition blank",
			yaml: `annotations: [{metric: a, condition: " \t"}]`,
			want: "annotations::0: `condition` must not be empty, found no expression; without the key every record counts",
		},
		{
			name: "condition empty, as an unset variable leaves it",
			yaml: `annotations: [{metric: a, condition: ""}]`,
			want: "annotations::0: `condition` must not be empty, found no expression; without the key every record counts",
		},
		{
			name: "condition null, value empty",
			yaml: `annotations: [{metric: a, condition: , value: ""}]`,
			want: "annotations::0: `condition` must not be empty, found no expression; without the key every record counts; `value` must not be empty, found no expression; without the key a counter counts 1 for each record",
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
	}
}
