// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// Deltas that do not join make the Prometheus exporter begin anew at each of them, so that
// it shows the last batch only.
func TestMigrationToThePrometheusExporter(t *testing.T) {
	for connector, tc := range map[string]struct {
		config string
		want   float64
	}{
		"count":              {config: countAll, want: 1},
		"signal_to_metrics":  {config: signalToCount, want: 1},
		"annotation_metrics": {config: "{interval: 1s, " + annotateRecords[1:], want: 3},
	} {
		t.Run(connector, func(t *testing.T) {
			t.Parallel()
			port := freePort(t)
			p := runInProcess(t, connectorGraph(connector, tc.config), fmt.Sprintf(
				"{exporters: {prometheus: {endpoint: '%s'}}, service: {pipelines: {metrics: {exporters: [metrics_sink, prometheus]}}}}", loopback(port)))
			for range 3 {
				p.send(t, "push", logs(attributes{"id": 1}))
			}
			shown := func() float64 { return scrape(t, port).sum("records_total", "job", "shop") }
			all := p.metrics("metrics_sink")
			waitFor(t, "all points", func() bool {
				total := 0.0
				for series, n := range all.totals() {
					if withoutInstance(series) == recordsOfTheShop {
						total += n
					}
				}
				return total == 3
			})
			waitFor(t, "the page", func() bool { return shown() == tc.want }, func() string { return fmt.Sprint(shown()) })
		})
	}
}

// While both derive from the same logs, the query of docs/migrating.md says at the
// Prometheus server that they agree.
func TestMigrationSideBySide(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	server := runPrometheus(t, port)
	p := runInProcess(t, migrationConfig(t, "count", "both.yaml"), fmt.Sprintf(`
receivers: {push: }
connectors: {annotation_metrics: {interval: 1s}}
exporters: {logs_sink: , prometheus: {endpoint: '%s'}}
service: {pipelines: {logs: {receivers: [push], exporters: [count, annotation_metrics, logs_sink]}}}
`, loopback(port)))
	const difference = `sum by (service_name) (log_records_total) - sum by (service_name) (migrating_log_records_total)`
	for sent := 3.0; sent <= 6; sent += 3 {
		p.send(t, "push", logs(attributes{"id": 1}, attributes{"id": 2}, attributes{"id": 3}))
		waitFor(t, "both at the server", func() bool {
			before, _ := server.number(t, "log_records_total")
			after, _ := server.number(t, "migrating_log_records_total")
			return before == sent && after == sent
		})
		n, ok := server.number(t, difference)
		require.True(t, ok, "the labels are not the same")
		require.Zero(t, n)
	}
}
