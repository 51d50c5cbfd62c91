// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// migrations is the folder of the examples that show another program's configuration
// beside ours.
var migrations = filepath.Join(repository, "examples", "migration")

// connectorGraph returns the configuration of a Collector that derives metrics with this
// connector from what is pushed.
func connectorGraph(connector, config string) string {
	return fmt.Sprintf(`
receivers: {push: }
connectors: {%[1]s: %[2]s}
exporters: {logs_sink: , metrics_sink: }
service:
  pipelines:
    logs: {receivers: [push], exporters: [%[1]s, logs_sink]}
    metrics: {receivers: [%[1]s], exporters: [metrics_sink]}
`, connector, config)
}

// derivedFrom runs a connector on batches of logs, which it must accept, with more
// configuration, and returns what came out of it until the Collector has ended.
func derivedFrom(t *testing.T, graph string, batches []plog.Logs, configs ...string) *metricsSink {
	t.Helper()
	p := runInProcess(t, append([]string{graph}, configs...)...)
	for _, ld := range batches {
		p.send(t, "push", ld)
	}
	p.stop(t)
	return p.metrics("metrics_sink")
}

// migrationConfig returns one of the configurations of an example of migration, without
// the exporter debug, which Collectors in this process do not have.
func migrationConfig(t *testing.T, example, file string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(migrations, example, file))
	require.NoError(t, err)
	return strings.Replace(string(text), "  debug:\n", "", 1)
}

// runMigration runs one of the configurations of an example of migration, which has a
// connector, and returns what this connector has derived from the example's log. Nothing
// of the configuration is replaced but where the log is, seen from here, and what comes
// behind the connector.
func runMigration(t *testing.T, example, file, connector string) *metricsSink {
	t.Helper()
	input := filepath.Join(migrations, example, "input.jsonl")
	lines, err := os.ReadFile(input)
	require.NoError(t, err)
	p := runInProcess(t, migrationConfig(t, example, file), fmt.Sprintf(`
receivers: {file_log: {include: ['%[1]s'], poll_interval: 10ms}}
exporters: {logs_sink: , metrics_sink: }
service:
  pipelines:
    logs: {exporters: [%[2]s, logs_sink]}
    metrics: {processors: [], exporters: [metrics_sink]}
`, input, connector))
	sunk := p.sunkLogs("logs_sink")
	waitFor(t, "the whole log", func() bool { return sunk.records() == bytes.Count(lines, []byte("\n")) })
	p.stop(t)
	return p.metrics("metrics_sink")
}

// texts returns what each series says after all, as text: the last point of a cumulative
// series or a gauge, and the sum of all deltas. Of the names of the series it leaves out
// the attribute that signal_to_metrics adds, which is another one at each start.
func texts(points []point) map[string]string {
	last := map[string]point{}
	for _, p := range points {
		series := withoutInstance(p.series)
		if before, ok := last[series]; ok && p.temporality == pmetric.AggregationTemporalityDelta {
			p.value += before.value
			p.count += before.count
			for i, n := range before.buckets {
				p.buckets[i] += n
			}
		}
		last[series] = p
	}
	said := map[string]string{}
	for series, p := range last {
		said[series] = fmt.Sprint(p.value)
		if p.buckets != nil {
			said[series] = fmt.Sprintf("sum %v, count %d, buckets %d", p.value, p.count, p.buckets)
		}
	}
	return said
}

// kinds returns what each metric is, as text, but for its temporality, by its name: its
// type and whether it only rises, the unit, the description and the bounds of its buckets.
// One that is not the same at all its points has a text of several lines.
func kinds(payloads []pmetric.Metrics) map[string]string {
	all := map[string]map[string]bool{}
	for _, md := range payloads {
		for _, rm := range md.ResourceMetrics().All() {
			for _, sm := range rm.ScopeMetrics().All() {
				for _, m := range sm.Metrics().All() {
					if all[m.Name()] == nil {
						all[m.Name()] = map[string]bool{}
					}
					for _, detail := range details(m) {
						all[m.Name()][fmt.Sprintf("%v%s, unit %q: %s", m.Type(), detail, m.Unit(), m.Description())] = true
					}
				}
			}
		}
	}
	texts := map[string]string{}
	for name, these := range all {
		texts[name] = strings.Join(slices.Sorted(maps.Keys(these)), "\n")
	}
	return texts
}

// details returns what only metrics of this type have.
func details(m pmetric.Metric) []string {
	switch m.Type() {
	case pmetric.MetricTypeSum:
		return []string{fmt.Sprintf(", monotonic: %v", m.Sum().IsMonotonic())}
	case pmetric.MetricTypeHistogram:
		var bounds []string
		for _, dp := range m.Histogram().DataPoints().All() {
			bounds = append(bounds, fmt.Sprintf(" up to %v", dp.ExplicitBounds().AsRaw()))
		}
		return bounds
	default:
		return []string{""}
	}
}

// instanceLabel is what signal_to_metrics puts on each resource, to be the only writer.
const instanceLabel = `resource.signal_to_metrics.service.instance.id="`

func withoutInstance(series string) string {
	before, after, ok := strings.Cut(series, instanceLabel)
	if !ok {
		return series
	}
	_, after, _ = strings.Cut(after, `"`)
	return strings.Replace(before+strings.TrimPrefix(after, ","), ",}", "}", 1)
}
