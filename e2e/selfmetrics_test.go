// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"maps"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"
)

// selfMetricsGraph has a processor of one ID in one logs pipeline, one of another ID in
// two, and the connector.
const selfMetricsGraph = `
receivers:
  otlp/a: {protocols: {grpc: {endpoint: '%[1]s'}}}
  otlp/b: {protocols: {grpc: {endpoint: '%[2]s'}}}
  annotation_metrics:
  annotation_metrics/web:
processors:
  annotation_metrics: &processor
    interval: 1s
    annotations:
      - {metric: requests, condition: 'Int(attributes["status"]) > 0', labels: [method]}
      - {metric: errors, condition: 'Int(attributes["status"]) >= 500', labels: [method], series_limit: 0}
      - {metric: size, type: histogram, buckets: [100], value: 'attributes["size"]'}
  annotation_metrics/web: *processor
connectors:
  annotation_metrics/graph: *processor
exporters:
  nop:
service:
  pipelines:
    logs/a: {receivers: [otlp/a], processors: [annotation_metrics, annotation_metrics/web], exporters: [nop]}
    logs/b: {receivers: [otlp/b], processors: [annotation_metrics/web], exporters: [nop, annotation_metrics/graph]}
    metrics: {receivers: [annotation_metrics, annotation_metrics/web], exporters: [nop]}
    metrics/connector: {receivers: [annotation_metrics/graph], exporters: [nop]}
`

// selfMetricsLogs are 300 records: enough for a chunk whose time is split by the clock.
func selfMetricsLogs() plog.Logs {
	var records []attributes
	for i := range 300 {
		records = append(records, attributes{
			"method": []string{"GET", "PUT"}[i%2],
			"status": []string{"200", "500", "404"}[i%3],
			"size":   []any{10, "1000", "-", ""}[i%4],
		})
	}
	return logs(records...)
}

// What the records of selfMetricsLogs become, by annotation.
var selfMetricsOutcomes = map[string]map[string]float64{
	"requests": {"matched": 300},
	"errors":   {"matched": 100, "filtered": 200},
	"size":     {"matched": 150, "value_invalid": 75, "value_missing": 75},
}

// All components of a Collector have one page. Without an attribute that tells ours apart
// their self-metrics would add up to one series, or spoil the whole page where the gate
// gives each component attributes that the page does not show.
func TestSelfMetricsOnTheCollectorsEndpoint(t *testing.T) {
	for name, tc := range map[string]struct {
		gate    string
		reader  string
		spoiled bool // by the Collector's own metrics
	}{
		"gate off":                  {gate: "-telemetry.newPipelineTelemetry"},
		"gate off, with scope info": {gate: "-telemetry.newPipelineTelemetry", reader: "without_scope_info: false"},
		"gate on, with scope info":  {gate: "+telemetry.newPipelineTelemetry", reader: "without_scope_info: false"},
		// Two processors of whatever kind are enough for that. Ours do not add to it.
		"gate on": {gate: "+telemetry.newPipelineTelemetry", spoiled: true},
	} {
		t.Run(name, func(t *testing.T) {
			a, b, port := freePort(t), freePort(t), freePort(t)
			c := run(t, yamlConfig(fmt.Sprintf(selfMetricsGraph, loopback(a), loopback(b))),
				yamlConfig(pullSelfMetrics(port, tc.reader)), "--feature-gates="+tc.gate)

			// annotation_metrics sees one batch, annotation_metrics/web and the connector
			// as many as are sent to b, the former one more.
			export(t, newLogsClient(t, loopback(a)), selfMetricsLogs())
			client := newLogsClient(t, loopback(b))
			for range 3 {
				export(t, client, selfMetricsLogs())
			}
			if tc.spoiled {
				if status, body := fetch(t, port); status != http.StatusOK {
					require.Contains(t, body, `collected metric "otelcol`)
					require.NotContains(t, body, `collected metric "otelcol_processor_annotation_metrics_`)
					require.NotContains(t, body, `collected metric "otelcol_connector_annotation_metrics_`)
					return
				}
			}

			var self page
			waitFor(t, "an emission of each", func() bool {
				self = scrape(t, port)
				// The time of an emission is added at its end, after its points.
				flushed := func(kind, id string) bool {
					return self.sum(self.selfOf(t, kind, "overhead_time"), kind, id, "stage", "flush") > 0
				}
				return self.min(self.selfOf(t, "processor", "emitted_datapoints")) > 0 &&
					self.min(self.selfOf(t, "connector", "emitted_datapoints")) > 0 &&
					flushed("processor", "annotation_metrics") && flushed("processor", "annotation_metrics/web") &&
					flushed("connector", "annotation_metrics/graph")
			})
			wall := time.Since(c.started)

			require.Len(t, self.samples(self.selfOf(t, "processor", "emitted_datapoints")), 2)
			requireSelfMetrics(t, self, "processor", "annotation_metrics", 1)
			requireSelfMetrics(t, self, "processor", "annotation_metrics/web", 4)
			requireSelfMetrics(t, self, "connector", "annotation_metrics/graph", 3)
			requireStageTimes(t, self, wall)
			requireProcessorMetrics(t, self)
		})
	}
}

// min returns the smallest sample of a family.
func (p page) min(family string) float64 {
	var all []float64
	for _, s := range p.samples(family) {
		all = append(all, s.number())
	}
	if len(all) == 0 {
		return 0
	}
	return slices.Min(all)
}

// requireSelfMetrics requires that every self-metric of a component is there once for
// each of its attribute sets.
func requireSelfMetrics(t *testing.T, self page, kind, id string, batches float64) {
	t.Helper()
	family := func(name string) string { return self.selfOf(t, kind, name) }
	annotations := []string{"requests", "errors", "size"}

	for annotation, outcomes := range selfMetricsOutcomes {
		got := map[string]float64{}
		for _, s := range self.samples(family("records"), kind, id, "annotation", annotation) {
			require.NotContains(t, got, s.labels["outcome"], "twice")
			if got[s.labels["outcome"]] = s.number() / batches; s.number() == 0 {
				delete(got, s.labels["outcome"])
			}
		}
		require.Equal(t, outcomes, got, "%s %s: records of %s", kind, id, annotation)
	}
	for name, want := range map[string]map[string]float64{
		"series":             {"requests": 2, "errors": 2, "size": 1},
		"series_limit":       {"requests": 10000, "size": 10000},
		"overflowed_records": {"requests": 0, "errors": 0, "size": 0},
		"truncated_labels":   {"requests": 0, "errors": 0, "size": 0},
	} {
		got := map[string]float64{}
		for _, s := range self.samples(family(name), kind, id) {
			require.NotContains(t, got, s.labels["annotation"], "twice")
			got[s.labels["annotation"]] = s.number()
		}
		require.Equal(t, want, got, "%s %s: %s", kind, id, name)
	}
	for _, name := range []string{"refused_records", "emitted_datapoints", "lost_datapoints", "emission_failures"} {
		require.Len(t, self.samples(family(name), kind, id), 1, "%s %s: %s", kind, id, name)
	}
	for _, name := range []string{"refused_records", "lost_datapoints", "emission_failures"} {
		require.Zero(t, self.sum(family(name), kind, id), "%s %s: %s", kind, id, name)
	}

	times := map[string]bool{}
	for _, s := range self.samples(family("overhead_time"), kind, id) {
		key := s.labels["stage"] + " " + s.labels["annotation"]
		require.False(t, times[key], "%s %s: overhead_time has two samples of %s", kind, id, key)
		times[key] = true
	}
	for _, stage := range []string{"load", "eval", "extract", "emit", "flush"} {
		require.True(t, times[stage+" "], "%s %s: overhead_time of %s that is shared", kind, id, stage)
		for _, annotation := range annotations {
			require.Equal(t, stage != "load", times[stage+" "+annotation],
				"%s %s: overhead_time of %s for %s", kind, id, stage, annotation)
		}
	}
}

// requireStageTimes requires that each stage took some time, and that all of them
// together took no more than there was.
func requireStageTimes(t *testing.T, self page, wall time.Duration) {
	t.Helper()
	for kind, ids := range map[string][]string{"processor": {"annotation_metrics", "annotation_metrics/web"}, "connector": {"annotation_metrics/graph"}} {
		family := self.selfOf(t, kind, "overhead_time")
		for _, id := range ids {
			sum := 0.0
			for _, stage := range []string{"load", "eval", "extract", "emit", "flush"} {
				spent := self.sum(family, kind, id, "stage", stage)
				require.Positive(t, spent, "%s %s: %s", kind, id, stage)
				sum += spent
			}
			require.Less(t, sum, wall.Seconds()*float64(runtime.NumCPU()), "%s %s", kind, id)
			for _, annotation := range []string{"requests", "errors"} {
				require.Positive(t, self.sum(family, kind, id, "stage", "eval", "annotation", annotation),
					"%s %s: the condition of %s", kind, id, annotation)
			}
			// size has no condition.
			require.Zero(t, self.sum(family, kind, id, "stage", "eval", "annotation", "size"))
		}
	}
}

// requireProcessorMetrics requires what the Collector says of any processor.
func requireProcessorMetrics(t *testing.T, self page) {
	t.Helper()
	var found []string
	for _, name := range slices.Sorted(maps.Keys(self)) {
		for _, want := range []string{"incoming_items", "outgoing_items", "internal_duration"} {
			if strings.HasPrefix(name, "otelcol_processor_"+want) {
				found = append(found, want)
			}
		}
	}
	require.Equal(t, []string{"incoming_items", "internal_duration", "outgoing_items"}, found)
}
