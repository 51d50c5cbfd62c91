// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// load pushes records, each with a label value of its own, until the receivers that it
// pushes to are shut down.
type load struct {
	pushers sync.WaitGroup

	mu    sync.Mutex
	acked []string // the label values of the acknowledged records
	err   error    // another one than that of a receiver that is shut down
}

func startLoad(t *testing.T, receivers ...*push) *load {
	t.Helper()
	l := &load{}
	const perBatch = 5
	for n, to := range receivers {
		l.pushers.Go(func() {
			for batch := 0; ; batch++ {
				labels := make([]string, 0, perBatch)
				records := make([]attributes, 0, perBatch)
				for i := range perBatch {
					labels = append(labels, fmt.Sprintf("%d-%d-%d", n, batch, i))
					records = append(records, attributes{"id": labels[i]})
				}
				if err := to.logs(t.Context(), logs(records...)); err != nil {
					if !errors.Is(err, errStopped) {
						l.mu.Lock()
						l.err = err
						l.mu.Unlock()
					}
					return
				}
				l.mu.Lock()
				l.acked = append(l.acked, labels...)
				l.mu.Unlock()
			}
		})
	}
	return l
}

// acknowledged returns the label values of what is acknowledged so far.
func (l *load) acknowledged() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.acked[:len(l.acked):len(l.acked)]
}

// end waits for the pushers to end, and returns the label values of all that was
// acknowledged.
func (l *load) end(t *testing.T) []string {
	t.Helper()
	within(t, "the pushers to end", l.pushers.Wait)
	require.NoError(t, l.err)
	return l.acknowledged()
}

// requireEmitted requires that each label value has a series that counts one record.
func requireEmitted(t *testing.T, totals map[string]float64, labels []string) {
	t.Helper()
	missing := 0
	for _, label := range labels {
		if totals[fmt.Sprintf(`records{id=%q,resource.service.name="shop"}`, label)] != 1 {
			missing++
		}
	}
	require.Zero(t, missing, "of %d acknowledged records so many are not in the metrics", len(labels))
}

// twoPipelines adds a second logs pipeline to countRecords, with the same processor.
const twoPipelines = `
receivers:
  push/two:
service:
  pipelines:
    logs/two: {receivers: [push/two], processors: [annotation_metrics], exporters: [logs_sink]}
`

// The Collector stops logs and metrics pipelines in random order. What was acknowledged
// before the shutdown is emitted in any, and nothing disappears without being counted.
func TestShutdownThroughProcessorAndReceiver(t *testing.T) {
	const atLeast, atMost = 50, 400
	selfMetrics := newOTLPSink(t)
	first, orders := map[string]int{}, map[string]int{}
	lostInAll := 0
	for n := 0; n < atLeast || len(first) < 2; n++ {
		require.Less(t, n, atMost, "it is always the same that is shut down first: %v", first)
		selfMetrics.clear()
		temporality := []string{"cumulative", "delta"}[n%2]
		c := runInProcess(t, countRecords("series_limit: 0, temporality: "+temporality), twoPipelines,
			"processors::annotation_metrics::annotations: [{metric: records, labels: [id]}]",
			"service::telemetry::resource: {service.instance.id: run-"+strconv.Itoa(n)+"}",
			pushSelfMetrics(selfMetrics.endpoint))
		load := startLoad(t, c.push("push"), c.push("push"), c.push("push/two"))
		waitFor(t, "some load", func() bool { return len(load.acknowledged()) >= 100 })

		before := load.acknowledged()
		c.stop(t)
		all := load.end(t)
		order := strings.Join(c.stops.all(), ", ")
		orders[order]++
		first[c.stops.all()[0]]++

		sink := c.metrics("metrics_sink")
		requireEmitted(t, sink.totals(), before)
		lost := int(selfTotal(selfMetrics, "lost_datapoints"))
		lostInAll += lost
		shown := 0 // a zero says only that a series exists
		for _, total := range sink.totals() {
			shown += int(total)
		}
		require.Equal(t, len(all), shown+lost, "acknowledged records = emitted series + lost data points (%s, %s)", order, temporality)
		require.EqualValues(t, len(sink.points()), selfTotal(selfMetrics, "emitted_datapoints"))
		if lost > 0 {
			warnings := c.logs.FilterMessageSnippet("data points are lost").All()
			require.Len(t, warnings, 1)
			require.EqualValues(t, lost, warnings[0].ContextMap()["datapoints"], "the number in the log")
		}
		requireChain(t, sink)
	}
	t.Logf("orders of shutdown: %v; data points lost and counted: %d", orders, lostInAll)
}

// The connector is in the graph, so that it is always stopped after what feeds it and
// before what it feeds.
func TestShutdownThroughConnectorLosesNothing(t *testing.T) {
	for n := range 50 {
		c := runInProcess(t, connectorDoor, fmt.Sprintf(
			"connectors::annotation_metrics: {series_limit: 0, temporality: %s, annotations: [{metric: records, labels: [id]}]}",
			[]string{"cumulative", "delta"}[n%2]))
		load := startLoad(t, c.push("push"), c.push("push"))
		waitFor(t, "some load", func() bool { return len(load.acknowledged()) >= 100 })
		c.stop(t)
		all := load.end(t)
		sink := c.metrics("metrics_sink")
		requireEmitted(t, sink.totals(), all)
		require.Len(t, sink.totals(), len(all))
		require.Empty(t, c.logs.FilterMessageSnippet("lost").All())
	}
}
