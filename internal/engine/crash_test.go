// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/extension/xextension/storage"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/config"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/doortest"
)

// kept is a point that a consumer accepted, of any type.
type kept struct {
	series      string
	delta       bool
	monotonic   bool
	start, time pcommon.Timestamp
	value       float64 // the count of a histogram
}

func keptOf(md pmetric.Metrics) []kept {
	var all []kept
	number := func(m pmetric.Metric, dps pmetric.NumberDataPointSlice, delta, monotonic bool) {
		for _, dp := range dps.All() {
			user, _ := dp.Attributes().Get("user")
			all = append(all, kept{
				series: m.Name() + "/" + user.AsString(), delta: delta, monotonic: monotonic,
				start: dp.StartTimestamp(), time: dp.Timestamp(), value: dp.DoubleValue() + float64(dp.IntValue()),
			})
		}
	}
	for _, rm := range md.ResourceMetrics().All() {
		for _, m := range rm.ScopeMetrics().At(0).Metrics().All() {
			switch m.Type() {
			case pmetric.MetricTypeSum:
				number(m, m.Sum().DataPoints(), m.Sum().AggregationTemporality() == pmetric.AggregationTemporalityDelta, true)
			case pmetric.MetricTypeGauge:
				number(m, m.Gauge().DataPoints(), false, false)
			case pmetric.MetricTypeHistogram:
				for _, dp := range m.Histogram().DataPoints().All() {
					user, _ := dp.Attributes().Get("user")
					all = append(all, kept{
						series:    m.Name() + "/" + user.AsString(),
						delta:     m.Histogram().AggregationTemporality() == pmetric.AggregationTemporalityDelta,
						monotonic: true, start: dp.StartTimestamp(), time: dp.Timestamp(), value: float64(dp.Count()),
					})
				}
			default:
				panic("no points of type " + m.Type().String())
			}
		}
	}
	return all
}

// history is what happened in a life, as far as a crash can divide it.
type history struct {
	mu        sync.Mutex
	emitted   []kept
	committed int // records
	floor     int // of those: what must be kept by now
	moments   []moment
}

// moment is when the storage was written.
type moment struct {
	contents                  map[string][]byte
	emitted, committed, floor int // just before the next write
}

func (h *history) accept(md pmetric.Metrics) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.emitted = append(h.emitted, keptOf(md)...)
}

func (h *history) wrote(contents map[string][]byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.end()
	h.moments = append(h.moments, moment{contents: contents})
}

// end says that what has happened until now did before the next write.
func (h *history) end() {
	if n := len(h.moments); n > 0 {
		m := &h.moments[n-1]
		m.emitted, m.committed, m.floor = len(h.emitted), h.committed, h.floor
	}
}

// commit commits one record for each user.
func (h *history) commit(t *testing.T, d *doortest.Door, names []string) {
	h.mu.Lock()
	h.committed += len(names)
	h.mu.Unlock()
	require.NoError(t, d.ConsumeLogs(t.Context(), users(names...)))
}

func crashConfig(t *testing.T, temporality config.Temporality) *config.Config {
	byUser := []config.Label{{Name: "user"}}
	yes := true
	cfg := settings(t, temporality,
		config.Annotation{Metric: "n", Labels: byUser},
		config.Annotation{Metric: "zero", Labels: byUser, InitialZero: &yes},
		config.Annotation{Metric: "h", Labels: byUser, Type: config.TypeHistogram, Value: "1", Buckets: []float64{1}},
		config.Annotation{Metric: "u", Labels: byUser, Type: config.TypeUpDownCounter, Value: "1"},
		config.Annotation{Metric: "max", Labels: byUser, Type: config.TypeGauge, Aggregate: config.AggregateMax, Value: "1"},
	)
	id := doortest.StorageID
	cfg.Storage = &id
	return cfg
}

// requireOneStory requires that no reader of these points, accepted in this order, sees
// anything impossible.
func requireOneStory(t *testing.T, all []kept) {
	t.Helper()
	type span struct {
		series      string
		start, time pcommon.Timestamp
	}
	last := map[string]kept{}
	said := map[span]float64{}
	for _, p := range all {
		before, ok := last[p.series]
		if p.start >= p.time { // points are too many for a call each
			require.FailNow(t, "a point without duration", "%+v", p)
		}
		if p.delta || !p.monotonic {
			at := span{p.series, p.start, p.time}
			if value, ok := said[at]; ok {
				if value != p.value {
					require.FailNow(t, "not sent again unchanged", "%v: %+v", value, p)
				}
				continue // sent again after a crash
			}
			said[at] = p.value
		}
		if ok {
			wrong := ""
			switch {
			case p.time <= before.time:
				wrong = "times do not rise"
			case p.delta && p.start != before.time:
				wrong = "the chain of deltas is broken"
			case p.delta || !p.monotonic:
			case p.start == before.start && p.value < before.value:
				wrong = "a value goes back"
			case p.start != before.start && p.start <= before.time:
				wrong = "a new life begins before the old one has ended"
			}
			if wrong != "" {
				require.FailNow(t, wrong, "%+v after %+v", p, before)
			}
		}
		last[p.series] = p
	}
}

// totals adds up what a reader knows in the end, by metric.
func totals(all []kept) map[string]float64 {
	type key struct {
		series string
		start  pcommon.Timestamp
	}
	lives := map[key]float64{}
	for _, p := range all {
		if p.monotonic {
			lives[key{p.series, p.start}] = p.value // of a delta sent again, too
		}
	}
	sums := map[string]float64{}
	for k, v := range lives {
		sums[k.series[:slices.Index([]byte(k.series), '/')]] += v
	}
	return sums
}

// crashConsumer answers at random: it accepts, refuses, or takes its time.
func crashConsumer(r *rand.Rand, accept func(pmetric.Metrics)) *metricsConsumer {
	sink := &metricsConsumer{}
	r = rand.New(rand.NewPCG(r.Uint64(), 2)) // of its own: it is called by another goroutine
	sink.setAnswer(func(ctx context.Context, md pmetric.Metrics) error {
		n := r.IntN(10)
		switch {
		case n < 3:
			return refuse(ctx, md)
		case n == 3:
			select {
			case <-time.After(interval * 5 / 2):
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		accept(md)
		return nil
	})
	return sink
}

// The component crashes between any two writes to its storage, and starts again from what
// was written (B23): no value is below one that was emitted under the same start, every delta
// is sent once or again unchanged, times rise, and at most one interval is missing.
func TestB23CrashBetweenAnyTwoWrites(t *testing.T) {
	for _, temporality := range []config.Temporality{config.TemporalityCumulative, config.TemporalityDelta} {
		for seed := range uint64(6) {
			for _, faults := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s %d faults %t", temporality, seed, faults), func(t *testing.T) {
					inBubble(t, func(t *testing.T, open doortest.Open) {
						testCrashes(t, open, temporality, rand.New(rand.NewPCG(seed, 23)), faults, seed == 0 && !faults)
					})
				})
			}
		}
	}
}

func testCrashes(t *testing.T, open doortest.Open, temporality config.Temporality, r *rand.Rand, faults, large bool) {
	names := make([]string, 20)
	if large {
		names = make([]string, 4_200) // more than a block
	}
	for i := range names {
		names[i] = strconv.Itoa(i)
	}
	some := func() []string { return names[r.IntN(len(names)):] }

	h := &history{}
	host := doortest.NewHost(nil)
	if faults {
		rf := rand.New(rand.NewPCG(r.Uint64(), 1))
		host.Storage.OnBatch(func([]*storage.Operation) error {
			if rf.IntN(2) == 0 {
				return errors.New("full")
			}
			return nil
		})
	}
	host.Storage.OnWritten(h.wrote)
	d := open(t, crashConfig(t, temporality), crashConsumer(r, h.accept), host)
	time.Sleep(interval / 5) // between the ticks
	step := func() {
		h.commit(t, d, some())
		time.Sleep(interval)
		synctest.Wait()
		h.mu.Lock()
		h.floor = h.committed
		h.mu.Unlock()
	}
	if faults {
		for range 4 {
			step()
		}
		// What could not be saved is, once that works again: no earlier crash is promised
		// anything.
		host.Storage.OnBatch(nil)
		step()
		h.mu.Lock()
		h.moments = h.moments[max(0, len(h.moments)-1):]
		h.mu.Unlock()
	}
	for range 4 {
		step()
	}
	require.NoError(t, d.Shutdown())
	synctest.Wait()
	h.floor = h.committed
	h.end()

	require.GreaterOrEqual(t, len(h.moments), 5)
	every := 1 + len(h.moments)/30
	if large {
		every = 1 + len(h.moments)/4
	}
	for i := r.IntN(every); i < len(h.moments); i += every {
		m := h.moments[i]
		all := slices.Clone(h.emitted[:m.emitted])
		var mu sync.Mutex
		again := doortest.NewHost(m.contents)
		d := open(t, crashConfig(t, temporality), crashConsumer(r, func(md pmetric.Metrics) {
			mu.Lock()
			defer mu.Unlock()
			all = append(all, keptOf(md)...)
		}), again)
		next := &history{}
		time.Sleep(interval / 5)
		for range 2 {
			next.commit(t, d, some())
			time.Sleep(interval)
			synctest.Wait()
		}
		require.NoError(t, d.Shutdown())
		// One more life, with a consumer that takes everything: what is left comes out.
		d = open(t, crashConfig(t, temporality), &metricsConsumer{answer: func(_ context.Context, md pmetric.Metrics) error {
			mu.Lock()
			defer mu.Unlock()
			all = append(all, keptOf(md)...)
			return nil
		}}, again)
		time.Sleep(2 * interval)
		synctest.Wait()
		require.Zero(t, selfMetric(t, d, "lost_datapoints"))
		require.Zero(t, selfMetric(t, d, "storage_failures"))
		require.NoError(t, d.Shutdown())
		requireOneStory(t, all)
		for metric, sum := range totals(all) {
			require.GreaterOrEqual(t, sum, float64(m.floor+next.committed), "%s, crash after write %d of %d", metric, i, len(h.moments))
			require.LessOrEqual(t, sum, float64(m.committed+next.committed), "%s, crash after write %d of %d", metric, i, len(h.moments))
		}
		opened, closed := again.Storage.Clients()
		require.Equal(t, 2, opened)
		require.Equal(t, opened, closed)
	}
}
