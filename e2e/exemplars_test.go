// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"math"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
)

// A Prometheus server knows exactly the trace IDs of the records, each at the counter and at
// the bucket of its value, scraped as well as written.
func TestExemplarsReachPrometheus(t *testing.T) {
	t.Parallel()
	endpoint, port := loopback(freePort(t)), freePort(t)
	server := runPrometheusWith(t, prometheusSettings{targets: []int{port}, flags: []string{exemplarStorage, remoteWriteReceiver}})
	run(t, yamlConfig(fmt.Sprintf(bothWaysGraph, endpoint, loopback(port), server.address, `
      - {metric: requests, exemplars: true}
      - {metric: latency, unit: s, type: histogram, value: 'attributes["took"]', buckets: [0.1, 1, 10], exemplars: true}`)))
	client := newLogsClient(t, endpoint)
	begin := time.Now()

	// What Prometheus knows: trace IDs, and with them the value and the bucket.
	type seen struct {
		value string
		le    float64 // +Inf for a counter
	}
	known := func(metric, by string) map[string]seen {
		all := map[string]seen{}
		for _, s := range server.exemplars(t, fmt.Sprintf("%s{by=%q}", metric, by), begin) {
			for _, e := range s.Exemplars {
				trace := e.Labels["trace_id"]
				require.NotContains(t, all, trace, "an exemplar comes once")
				all[trace] = seen{e.Value, upperBound(t, s.Series)}
			}
		}
		return all
	}
	counted, measured := map[string]seen{}, map[string]seen{}
	for i, r := range []struct {
		took float64
		le   float64
	}{{0.05, 0.1}, {0.1, 0.1}, {0.7, 1}, {99, math.Inf(1)}} {
		// A record without a trace ID leaves no exemplar.
		ld := logs(attributes{"took": r.took}, attributes{"took": 5})
		trace := pcommon.TraceID{0: 0xab, 15: byte(i + 1)}
		record := ld.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0)
		record.SetTraceID(trace)
		record.SetSpanID(pcommon.SpanID{7: byte(i + 1)})
		export(t, client, ld)
		counted[trace.String()] = seen{"1", math.Inf(1)}
		measured[trace.String()] = seen{strconv.FormatFloat(r.took, 'f', -1, 64), r.le}
		for way, by := range ways {
			// A counter shows one exemplar a time: the next record must wait for it.
			waitFor(t, way+": the exemplar", func() bool {
				return len(known("requests_total", by)) == i+1 && len(known("latency_seconds_bucket", by)) == i+1
			}, func() string { return fmt.Sprint(known("requests_total", by), known("latency_seconds_bucket", by)) })
		}
	}
	for way, by := range ways {
		require.Equal(t, counted, known("requests_total", by), way)
		require.Equal(t, measured, known("latency_seconds_bucket", by), way)
	}
}

// upperBound returns the bound of a bucket. As text it depends on the way: 1 is "1.0" in
// OpenMetrics and "1" in remote write.
func upperBound(t *testing.T, series map[string]string) float64 {
	t.Helper()
	le, ok := series["le"]
	if !ok {
		return math.Inf(1)
	}
	bound, err := strconv.ParseFloat(le, 64)
	require.NoError(t, err)
	return bound
}
