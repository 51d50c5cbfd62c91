// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

const validateGraph = `
receivers:
  otlp: {protocols: {grpc: {endpoint: '127.0.0.1:0'}}}
  annotation_metrics/web:
processors:
  annotation_metrics/web: {%s}
exporters:
  nop:
service:
  pipelines:
    logs: {receivers: [otlp], processors: [annotation_metrics/web], exporters: [nop]}
    metrics: {receivers: [annotation_metrics/web], exporters: [nop]}
`

// Every rule is tested where it is; here it is tested that a user gets to know of a
// broken one: from the binary, with the path.
func TestB26_InvalidConfigIsRefused(t *testing.T) {
	const annotation = "processors::annotation_metrics/web::annotations::0: "
	for name, tc := range map[string]struct {
		config string
		want   []string
	}{
		"label le on a histogram": {
			`annotations: [{metric: size, type: histogram, unit: s, value: 'attributes["s"]', labels: [le]}]`,
			[]string{annotation, "`labels` must not have the name \"le\""},
		},
		"labels that are one in Prometheus": {
			`annotations: [{metric: requests, labels: [http.route, http_route]}]`,
			[]string{annotation, `"http.route"`, `"http_route"`},
		},
		"metrics that are one in Prometheus": {
			`annotations: [{metric: errors}, {metric: errors.total}]`,
			[]string{"processors::annotation_metrics/web: ", "`metric` must be unique", `"errors"`, `"errors.total"`},
		},
		"OTTL with a syntax error": {
			`annotations: [{metric: errors, condition: 'attributes["x" == 1'}]`,
			[]string{annotation, "`condition`", "1:11"},
		},
		"unknown key": {
			`annotations: [{metric: errors, condition_: 'true'}]`,
			[]string{"'processors'", `"annotation_metrics/web"`, "annotations[0]", "condition_"},
		},
		"interval that is too short": {
			`interval: 10ms, annotations: [{metric: errors}]`,
			[]string{"processors::annotation_metrics/web: ", "`interval` must be at least 1s, found 10ms"},
		},
		"nothing to do": {
			``,
			[]string{"processors::annotation_metrics/web: ", "`annotations` must have at least one annotation"},
		},
		"several rules at once": {
			`interval: 0s, annotations: [{metric: 5xx}, {metric: size, type: histogram, value: 'body', buckets: [2, 1]}]`,
			[]string{
				"processors::annotation_metrics/web: `interval` must be at least 1s",
				"processors::annotation_metrics/web::annotations::0: `metric` must be",
				"processors::annotation_metrics/web::annotations::1: `buckets` must be strictly ascending",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			config := yamlConfig(fmt.Sprintf(validateGraph, tc.config))
			out, err := validate(t, config)
			require.Error(t, err, out)
			for _, want := range tc.want {
				require.Contains(t, out, want)
			}
		})
	}
	out, err := validate(t, yamlConfig(fmt.Sprintf(validateGraph, `annotations: [{metric: errors}]`)))
	require.NoError(t, err, out)
}

// The same for the connector.
func TestB26_InvalidConnectorConfigIsRefused(t *testing.T) {
	out, err := validate(t, yamlConfig(`
receivers:
  otlp: {protocols: {grpc: {endpoint: '127.0.0.1:0'}}}
connectors:
  annotation_metrics: {annotations: [{metric: requests, labels: [http.route, http_route]}]}
exporters:
  nop:
service:
  pipelines:
    logs: {receivers: [otlp], exporters: [annotation_metrics]}
    metrics: {receivers: [annotation_metrics], exporters: [nop]}
`))
	require.Error(t, err, out)
	require.Contains(t, out, "connectors::annotation_metrics::annotations::0: ")
}
