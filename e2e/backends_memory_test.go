// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// While a backend is down, memory grows with every interval if the exporter has a queue, and
// does not without one.
func TestMemoryWhileTheBackendIsDown(t *testing.T) {
	t.Setenv("GOGC", "20") // the heap is little more than what lives
	const (
		series = 10_000
		span   = 3 * time.Second
		later  = 10 * time.Second
	)
	type collector struct {
		*route

		selfPort int
		process  *process
		heap     []usage
	}
	var all []*collector
	for _, settings := range []string{"plain", "default"} {
		c := &collector{route: &route{"otlp_grpc", settings, false, newBackend(t, "otlp_grpc", nil)}, selfPort: freePort(t)}
		all = append(all, c)
		endpoint := loopback(freePort(t))
		c.process = run(t, yamlConfig(c.config(5*time.Second)), yamlConfig(logsConfig(endpoint, c.route)), yamlConfig(pullSelfMetrics(c.selfPort)))
		client := newLogsClient(t, endpoint)
		for part := range 10 {
			records := make([]attributes, series/10)
			for i := range records {
				records[i] = attributes{"id": strconv.Itoa(part*len(records) + i)}
			}
			export(t, client, logs(records...))
		}
	}
	begin := time.Now()
	for time.Since(begin) < later+span {
		for _, c := range all {
			u, ok := usageOf(t, c.process, c.selfPort)
			require.True(t, ok)
			u.at = time.Since(begin)
			c.heap = append(c.heap, u)
		}
		time.Sleep(50 * time.Millisecond) // a pace, not a wait
	}
	least := func(all []usage, from time.Duration) float64 {
		low := 1e9
		for _, u := range all {
			if u.at >= from && u.at < from+span {
				low = min(low, u.heap)
			}
		}
		return low
	}
	for _, c := range all {
		first, last := least(c.heap, span), least(c.heap, later)
		t.Logf("%-30s heap after %v: %.1f MiB, after %v: %.1f MiB", c.name(), span, first, later, last)
		self := scrape(t, c.selfPort)
		require.EqualValues(t, series, self.sum(self.self(t, "series")))
		if c.settings == "plain" {
			require.Greater(t, self.sum(self.self(t, "emission_failures")), 5.0)
			require.Less(t, last, first+5)
		} else {
			require.Greater(t, last, first+5)
		}
	}
}
