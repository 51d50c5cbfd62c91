// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
)

// scrapedGraph takes logs over OTLP and serves metrics to Prometheus.
const scrapedGraph = `
receivers:
  otlp: {protocols: {grpc: {endpoint: '%[1]s'}}}
  annotation_metrics:
processors:
  annotation_metrics: {interval: 1s, annotations: [{metric: requests, labels: [id]}]}
exporters:
  nop:
  prometheus: {endpoint: '%[2]s'}
service:
  pipelines:
    logs: {receivers: [otlp], processors: [annotation_metrics], exporters: [nop]}
    metrics: {receivers: [annotation_metrics], exporters: [prometheus]}
  telemetry: {metrics: {level: none}}
`

func TestPrometheusServerScrapes(t *testing.T) {
	endpoint, port := loopback(freePort(t)), freePort(t)
	server := runPrometheus(t, port)
	begin := time.Now()
	run(t, yamlConfig(fmt.Sprintf(scrapedGraph, endpoint, loopback(port))))
	client := newLogsClient(t, endpoint)
	total := func() float64 {
		sum, _ := server.number(t, "sum(requests_total)")
		return sum
	}
	for i := range 5 {
		export(t, client, logs(attributes{"id": "a"}, attributes{"id": "b"}, attributes{"id": "b"}))
		waitFor(t, "the sum at Prometheus", func() bool { return total() == float64(3*(i+1)) })
	}
	b := server.Query(t, `requests_total{id="b",job="shop"}`)
	require.Len(t, b, 1)
	require.Equal(t, 10.0, b[0].Value.value)
	steps := server.QueryRange(t, "sum(requests_total)", begin, time.Now(), scrapeInterval)
	require.Len(t, steps, 1)
	require.True(t, slices.IsSortedFunc(steps[0].Values, func(x, y promValue) int { return int(x.value - y.value) }), "a counter never falls")
	// What tells increases apart from first values is tested here, where both are known.
	first := server.Query(t, `requests_total{id="b"}[1h]`)[0].Values[0].value
	require.Equal(t, 10-first, increases(t, server, "requests_total", begin)["b"])
	require.LessOrEqual(t, slices.MaxFunc(steps[0].Values, func(x, y promValue) int { return int(x.value - y.value) }).value, 15.0)
}

const (
	expiry = "processors::annotation_metrics::expire_after: 5s"
	// The interval is twice that of the scrapes, so that each first zero is scraped.
	zeroFirst = "processors::annotation_metrics: {interval: 2s, annotations: [{metric: requests, labels: [id], initial_zero: true}]}"
)

// increases adds up by how much each series of a metric rose, as increase() over all of
// the time does but without its extrapolation: from one scrape to the next, and from
// nothing if it fell, which is a reset. What a series shows first is not an increase, as
// nothing is known of what was before: that is what the first zero is for.
func increases(t *testing.T, server *prometheusServer, metric string, since time.Time) map[string]float64 {
	t.Helper()
	all := map[string]float64{}
	seconds := int(time.Since(since).Seconds()) + 1
	// A selector of a range returns the very samples.
	for _, s := range server.Query(t, fmt.Sprintf("%s[%ds]", metric, seconds)) {
		for i, v := range s.Values[1:] {
			rise := v.value - s.Values[i].value
			if rise < 0 {
				rise = v.value
			}
			all[s.Metric["id"]] += rise
		}
	}
	return all
}

// Birth, expiry, return and a restart of the Collector: the increase that Prometheus sees
// is the truth, within what one scrape interval may still hide.
func TestIncreaseOverTheLivesOfASeries(t *testing.T) {
	endpoint, port := loopback(freePort(t)), freePort(t)
	args := []string{yamlConfig(fmt.Sprintf(scrapedGraph, endpoint, loopback(port))), yamlConfig(expiry), yamlConfig(zeroFirst)}
	server := runPrometheus(t, port)
	begin := time.Now()
	c := run(t, args...)
	client := newLogsClient(t, endpoint)
	truth := map[string]float64{}
	send := func(id string, n int) {
		for range n {
			exportWhenUp(t, client, logsRequest(id))
			truth[id]++
		}
	}
	sees := func() bool { return maps.Equal(increases(t, server, "requests_total", begin), truth) }
	state := func() string {
		return fmt.Sprintf("want %v, got %v", truth, increases(t, server, "requests_total", begin))
	}
	present := func(id string) bool {
		_, ok := server.number(t, fmt.Sprintf(`requests_total{id=%q}`, id))
		return ok
	}

	// Birth: the first increment is seen, not only what comes after it.
	send("stable", 1)
	send("comes and goes", 3)
	waitFor(t, "the first increments", sees, state)

	// Expiry: the series is gone, the other one is not.
	alive := time.Now().Add(patience)
	for present("comes and goes") {
		require.Less(t, time.Now(), alive, "the series does not expire")
		send("stable", 1)
		time.Sleep(100 * time.Millisecond) // a pace, not a wait
	}
	require.True(t, present("stable"))

	// Return: a new life begins at zero, and its first increment is seen too.
	send("comes and goes", 2)
	send("stable", 1)
	waitFor(t, "the increments after the return", sees, state)

	// Restart: new lives of both.
	c.stop(t)
	run(t, args...)
	send("comes and goes", 4)
	send("stable", 1)
	waitFor(t, "the increments after the restart", sees, state)

	// increase() itself extrapolates; over a span with a little rim it must be near.
	want := 0.0
	for _, n := range truth {
		want += n
	}
	got, ok := server.number(t, fmt.Sprintf("sum(increase(requests_total[%ds]))", int(time.Since(begin).Seconds())+2))
	require.True(t, ok)
	require.InEpsilon(t, want, got, 0.25, "increase() is off by more than its extrapolation explains")
}

func logsRequest(id string) plogotlp.ExportRequest {
	return exportRequest(logs(attributes{"id": id}))
}

// exportWhenUp sends logs once, as soon as the receiver is there.
func exportWhenUp(t *testing.T, client plogotlp.GRPCClient, req plogotlp.ExportRequest) {
	t.Helper()
	waitFor(t, "the receiver", func() bool {
		_, err := client.Export(t.Context(), req)
		return err == nil
	})
}

// Three of six series expire in one interval: the Prometheus exporter and the server
// show exactly the other three, and they go on.
func TestB21_ThreeOfSixSeriesExpire(t *testing.T) {
	endpoint, port := loopback(freePort(t)), freePort(t)
	args := []string{yamlConfig(fmt.Sprintf(scrapedGraph, endpoint, loopback(port))), yamlConfig(expiry)}
	server := runPrometheus(t, port)
	run(t, args...)
	client := newLogsClient(t, endpoint)
	export(t, client, logs(attributes{"id": "1"}, attributes{"id": "2"}, attributes{"id": "3"},
		attributes{"id": "4"}, attributes{"id": "5"}, attributes{"id": "6"}))
	ids := func() []string { return slices.Sorted(maps.Keys(scrape(t, port).by(t, "requests_total", "id"))) }
	waitFor(t, "all six", func() bool { return len(ids()) == 6 })

	sent := 1.0
	begin := time.Now()
	for len(ids()) == 6 {
		require.Less(t, time.Since(begin), patience, "nothing expires")
		export(t, client, logs(attributes{"id": "2"}, attributes{"id": "4"}, attributes{"id": "6"}))
		sent++
		time.Sleep(100 * time.Millisecond) // a pace, not a wait
	}
	left := []string{"2", "4", "6"}
	require.Equal(t, left, ids(), "the three that are idle go, and they go together")
	waitFor(t, "the others to be updated", func() bool {
		return maps.Equal(scrape(t, port).by(t, "requests_total", "id"), map[string]float64{"2": sent, "4": sent, "6": sent})
	})
	waitFor(t, "the server to show the same", func() bool {
		shown := map[string]float64{}
		for _, s := range server.Query(t, "requests_total") {
			shown[s.Metric["id"]] = s.Value.value
		}
		return maps.Equal(shown, map[string]float64{"2": sent, "4": sent, "6": sent})
	})
}
