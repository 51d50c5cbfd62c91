// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"testing"
)

// clientsGraph takes logs over both protocols of OTLP, and sends metrics over OTLP.
const clientsGraph = `
receivers:
  otlp: {protocols: {grpc: {endpoint: '%s'}, http: {endpoint: '%s'}}}
  annotation_metrics:
processors:
  annotation_metrics: {interval: 1s}
exporters:
  nop:
  otlp_grpc: {endpoint: '%s', tls: {insecure: true}}
service:
  pipelines:
    logs: {receivers: [otlp], processors: [annotation_metrics], exporters: [nop]}
    metrics: {receivers: [annotation_metrics], exporters: [otlp_grpc]}
`

// runForClients runs a Collector to which programs send their logs, with these
// annotations, until the test ends. It returns its two endpoints, the port of its
// self-metrics, and where the derived metrics go.
func runForClients(t *testing.T, annotations string) (grpc, http string, selfPort int, sink *otlpSink) {
	t.Helper()
	grpc, http, selfPort, sink = loopback(freePort(t)), loopback(freePort(t)), freePort(t), newOTLPSink(t)
	run(t, yamlConfig(fmt.Sprintf(clientsGraph, grpc, http, sink.endpoint)), yamlConfig(annotations), yamlConfig(pullSelfMetrics(selfPort)))
	return grpc, http, selfPort, sink
}
