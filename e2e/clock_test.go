// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/exporter/prometheusexporter"
	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/deltatocumulativeprocessor"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/exporter/exportertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/processor/processortest"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.uber.org/zap"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/emit"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/labels"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/overhead"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/series"
)

// newPrometheus returns a real Prometheus exporter, and the port that it serves.
func newPrometheus(t *testing.T) (next consumer.Metrics, port int) {
	t.Helper()
	f := prometheusexporter.NewFactory()
	cfg := f.CreateDefaultConfig().(*prometheusexporter.Config)
	port = freePort(t)
	cfg.ServerConfig.NetAddr.Endpoint = loopback(port)
	e, err := f.CreateMetrics(t.Context(), exportertest.NewNopSettings(f.Type()), cfg)
	require.NoError(t, err)
	require.NoError(t, e.Start(t.Context(), componenttest.NewNopHost()))
	t.Cleanup(func() { require.NoError(t, e.Shutdown(context.Background())) })
	return e, port
}

// newDeltaToCumulative returns a real deltatocumulative, and how many data points it has
// taken and how many it has dropped.
func newDeltaToCumulative(t *testing.T, next consumer.Metrics) (p consumer.Metrics, taken, dropped func() int64) {
	t.Helper()
	f := deltatocumulativeprocessor.NewFactory()
	tel := componenttest.NewTelemetry()
	t.Cleanup(func() { require.NoError(t, tel.Shutdown(context.Background())) })
	set := processortest.NewNopSettings(f.Type())
	set.TelemetrySettings = tel.NewTelemetrySettings()
	d, err := f.CreateMetrics(t.Context(), set, f.CreateDefaultConfig(), next)
	require.NoError(t, err)
	require.NoError(t, d.Start(t.Context(), componenttest.NewNopHost()))
	t.Cleanup(func() { require.NoError(t, d.Shutdown(context.Background())) })
	count := func(failed bool) func() int64 {
		return func() int64 {
			m, err := tel.GetMetric("otelcol_deltatocumulative_datapoints")
			if err != nil {
				return 0 // it has had none
			}
			var sum int64
			for _, dp := range m.Data.(metricdata.Sum[int64]).DataPoints {
				if _, isError := dp.Attributes.Value("error"); isError == failed {
					sum += dp.Value
				}
			}
			return sum
		}
	}
	return d, count(false), count(true)
}

// pointCounter counts the data points that were accepted.
type pointCounter struct{ emitted, lost, failed atomic.Int64 }

func (c *pointCounter) Emitted(n int) { c.emitted.Add(int64(n)) }
func (c *pointCounter) Lost(n int)    { c.lost.Add(int64(n)) }
func (c *pointCounter) Failed()       { c.failed.Add(1) }

// countedFamily is a family without labels.
type countedFamily struct {
	*series.Family
	table *labels.Table
}

func newCountedFamily(t *testing.T, def series.Definition) countedFamily {
	t.Helper()
	list, err := labels.NewList(nil)
	require.NoError(t, err)
	table := labels.NewTable(list, labels.NewResources())
	return countedFamily{series.NewFamily(&def, table), table}
}

// add commits one record with this value.
func (f countedFamily) add(t *testing.T, value float64) {
	t.Helper()
	d := series.NewDelta(f.Definition())
	d.Grow(1)
	d.Add(series.Sample{Value: value})
	var tuples labels.Tuples
	tuples.Add(&labels.Tuple{Resource: &labels.Resource{}})
	f.table.Resolve(&tuples)
	d.Seal()
	require.Equal(t, int64(1), f.Commit(d, &tuples, 0).Matched)
}

// The wall clock jumps by a day to and fro, to the last century and to the next one, or
// is only set after the start as on a machine without a battery. Behind the real
// deltatocumulative and the real Prometheus exporter each sum goes on, nothing is dropped,
// and idle intervals leave no gap.
func TestB25_ClockJumpsThroughRealComponents(t *testing.T) {
	const day = 24 * time.Hour
	year := func(y int) time.Duration {
		return time.Until(time.Date(y, 1, 1, 0, 0, 1, 0, time.UTC))
	}
	jumps := map[string][]time.Duration{
		"a day forward, and back":         {0, day, 0, -day, day, -day},
		"back to 1970":                    {0, year(1970), year(1970) + time.Hour, 0},
		"to 2200, and back to 1970":       {0, year(2200), year(1970), 0, day},
		"started in 1970, then it is set": {year(1970), year(1970), 0, time.Second},
	}
	for _, route := range []string{"cumulative", "delta", "delta, deltatocumulative"} {
		for name, offsets := range jumps {
			t.Run(route+"; "+name, func(t *testing.T) { jump(t, route, offsets) })
		}
	}
}

func jump(t *testing.T, route string, offsets []time.Duration) {
	next, port := newPrometheus(t)
	taken, dropped := func() int64 { return 0 }, func() int64 { return 0 }
	if strings.HasSuffix(route, "deltatocumulative") {
		next, taken, dropped = newDeltaToCumulative(t, next)
	}
	delta := strings.HasPrefix(route, "delta")
	requests := newCountedFamily(t, series.Definition{Name: "requests", Delta: delta})
	size := newCountedFamily(t, series.Definition{Name: "size", Type: series.Histogram, Boundaries: []float64{10}, Delta: delta})
	idle := newCountedFamily(t, series.Definition{Name: "idle", Delta: delta})

	var offset atomic.Int64 // of the wall clock
	offset.Store(int64(offsets[0]))
	recorder := &pointCounter{}
	f := emit.New(emit.Settings{
		Store:    series.NewStore([]*series.Family{requests.Family, size.Family, idle.Family}),
		Interval: 10 * time.Millisecond, Recorder: recorder, Status: func(error) {}, Counters: overhead.NewCounters(3), Logger: zap.NewNop(),
		Now: func() time.Time { return time.Now().Add(time.Duration(offset.Load())) },
	})
	f.Start(emit.Writer{}, nil)
	f.Attach(next)
	defer f.Stop(t.Context())

	idle.add(t, 1)
	counted := 0
	for _, o := range offsets {
		offset.Store(int64(o))
		for range 3 {
			requests.add(t, 1)
			size.add(t, 5)
			size.add(t, 20)
			counted++
			waitFor(t, "the sums at Prometheus", func() bool {
				p := scrape(t, port)
				h := p.samples("size")
				return p.sum("requests_total") == float64(counted) && len(h) == 1 && h[0].GetHistogram().GetSampleCount() == uint64(2*counted)
			}, func() string {
				_, body := fetch(t, port)
				return fmt.Sprintf("after %d, want %d:\n%s", o, counted, body)
			})
		}
		require.Equal(t, 1.0, scrape(t, port).sum("idle_total"), "an idle series keeps its total")
	}
	idle.add(t, 1)
	waitFor(t, "the series that was idle", func() bool { return scrape(t, port).sum("idle_total") == 2 })
	h := scrape(t, port).samples("size")[0]
	_, buckets := h.buckets()
	require.Equal(t, []uint64{uint64(counted), uint64(counted)}, buckets)
	require.Equal(t, 25*float64(counted), h.GetHistogram().GetSampleSum())

	f.Stop(t.Context())
	require.Zero(t, dropped(), "deltatocumulative dropped data points")
	if strings.HasSuffix(route, "deltatocumulative") {
		require.Equal(t, recorder.emitted.Load(), taken())
	}
	require.Zero(t, recorder.failed.Load())
	require.Zero(t, recorder.lost.Load())
}

// Records of the years 1970 and 2262, and such without a time, count when they arrive:
// behind deltatocumulative and at Prometheus every one is in the sums, and none of the
// others suffers.
func TestB17_EventTimesThroughRealComponents(t *testing.T) {
	const maxTime = pcommon.Timestamp(1<<63 - 1) // in the year 2262
	for _, temporality := range []string{"cumulative", "delta"} {
		t.Run(temporality, func(t *testing.T) {
			port, selfPort := freePort(t), freePort(t)
			c := runInProcess(t, countRecords("temporality: "+temporality), fmt.Sprintf(`
processors:
  annotation_metrics:
    annotations:
      - {metric: records, labels: [id]}
      - {metric: size, type: histogram, value: '1', buckets: [10]}
      - {metric: level, type: gauge, value: 'attributes["level"]'}
  deltatocumulative:
exporters:
  prometheus: {endpoint: '%s'}
service:
  pipelines:
    metrics/prometheus: {receivers: [annotation_metrics], processors: [deltatocumulative], exporters: [prometheus]}
`, loopback(port)), pullSelfMetrics(selfPort))
			times := []pcommon.Timestamp{0, 1, 1e9, maxTime, 1<<64 - 1, pcommon.NewTimestampFromTime(time.Now())}
			const rounds = 3
			for n := range rounds {
				for i, at := range times {
					ld := logs(attributes{"id": "all"}, attributes{"id": strconv.Itoa(i)})
					for _, r := range ld.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().All() {
						r.SetTimestamp(at)
						r.SetObservedTimestamp(at)
					}
					c.send(t, "push", ld)
				}
				waitFor(t, "the sums", func() bool {
					p := scrape(t, port)
					h := p.samples("size")
					want := (n + 1) * len(times)
					return p.sum("records_total", "id", "all") == float64(want) && p.sum("records_total") == 2*float64(want) &&
						len(h) == 1 && h[0].GetHistogram().GetSampleCount() == 2*uint64(want)
				}, func() string { _, body := fetch(t, port); return body })
			}
			// What claims to be from 2262 does not shut out what comes after it.
			c.send(t, "push", logs(attributes{"id": "all", "level": 7}))
			waitFor(t, "a gauge", func() bool { return scrape(t, port).sum("level") == 7 })

			self := scrape(t, selfPort)
			emitted := self.sum(self.self(t, "emitted_datapoints"))
			require.Positive(t, emitted)
			dropped, taken := 0, 0.0
			for family := range self {
				if strings.HasPrefix(family, "otelcol_deltatocumulative_datapoints") {
					for _, s := range self.samples(family) {
						if _, failed := s.labels["error"]; failed {
							dropped++
						}
						taken += s.number()
					}
				}
			}
			require.Zero(t, dropped, "deltatocumulative dropped data points")
			if temporality == "delta" {
				require.Positive(t, taken, "deltatocumulative has counted nothing")
			}
			require.Zero(t, self.sum(self.self(t, "lost_datapoints")))
		})
	}
}
