// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// bothWaysGraph takes logs over OTLP; a Prometheus server scrapes the metrics and is written
// to as well. What it is written has the label by="push". The interval is twice that of the
// scrapes, so that each first zero is scraped.
const bothWaysGraph = `
receivers:
  otlp: {protocols: {grpc: {endpoint: '%[1]s'}}}
  annotation_metrics:
processors:
  annotation_metrics:
    interval: 2s
    annotations: %[4]s
exporters:
  nop:
  prometheus: {endpoint: '%[2]s', enable_open_metrics: true}
  prometheus_remote_write:
    endpoint: '%[3]s/api/v1/write'
    external_labels: {by: push}
    remote_write_queue: {enabled: false}
    retry_on_failure: {enabled: false}
service:
  pipelines:
    logs: {receivers: [otlp], processors: [annotation_metrics], exporters: [nop]}
    metrics: {receivers: [annotation_metrics], exporters: [prometheus, prometheus_remote_write]}
  telemetry: {metrics: {level: none}}
`

// ways are the values of the label "by": scraped and written.
var ways = map[string]string{"scrape": "", "remote write": "push"}

// A steady stream of known values, and what PromQL makes of it. Counters and both kinds of
// histograms are scraped and written.
func TestPromQLOfKnownValues(t *testing.T) {
	t.Parallel()
	const (
		lasts  = 17 * time.Second
		window = 15 * time.Second
	)
	endpoint, port := loopback(freePort(t)), freePort(t)
	server := runPrometheusWith(t, prometheusSettings{targets: []int{port}, flags: []string{nativeHistograms, remoteWriteReceiver}})
	run(t, yamlConfig(fmt.Sprintf(bothWaysGraph, endpoint, loopback(port), server.address, `
      - {metric: requests, labels: [id]}
      - {metric: latency, unit: s, type: histogram, value: 'attributes["took"]'}
      - {metric: fine.latency, unit: s, type: exponential_histogram, value: 'attributes["took"]'}`)))

	// One record of a for three of b, of which all take between 1 ms and 12 s.
	client := newLogsClient(t, endpoint)
	random := rand.New(rand.NewPCG(1, 2))
	sent, took := sentLog{each: map[string]int{"a": 1, "b": 3}}, []float64{}
	begin := time.Now()
	for time.Since(begin) < lasts {
		var records []attributes
		for _, id := range []string{"a", "b", "b", "b"} {
			v := 0.001 * math.Pow(12000, random.Float64())
			records = append(records, attributes{"id": id, "took": v})
			took = append(took, v)
		}
		export(t, client, logs(records...))
		sent.taken = append(sent.taken, unix(time.Now()))
		time.Sleep(50 * time.Millisecond) // a pace, not a wait
	}
	end := unix(time.Now())
	for way, by := range ways {
		samples := map[string][]promValue{}
		for id := range sent.each {
			waitFor(t, way+": a sample after the end", func() bool {
				samples[id] = server.samples(t, fmt.Sprintf(`requests_total{id=%q,by=%q}`, id, by))
				return len(samples[id]) > 0 && samples[id][len(samples[id])-1].time > end
			})
		}
		got := server.QueryAt(t, fmt.Sprintf(`sum by (id) (rate(requests_total{by=%q}[%ds]))`, by, int(window.Seconds())), end)
		require.Len(t, got, len(sent.each), way)
		for _, s := range got {
			id := s.Metric["id"]
			known, off := sent.rate(id, samples[id], end, window.Seconds())
			t.Logf("%s: rate of %s: %.2f/s, sent: %.2f/s, which may be off by %.2f/s", way, id, s.Value.value, known, off)
			require.Less(t, off, known, "the machine is too slow to say anything")
			require.InDelta(t, known, s.Value.value, off, "%s: rate() of %s", way, id)
		}
	}

	for way, by := range ways {
		for id, each := range sent.each {
			want := float64(each * len(sent.taken))
			selector := fmt.Sprintf(`requests_total{id=%q,by=%q}`, id, by)
			waitFor(t, way+": the increase of "+id, func() bool {
				got, ok := server.increase(t, selector)
				return ok && got == want
			}, func() string { return fmt.Sprint("want ", want, ", got ", server.samples(t, selector)) })
		}
		t.Run(way, func(t *testing.T) {
			requireQuantiles(t, server, by, took)
			requireNativeHistogram(t, server, by, took)
		})
	}
}

var quantiles = []float64{0.05, 0.5, 0.9, 0.99}

// usualSeconds are the boundaries that histograms in seconds have by default.
var usualSeconds = []float64{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10}

// requireQuantiles requires that histogram_quantile() of the explicit histogram is what is
// documented of it, now and over all the time.
func requireQuantiles(t *testing.T, server *prometheusServer, by string, values []float64) {
	t.Helper()
	samples := server.samples(t, fmt.Sprintf(`latency_seconds_count{by=%q}`, by))
	require.Zero(t, samples[0].value)
	last := samples[len(samples)-1]
	require.EqualValues(t, len(values), last.value)
	for _, q := range quantiles {
		want := classicQuantile(q, usualSeconds, values)
		for _, of := range []string{"latency_seconds_bucket{by=%q}", "increase(latency_seconds_bucket{by=%q}[1h])"} {
			got := server.QueryAt(t, fmt.Sprintf("histogram_quantile(%v, "+of+")", q, by), last.time)
			require.Len(t, got, 1, of)
			require.InEpsilon(t, want, got[0].Value.value, 1e-9, "%v of %s", q, of)
		}
		low, found := 0.0, false
		for _, high := range usualSeconds {
			if want > low && want <= high {
				found = true
				require.Positive(t, countIn(values, low, high))
				if truth := trueQuantile(q, values); truth <= usualSeconds[len(usualSeconds)-1] {
					require.Greater(t, truth, low, "the quantile lies in the bucket of the true one")
					require.LessOrEqual(t, truth, high)
				}
			}
			low = high
		}
		require.True(t, found, "%v: %v is in no bucket", q, want)
	}
}

// requireNativeHistogram requires that every bucket of the exponential histogram holds what
// the test finds between its bounds, and that quantiles are off by less than one bucket.
func requireNativeHistogram(t *testing.T, server *prometheusServer, by string, values []float64) {
	t.Helper()
	selector := fmt.Sprintf("fine_latency_seconds{by=%q}", by)
	// 160 buckets hold a factor of 12,000 if there are eight of them for a factor of 2.
	base := math.Pow(2, 1.0/8)
	got := server.Query(t, selector)
	require.Len(t, got, 1)
	h := got[0].Histogram
	require.NotNil(t, h, "a native histogram")
	require.EqualValues(t, len(values), h.count)
	all, sum := 0.0, 0.0
	for _, v := range values {
		sum += v
	}
	require.InEpsilon(t, sum, h.sum, 1e-9)
	for _, b := range h.buckets {
		require.InEpsilon(t, base, b.high/b.low, 1e-9)
		require.Equal(t, countIn(values, b.low, b.high), b.count, "between %v and %v", b.low, b.high)
		all += b.count
	}
	require.EqualValues(t, len(values), all)
	for _, q := range quantiles {
		for _, of := range []string{selector, "increase(" + selector + "[1h])"} {
			got := server.Query(t, fmt.Sprintf("histogram_quantile(%v, %s)", q, of))
			require.Len(t, got, 1, of)
			truth := trueQuantile(q, values)
			t.Logf("%v of %s: %.4f, true: %.4f", q, of, got[0].Value.value, truth)
			require.LessOrEqual(t, got[0].Value.value, truth*base, "%v of %s", q, of)
			require.GreaterOrEqual(t, got[0].Value.value, truth/base, "%v of %s", q, of)
		}
	}
}
