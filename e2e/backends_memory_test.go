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
)

// While a backend is down, memory grows with every interval if the exporter has a queue, and
// does not without one.
func TestMemoryWhileTheBackendIsDown(t *testing.T) {
	t.Setenv("GOGC", "20") // the heap is little more than what lives
	const (
		series = 10_000
		span   = 3   // refusals, during which the lowest heap is taken
		later  = 20  // refusals after which it is taken again
		growth = 5.0 // MiB
	)
	type collector struct {
		*route

		selfPort int
		process  *process
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
	// The clock is the number of payloads that the backend has refused, as the Collector
	// without a queue knows it: a busy machine is late with them.
	refused := func() float64 {
		self := scrape(t, all[0].selfPort)
		return self.sum(self.self(t, "emission_failures"))
	}
	sample := func(c *collector) float64 {
		u, ok := usageOf(t, c.process, c.selfPort)
		require.True(t, ok)
		return u.heap
	}
	least := func(from float64) []float64 {
		waitFor(t, fmt.Sprint(from, " refusals"), func() bool { return refused() >= from })
		low := []float64{math.Inf(1), math.Inf(1)}
		for n := 0; n < 20 || refused() < from+span; n++ {
			for i, c := range all {
				low[i] = min(low[i], sample(c))
			}
			time.Sleep(50 * time.Millisecond) // a pace, not a wait
		}
		return low
	}
	first, last := least(span), least(later)
	for i, c := range all {
		t.Logf("%-30s heap after %d refusals: %.1f MiB, after %d: %.1f MiB", c.name(), span, first[i], later, last[i])
		self := scrape(t, c.selfPort)
		require.EqualValues(t, series, self.sum(self.self(t, "series")))
	}
	require.Less(t, last[0], first[0]+growth)
	// Its own emissions may be later than those of the other.
	waitFor(t, "memory to grow, and to stay so", func() bool {
		low := math.Inf(1)
		for range 20 {
			low = min(low, sample(all[1]))
			time.Sleep(50 * time.Millisecond) // a pace, not a wait
		}
		last[1] = low
		return low > first[1]+growth
	}, func() string { return fmt.Sprintf("%.1f MiB, and then %.1f MiB", first[1], last[1]) })
}
