// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The checks of TestDocuments find what they are there for, and accept what is right.
func TestDocumentChecks(t *testing.T) {
	yamlBlock := func(lines ...string) string { return "```yaml\n" + strings.Join(lines, "\n") + "\n```\n" }
	for name, tc := range map[string]struct {
		text string
		want string // part of what is found; nothing must be if it is empty
	}{
		"list of annotations":      {yamlBlock(`- metric: errors`, `  condition: severity_number >= 17`), ""},
		"component":                {yamlBlock(`interval: 30s`, `annotations: [{metric: errors}]`), ""},
		"processor":                {yamlBlock(`processors:`, `  annotation_metrics/web:`, `    annotations: [{metric: errors}]`), ""},
		"connector":                {yamlBlock(`connectors:`, `  annotation_metrics:`, `    annotations: [{metric: errors}]`), ""},
		"exporter":                 {yamlBlock(`exporters: {prometheus: {endpoint: 'localhost:9464'}}`), ""},
		"telemetry":                {yamlBlock(`service: {telemetry: {metrics: {level: detailed}}}`), ""},
		"logs alone":               {yamlBlock(`service: {pipelines: {logs: {receivers: [file_log], processors: [memory_limiter, annotation_metrics, filter], exporters: [otlp_http]}}}`), ""},
		"metrics alone":            {yamlBlock(`service: {pipelines: {metrics: {receivers: [annotation_metrics], processors: [deltatocumulative], exporters: [prometheusremotewrite]}}}`), ""},
		"pipelines of a connector": {yamlBlock(`service: {pipelines: {logs: {receivers: [otlp], exporters: [annotation_metrics]}, metrics: {receivers: [annotation_metrics], exporters: [prometheus]}}}`), ""},
		"storage":                  {yamlBlock(`processors: {annotation_metrics: {storage: file_storage, annotations: [{metric: errors}]}}`), ""},

		"unknown key":               {yamlBlock(`- metric: errors`, `  conditions: severity_number >= 17`), "conditions"},
		"unknown key of component":  {yamlBlock(`intervall: 30s`, `annotations: [{metric: errors}]`), "intervall"},
		"unknown section":           {yamlBlock(`processors: {annotation_metrics: {annotations: [{metric: errors}]}}`, `pipelines: {}`), "pipelines"},
		"unknown type":              {yamlBlock(`processors: {annotation_metric: {annotations: [{metric: errors}]}}`), "annotation_metric"},
		"unknown type in pipeline":  {yamlBlock(`service: {pipelines: {logs: {receivers: [otlq]}}}`), "otlq"},
		"unknown key of pipeline":   {yamlBlock(`service: {pipelines: {logs: {receiver: [otlp]}}}`), "receiver"},
		"bad OTTL":                  {yamlBlock(`- metric: errors`, `  condition: attributes["x" == 1`), "`condition`"},
		"bad OTTL of a partner":     {yamlBlock(`processors: {filter: {logs: {log_record: ['severity_number <']}}}`), "severity_number <"},
		"no annotations":            {yamlBlock(`annotations: []`), "`annotations` must have"},
		"bad YAML":                  {yamlBlock(`- metric: errors`, `  type: [`), "yaml"},
		"duplicate key":             {yamlBlock(`annotations: [{metric: a}]`, `annotations: [{metric: b}]`), "already defined"},
		"two documents":             {yamlBlock(`- metric: a`, `---`, `- metric: b`), "more than one document"},
		"empty block":               {yamlBlock(`# nothing`), "EOF"},
		"another program":           {yamlBlock(`groups: [{name: alerts}]`), "neither configuration"},
		"text":                      {yamlBlock(`just text`), "neither configuration"},
		"wrong ID in a pipeline":    {yamlBlock(`receivers: {otlp/in: {protocols: {grpc: {}}}}`, `service: {pipelines: {logs: {receivers: [otlp]}}}`), "receivers::otlp/in is in none"},
		"undefined in a whole one":  {yamlBlock(`receivers: {otlp: {protocols: {grpc: {}}}}`, `processors: {batch: {}}`, `exporters: {nop: {}}`, `service: {pipelines: {logs: {receivers: [otlp], processors: [batch], exporters: [nop, debug]}}}`), "debug"},
		"processor without partner": {yamlBlock(`service: {pipelines: {logs: {processors: [annotation_metrics/a]}, metrics: {receivers: [annotation_metrics]}}}`), "annotation_metrics/a has no receiver"},
		"partner of another ID":     {yamlBlock(`receivers: {annotation_metrics: }`, `processors: {annotation_metrics/a: {annotations: [{metric: a}]}}`), "annotation_metrics/a has no receiver"},
		"receiver without partner":  {yamlBlock(`receivers: {otlp: {protocols: {grpc: {}}}, annotation_metrics: }`, `processors: {batch: }`, `exporters: {nop: }`, `service: {pipelines: {logs: {receivers: [otlp], processors: [batch], exporters: [nop]}, metrics: {receivers: [annotation_metrics], exporters: [nop]}}}`), "annotation_metrics has no processor"},
		"receiver too many":         {yamlBlock(`service: {pipelines: {logs: {processors: [annotation_metrics]}, metrics: {receivers: [annotation_metrics, annotation_metrics/typo]}}}`), "annotation_metrics/typo has no processor"},
		"receiver of other logs":    {yamlBlock(`service: {pipelines: {logs: {processors: [batch], exporters: [nop]}, metrics: {receivers: [annotation_metrics]}}}`), "annotation_metrics has no processor"},
		"receiver of no connector":  {yamlBlock(`connectors: {annotation_metrics: {annotations: [{metric: a}]}}`, `service: {pipelines: {logs: {exporters: [annotation_metrics]}, metrics: {receivers: [annotation_metrics, annotation_metrics/typo]}}}`), "annotation_metrics/typo has no processor"},
		"storage that is not there": {yamlBlock(`extensions: {file_storage/a: {directory: /tmp}}`, `processors: {annotation_metrics: {storage: file_storage, annotations: [{metric: a}]}}`), "has no file_storage"},
		"extension not started":     {yamlBlock(`extensions: {health_check: {}}`, `service: {extensions: [file_storage]}`), "health_check is not in"},

		"quote":                  {"<!-- file: examples/access-log/config.yaml -->\n" + yamlBlock(`debug:`, `  verbosity: basic`), ""},
		"indented quote":         {"- a list\n\n  <!-- file: examples/access-log/config.yaml -->\n  ```yaml\n  debug:\n    verbosity: basic\n  ```\n", ""},
		"quote of other text":    {"<!-- file: examples/access-log/config.yaml -->\n" + yamlBlock(`debug:`, `  verbosity: normal`), "this is not in"},
		"quote with a gap":       {"<!-- file: examples/access-log/config.yaml -->\n" + yamlBlock(`receivers:`, `processors:`), "this is not in"},
		"quote indented wrongly": {"<!-- file: examples/access-log/config.yaml -->\n" + yamlBlock(`debug:`, `verbosity: basic`), "this is not in"},
		"quote of part of lines": {"<!-- file: examples/access-log/config.yaml -->\n" + yamlBlock(`verbosity: bas`), "this is not in"},
		"quote of no file":       {"<!-- file: examples/nothing.yaml -->\n" + yamlBlock(`a: b`), "no such file"},
		"quote from outside":     {"<!-- file: ../go.mod -->\n" + yamlBlock(`a: b`), "outside"},
		"quote of nothing":       {"<!-- file: README.md -->\n\n" + yamlBlock(`- metric: a`), "no block follows"},
		"marker in the text":     {"A line `<!-- file: PATH -->` marks it.\n", ""},
		"marker misspelled":      {"<!-- file README.md -->\n" + yamlBlock(`- metric: a`), "a quote is marked"},

		"yml":                 {"```yml\n- metric: a\n```\n", `the language "yml"`},
		"YAML":                {"```YAML\n- metric: a\n```\n", `the language "YAML"`},
		"yaml with more":      {"```yaml title\n- metric: a\n```\n", `the language "yaml title"`},
		"no language":         {"```\n# comment\n\nkey: value\n```\n", "this is YAML"},
		"no language, a list": {"```\n- metric: a\n```\n", "this is YAML"},
		"text instead":        {"```text\nprocessors:\n  batch:\n```\n", "this is YAML"},
		"indented code":       {"Text:\n\n    - metric: a\n", "belongs into a block"},
		"text, an annotation": {"```text\n# one\n  - {metric: a}\n```\n", "this is YAML"},
		"text, a component":   {"```text\ninterval: 30s\nseries_limit: 10\n```\n", "this is YAML"},
		"text, a condition":   {"```sh\ncondition: severity_number > 9\n```\n", "this is YAML"},
		"JSON instead":        {"```json\n{\n  \"annotations\": [{\"metric\": \"a\"}]\n}\n```\n", "this is YAML"},
		"text that is a log":  {"```text\n10:00 interval: 30s\njobs.interval: 3\n```\n", ""},
		"text from a file":    {"<!-- file: examples/access-log/config.yaml -->\n```text\nreceivers:\n```\n", ""},
		"diff":                {"```diff\n+interval: 30s\n```\n", `the language "diff"`},
		"JSON":                {"```json\n{\"a\": [1, 2]}\n```\n", ""},
		"JSON with a gap":     {"```json\n{\"a\": [1, ...]}\n```\n", ""},
		"bad JSON":            {"```json\n{\"a\": [1, 2,]}\n```\n", "this is not JSON"},
		"no fence":            {"Text:\n\n    ```yaml\n    - metric: a\n    ```\n", "is none"},
		"fence in a list":     {"1. a\n\n   - b\n\n      ```yaml\n      - metric: a\n        conditions: true\n      ```\n", "conditions"},
		"right in a list":     {"1. a\n\n   - b\n\n      ```yaml\n      - metric: a\n      ```\n", ""},
		"no fence in a list":  {"- a\n\n      ```yaml\n      - metric: a\n      ```\n", "is none"},
		"fence after a list":  {"- a\n\nb\n\n    ```yaml\n    - metric: a\n    ```\n", "is none"},
		"no end of a block":   {"```text\n    ```\n", "does not end"},
		"end of a list":       {"- a\n\n  ```text\nb\n  ```\n", "where its list does"},
		"fence in a line":     {"> ```yaml\n> - metric: a\n> ```\n", "a line of its own"},
		"tildes":              {"~~~\nkey: value\n~~~\n", "this is YAML"},
		"longer fence":        {"````text\n```\n````\n", ""},
		"open block":          {"```text\nabc\n", "does not end"},
		"plain output":        {"```\nlogs ──► metrics\n```\n", ""},

		"links": {"# A `b.c` (d), e\n\n[x](#a-bc-d-e) [y](../README.md#quick-start) [z](../examples/access-log) " +
			"[n](https://example.com/#a) `[no](link)` <a id=\"here\"></a>[h](#here)\n\n[r]: design.md\n", ""},
		"link to no file":          {"text\n\n[x](nothing.md)\n", `3: the link "nothing.md"`},
		"link to no anchor":        {"# A\n\n[x](#b)\n", `the link "#b"`},
		"link to no anchor there":  {"[x](../README.md#nothing)\n", `"../README.md#nothing"`},
		"link over two lines":      {"[x\ny](nothing.md)\n", `"nothing.md"`},
		"link to outside":          {"[x](../../go.mod)\n", `"../../go.mod"`},
		"link from the root":       {"[x](/README.md)\n", `"/README.md"`},
		"link around a picture":    {"[![x](nothing.svg)](design.md)\n", `"nothing.svg"`},
		"picture in HTML":          {`<img src="nothing.svg">` + "\n", `"nothing.svg"`},
		"reference":                {"[x]: nothing.md\n", `"nothing.md"`},
		"heading within a block":   {"```sh\n# a\n```\n[x](#a)\n", `"#a"`},
		"second heading of a name": {"# A\n# A\n[x](#a-1) [y](#a-2)\n", `"#a-2"`},

		"queries":                  {"```promql\n# errors\nsum(rate(a_total[5m]))\n\n  / b\n```\n", "unexpected"},
		"good query":               {"```promql\nsum(rate(a_total[5m])) / 2\n\nhistogram_quantile(0.9, sum by (le) (rate(b_bucket[5m])))\n```\n", ""},
		"quantile without le":      {"```promql\nhistogram_quantile(0.9, sum by (a) (rate(b_bucket[5m])))\n```\n", "`le` is lost"},
		"quantile of all":          {"```promql\nhistogram_quantile(0.9, sum(rate(b_bucket[5m]))) > 1\n```\n", "`le` is lost"},
		"quantile without it":      {"```promql\nhistogram_quantile(0.9, sum without (le, a) (rate(b_bucket[5m])))\n```\n", "`le` is lost"},
		"quantile without another": {"```promql\nhistogram_quantile(0.9, sum without (a) (rate(b_bucket[5m])))\n```\n", ""},
		"native histogram":         {"```promql\nhistogram_quantile(0.9, sum(rate(b[5m])))\n```\n", ""},
		"rate of a sum":            {"```promql\nrate(sum(a_total)[5m:])\n```\n", "the rate of a sum"},
		"increase of a sum":        {"| a | `increase(sum by (b) (a_total)[5m:1m])` |\n", "the increase of a sum"},
		"rate of a sum of rates":   {"```promql\nrate(sum(a_total[5m]))\n```\n", "expected type"},
		"query in a table":         {"| a | `sum(rate(x{a=~\"b\\|c\"}[5m]))` |\n", ""},
		"no query in table":        {"| a | `sum(rate(x[5m])` |\n", "unclosed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := readMarkdown("docs/test.md", tc.text)
			found := slices.Concat(d.wrong, brokenLinks(t, d))
			for _, b := range d.blocks {
				if b.file == "" && b.language != "yaml" || len(d.wrong) > 0 {
					continue
				}
				if err := checkBlock(t, b); err != nil {
					found = append(found, err.Error())
				}
			}
			for _, q := range queries(d) {
				if err := checkQuery(t, q.text); err != nil {
					found = append(found, err.Error())
				}
			}
			if tc.want == "" {
				require.Empty(t, found)
				return
			}
			require.NotEmpty(t, found)
			assert.Contains(t, found[0], tc.want)
		})
	}
}
