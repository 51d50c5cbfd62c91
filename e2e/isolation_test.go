// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/conservation"
)

// countRecords is a graph that counts records, with settings of the processor.
func countRecords(settings string) string {
	return fmt.Sprintf(`
receivers:
  push:
  annotation_metrics:
processors:
  annotation_metrics: {interval: 1s, annotations: [{metric: records}], %s}
exporters:
  logs_sink:
  metrics_sink:
service:
  pipelines:
    logs: {receivers: [push], processors: [annotation_metrics], exporters: [logs_sink]}
    metrics: {receivers: [annotation_metrics], exporters: [metrics_sink]}
`, settings)
}

// recordsOf is the series of countRecords.
const recordsOf = `records{resource.service.name="shop"}`

func TestB18_LogsFlowWhileTheMetricsConsumerFails(t *testing.T) {
	for _, temporality := range []string{"cumulative", "delta"} {
		t.Run(temporality, func(t *testing.T) {
			c := runInProcess(t, countRecords("temporality: "+temporality))
			sink := c.metrics("metrics_sink")
			sink.tell(func(context.Context, pmetric.Metrics) error { return errors.New("try again") })
			for i := range 3 {
				c.send(t, "push", logs(attributes{}, attributes{}))
				waitFor(t, "a refused emission", func() bool { return sink.calls.Load() > int64(i) })
			}
			require.Equal(t, 6, c.sunkLogs("logs_sink").records())
			require.Empty(t, sink.all())

			sink.tell(nil)
			waitFor(t, "everything, once the consumer accepts", func() bool {
				return sink.has(map[string]float64{recordsOf: 6})
			}, sink.String)
			c.stop(t)
			require.Equal(t, map[string]float64{recordsOf: 6}, sink.totals())
			requireChain(t, sink)
		})
	}
}

// requireChain requires that what arrived somewhere keeps the rules of conservation, and that
// there is no gap in it.
func requireChain(t *testing.T, sink interface{ all() []pmetric.Metrics }) {
	t.Helper()
	require.NoError(t, conservation.Of(sink.all()...).Err())
	var all []point
	for _, md := range sink.all() {
		all = append(all, points(md)...)
	}
	requireNoGap(t, all)
}

// requireNoGap requires that deltas have no gap and do not overlap, and that cumulative
// points keep their start.
func requireNoGap(t *testing.T, all []point) {
	t.Helper()
	last := map[string]point{}
	for _, p := range all {
		require.Less(t, p.start, p.time, p.series)
		if before, ok := last[p.series]; ok {
			want := before.start
			if p.temporality == pmetric.AggregationTemporalityDelta {
				want = before.time
			}
			require.Equal(t, want, p.start, p.series)
		}
		last[p.series] = p
	}
}

func TestB18_LogsFlowWhileTheMetricsConsumerBlocks(t *testing.T) {
	for _, temporality := range []string{"cumulative", "delta"} {
		t.Run(temporality, func(t *testing.T) {
			c := runInProcess(t, countRecords("temporality: "+temporality))
			sink := c.metrics("metrics_sink")
			release := make(chan struct{})
			sink.tell(func(context.Context, pmetric.Metrics) error { <-release; return nil })

			c.send(t, "push", logs(attributes{}))
			waitFor(t, "an emission that blocks", func() bool { return sink.calls.Load() == 1 })
			const more = 1000
			within(t, "logs to flow", func() {
				for range more {
					c.send(t, "push", logs(attributes{}))
				}
			})
			require.Equal(t, 1+more, c.sunkLogs("logs_sink").records())
			require.Empty(t, sink.all())

			close(release)
			waitFor(t, "everything, once the consumer answers", func() bool {
				return sink.has(map[string]float64{recordsOf: 1 + more})
			}, sink.String)
			requireChain(t, sink)
		})
	}
}

// A consumer that blocks for good does not keep the Collector from shutting down, and
// what it did not take is not silently gone.
func TestB18_ShutdownWhileTheMetricsConsumerBlocks(t *testing.T) {
	selfMetrics := newOTLPSink(t)
	c := runInProcess(t, countRecords("temporality: cumulative"), pushSelfMetrics(selfMetrics.endpoint))
	sink := c.metrics("metrics_sink")
	sink.tell(func(ctx context.Context, _ pmetric.Metrics) error { <-ctx.Done(); return ctx.Err() })
	c.send(t, "push", logs(attributes{}))
	waitFor(t, "an emission that blocks", func() bool { return sink.calls.Load() == 1 })

	begin := time.Now()
	c.stop(t)
	require.Less(t, time.Since(begin), 25*time.Second)
	require.Empty(t, sink.all())
	require.EqualValues(t, 1, selfTotal(selfMetrics, "lost_datapoints"))
	require.Zero(t, selfTotal(selfMetrics, "emitted_datapoints"))
}

// sendUntilTaken repeats a batch as a sender does, and returns how often it was sent.
func sendUntilTaken(t *testing.T, p *push, ld plog.Logs) int {
	t.Helper()
	for n := 1; ; n++ {
		err := p.logs(t.Context(), ld)
		if err == nil || consumererror.IsPermanent(err) {
			return n
		}
		require.Less(t, n, 10, "the batch is refused again and again: %v", err)
	}
}

func TestB19_RetriedBatchesCountOnce(t *testing.T) {
	refuse := errors.New("try again")
	for name, tc := range map[string]struct {
		count            string
		answers          []error // of the logs consumer, one after the other
		records, refused float64 // of two that are sent
	}{
		"refused, then accepted":              {"accepted", []error{refuse, refuse, nil}, 2, 4},
		"refused for good":                    {"accepted", []error{consumererror.NewPermanent(errors.New("never"))}, 2, 0},
		"refused, then for good":              {"accepted", []error{refuse, consumererror.NewPermanent(errors.New("never"))}, 2, 2},
		"seen: refused, then accepted":        {"seen", []error{refuse, refuse, nil}, 6, 0},
		"seen: refused for good":              {"seen", []error{consumererror.NewPermanent(errors.New("never"))}, 2, 0},
		"accepted at once, by either setting": {"seen", []error{nil}, 2, 0},
	} {
		t.Run(name, func(t *testing.T) {
			port := freePort(t)
			c := runInProcess(t, countRecords("count: "+tc.count), pullSelfMetrics(port))
			answers := tc.answers
			c.sunkLogs("logs_sink").tell(func(context.Context, plog.Logs) error {
				err := answers[0]
				answers = answers[1:]
				return err
			})
			require.Equal(t, len(tc.answers), sendUntilTaken(t, c.push("push"), logs(attributes{}, attributes{})))
			require.Empty(t, answers)

			self := scrape(t, port)
			require.Equal(t, tc.records, self.sum(self.self(t, "records")))
			require.Equal(t, tc.refused, self.sum(self.self(t, "refused_records")))
			c.stop(t)
			require.Equal(t, map[string]float64{recordsOf: tc.records}, c.metrics("metrics_sink").totals())
		})
	}
}

// The error of the logs consumer is the sender's to see.
func TestB19_TheErrorOfTheLogsConsumerReachesTheSender(t *testing.T) {
	c := runInProcess(t, countRecords("count: accepted"))
	want := errors.New("this very error")
	c.sunkLogs("logs_sink").tell(func(context.Context, plog.Logs) error { return want })
	require.ErrorIs(t, c.push("push").logs(t.Context(), logs(attributes{})), want)
}

// What lies beside the processor can make a sender repeat a batch that it has counted.
// Then it counts again, as its logs are delivered again.
func TestB19_ASiblingPipelineCanMakeASenderRepeat(t *testing.T) {
	c := runInProcess(t, countRecords("count: accepted"), `
exporters:
  logs_sink/sibling:
service:
  pipelines:
    logs/sibling: {receivers: [push], exporters: [logs_sink/sibling]}
`)
	refusals := 1
	c.sunkLogs("logs_sink/sibling").tell(func(context.Context, plog.Logs) error {
		if refusals--; refusals >= 0 {
			return errors.New("try again")
		}
		return nil
	})
	require.Equal(t, 2, sendUntilTaken(t, c.push("push"), logs(attributes{}, attributes{})))
	c.stop(t)
	require.Equal(t, 4, c.sunkLogs("logs_sink").records())
	require.Equal(t, map[string]float64{recordsOf: 4}, c.metrics("metrics_sink").totals())
}

func TestB20_NothingToSayNothingSent(t *testing.T) {
	for _, temporality := range []string{"cumulative", "delta"} {
		t.Run(temporality, func(t *testing.T) {
			// The second processor of the same interval tells when emissions are due.
			c := runInProcess(t, countRecords("temporality: "+temporality), `
receivers:
  push/clock:
  annotation_metrics/clock:
processors:
  annotation_metrics: {annotations: [{metric: records, condition: 'attributes["match"] == true'}]}
  annotation_metrics/clock: {interval: 1s, annotations: [{metric: ticks}]}
exporters:
  metrics_sink/clock:
service:
  pipelines:
    logs/clock: {receivers: [push/clock], processors: [annotation_metrics/clock], exporters: [logs_sink]}
    metrics/clock: {receivers: [annotation_metrics/clock], exporters: [metrics_sink/clock]}
`)
			c.send(t, "push/clock", logs(attributes{}))
			clock, sink := c.metrics("metrics_sink/clock"), c.metrics("metrics_sink")
			for i := range 3 {
				c.send(t, "push", plog.NewLogs())
				c.send(t, "push", logs())
				c.send(t, "push", logs(attributes{"match": false}))
				waitFor(t, "an interval to pass", func() bool { return len(clock.all()) > i }, clock.String)
			}
			c.send(t, "push", logs(attributes{"match": true}))
			waitFor(t, "the first match", func() bool { return len(sink.all()) > 0 })
			c.stop(t)
			require.Equal(t, map[string]float64{recordsOf: 1}, sink.totals())
			for n, md := range sink.all() {
				require.NotEmpty(t, points(md), "an empty payload was sent")
				want := 1.0
				if n == 0 && temporality == "cumulative" {
					want = 0 // a series begins with a zero
				}
				require.Equal(t, []float64{want}, values(points(md)))
			}
			if temporality == "delta" {
				require.Len(t, sink.all(), 1, "an idle delta series has nothing to say")
			}
		})
	}
}

func values(all []point) []float64 {
	list := make([]float64, 0, len(all))
	for _, p := range all {
		list = append(list, p.value)
	}
	return list
}
