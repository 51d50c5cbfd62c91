// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

const reloadGraph = `
receivers:
  otlp: {protocols: {grpc: {endpoint: '%s'}}}
  annotation_metrics:
processors:
  annotation_metrics: {interval: 1s, annotations: %s}
exporters:
  nop:
  otlp_grpc: {endpoint: '%s', tls: {insecure: true}, sending_queue: {enabled: false}, retry_on_failure: {enabled: false}}
service:
  pipelines:
    logs: {receivers: [otlp], processors: [annotation_metrics], exporters: [nop]}
    metrics: {receivers: [annotation_metrics], exporters: [otlp_grpc]}
  telemetry: {metrics: {level: none}}
`

// A reload stops everything and starts anew, in one process.
func TestB9_ReloadWithOtherAnnotations(t *testing.T) {
	endpoint, sink := loopback(freePort(t)), newOTLPSink(t)
	file := filepath.Join(t.TempDir(), "config.yaml")
	configure := func(annotations string) {
		require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, reloadGraph, endpoint, annotations, sink.endpoint), 0o600))
	}
	series := func(metrics ...string) map[string]float64 {
		all := map[string]float64{}
		for i, metric := range metrics {
			all[metric+`{resource.service.name="shop"}`] = float64(i + 1)
		}
		return all
	}

	configure(`[{metric: same}, {metric: changed, value: '2'}, {metric: removed, value: '3'}]`)
	c := run(t, "--config="+file)
	client := newLogsClient(t, endpoint)
	export(t, client, logs(attributes{}))
	waitFor(t, "the first metrics", func() bool { return sink.has(series("same", "changed", "removed")) }, sink.String)

	configure(`[{metric: same}, {metric: changed, type: updowncounter, value: '2'}, {metric: added, value: '3'}]`)
	c.signal(t, syscall.SIGHUP)
	waitFor(t, "the reload", func() bool { return strings.Count(c.output.String(), "Everything is ready") == 2 })
	before := sink.last() // with the flush of the first life
	sink.clear()
	waitFor(t, "the OTLP endpoint to be back", func() bool {
		_, err := client.Export(t.Context(), exportRequest(logs(attributes{})))
		return err == nil
	})
	waitFor(t, "the metrics of the second life", func() bool { return sink.has(series("same", "changed", "added")) }, sink.String)
	for name, p := range sink.last() {
		require.Less(t, p.start, p.time, name)
		if old, ok := before[name]; ok {
			require.Greater(t, p.start, old.time, "%s starts after the end of its previous life", name)
		}
	}
}
