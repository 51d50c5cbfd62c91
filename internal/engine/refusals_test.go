// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/config"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/conservation"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/doortest"
)

// A consumer that takes three intervals and a half for each of several payloads: a call
// with logs takes no time at all, by the bubble's clock, and nothing is lost or doubled
// (B18).
func TestB18ConsumerSlowerThanTheInterval(t *testing.T) {
	for _, temporality := range []config.Temporality{config.TemporalityCumulative, config.TemporalityDelta} {
		t.Run(string(temporality), func(t *testing.T) {
			inBubble(t, func(t *testing.T, open doortest.Open) {
				sink := &metricsConsumer{}
				cfg := settings(t, temporality, perUser)
				cfg.SeriesLimit = 0
				d := open(t, cfg, sink)
				refusals := 0
				sink.setAnswer(func(ctx context.Context, md pmetric.Metrics) error {
					time.Sleep(3*interval + interval/2)
					if refusals++; refusals%3 == 0 {
						return refuse(ctx, md) // late, and not even taken
					}
					return nil
				})
				const series, rounds = 10_000, 20 // two payloads
				ld := usersOf("s", numbered(series)...)
				for range rounds {
					before := time.Now()
					require.NoError(t, d.ConsumeLogs(t.Context(), ld))
					assert.Zero(t, time.Since(before), "logs wait for metrics")
					tick()
				}
				sink.setAnswer(nil)
				for range 10 {
					tick() // what was under way may still be
				}
				require.NoError(t, d.Shutdown())
				requireTotals(t, sink.AllMetrics(), series, rounds)
				assert.Positive(t, selfMetric(t, d, "emission_failures"))
				assert.Equal(t, int64(0), selfMetric(t, d, "lost_datapoints"))
			})
		})
	}
}

// usersOf is users of one service, as a ledger has them.
func usersOf(service string, names ...string) plog.Logs {
	ld := users(names...)
	ld.ResourceLogs().At(0).Resource().Attributes().PutStr("service.name", service)
	return ld
}

func numbered(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = strconv.Itoa(i)
	}
	return names
}

// requireTotals requires that each of so many series of perUser has this total.
func requireTotals(t *testing.T, payloads []pmetric.Metrics, series int, each float64) {
	t.Helper()
	ledger := conservation.Of(payloads...)
	require.NoError(t, ledger.Err())
	totals := ledger.Series()
	require.Len(t, totals, series)
	for name, total := range totals {
		require.Equal(t, conservation.Total{Sum: each}, total, name)
	}
}

// However often the consumer refuses 100,000 series, what waits is one set of payloads
// and the live state: the heap does not grow with the refusals, and the set costs no more
// than a copy of it (B5).
func TestB5RefusalsTakeBoundedMemory(t *testing.T) {
	const series, few, many = 100_000, 3, 25
	for _, temporality := range []config.Temporality{config.TemporalityCumulative, config.TemporalityDelta} {
		t.Run(string(temporality), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sink := &metricsConsumer{}
				cfg := settings(t, temporality, perUser)
				cfg.SeriesLimit = 0
				d := doortest.Processor(t, cfg, consumertest.NewNop(), sink)
				ld := usersOf("s", numbered(series)...)
				require.NoError(t, d.ConsumeLogs(t.Context(), ld))
				live := heap()

				// What one set of payloads costs: copies of it that are kept for this.
				var set []pmetric.Metrics
				sink.setAnswer(func(ctx context.Context, md pmetric.Metrics) error {
					own := pmetric.NewMetrics()
					md.CopyTo(own)
					set = append(set, own)
					return refuse(ctx, md)
				})
				tick()
				require.Len(t, set, (series+8191)/8192)
				withCopies := heap()
				set = nil
				sink.setAnswer(refuse)
				withoutCopies := heap()
				payloads := withCopies - withoutCopies
				require.Greater(t, payloads, 5<<20, "the measurement itself is in doubt")

				some := usersOf("s", numbered(1000)...)
				round := func() {
					require.NoError(t, d.ConsumeLogs(t.Context(), some))
					tick()
				}
				for range few {
					round()
				}
				afterFew := heap()
				for range many - few {
					round()
				}
				afterMany := heap()
				t.Logf("heap in MiB: %d series %.1f; one set of payloads %.1f; after %d refused emissions %.1f, after %d %.1f",
					series, mib(live), mib(payloads), few, mib(afterFew), many, mib(afterMany))
				assert.Less(t, afterMany, afterFew+afterFew/20, "the heap grows with each refusal")
				waiting := payloads + payloads/4
				if temporality == config.TemporalityCumulative {
					waiting = payloads / 4 // the next emission says more: nothing is kept
				}
				assert.Less(t, afterMany, live+waiting+4<<20, "more waits than one set of payloads")

				// None of it was in vain.
				sink.setAnswer(nil)
				tick()
				tick()
				want := counted{}
				want.count(ld)
				for range many {
					want.count(some)
				}
				assert.True(t, maps.Equal(want, conservation.Of(sink.AllMetrics()...).Series()), "the totals are wrong")
			})
		})
	}
}

// heap returns how many bytes are alive.
func heap() int {
	// Twice, because of what has a finalizer or is in a pool.
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int(stats.HeapAlloc)
}

func mib(bytes int) float64 { return float64(bytes) / (1 << 20) }

// Some payloads are accepted, some refused, some refused for good, in no order: each
// delta point is accepted once or lost once and counted, each refused one comes again as
// it was, and the accepted and the lost values add up to the records (B28).
func TestB28MixedRefusals(t *testing.T) {
	for seed := range uint64(5) {
		inBubble(t, func(t *testing.T, open doortest.Open) {
			rng := rand.New(rand.NewPCG(seed, 28))
			sink := &metricsConsumer{}
			cfg := settings(t, config.TemporalityDelta, perUser)
			cfg.SeriesLimit, cfg.ErrorMode = 0, config.ErrorModeSilent
			d := open(t, cfg, sink)
			var lost []pmetric.Metrics
			refused := map[string]bool{} // payloads that must come again
			var mu sync.Mutex            // of what answers are about
			waiting := func() int {
				mu.Lock()
				defer mu.Unlock()
				return len(refused)
			}
			var marshaler pmetric.ProtoMarshaler
			sink.setAnswer(func(_ context.Context, md pmetric.Metrics) error {
				mu.Lock()
				defer mu.Unlock()
				text, err := marshaler.MarshalMetrics(md)
				require.NoError(t, err)
				delete(refused, string(text))
				switch rng.IntN(5) {
				case 0, 1:
					refused[string(text)] = true
					return errors.New("come again")
				case 2:
					own := pmetric.NewMetrics()
					md.CopyTo(own)
					lost = append(lost, own)
					return fmt.Errorf("wrapped: %w", consumererror.NewPermanent(errors.New("never")))
				}
				return nil
			})
			want := counted{}
			for range 12 {
				var names []string
				for range rng.IntN(12_000) { // up to two payloads
					names = append(names, strconv.Itoa(rng.IntN(12_000)))
				}
				ld := usersOf("s", names...)
				require.NoError(t, d.ConsumeLogs(t.Context(), ld))
				want.count(ld)
				tick()
			}
			for n := 0; waiting() > 0; n++ {
				require.Less(t, n, 100, "a refused payload does not come again as it was")
				tick()
			}
			require.NoError(t, d.Shutdown())
			require.Zero(t, waiting(), "a refused payload did not come again as it was")

			points := pointsIn(lost)
			require.NotZero(t, points)
			assert.EqualValues(t, points, selfMetric(t, d, "lost_datapoints"))
			assert.EqualValues(t, sink.DataPointCount(), selfMetric(t, d, "emitted_datapoints"))
			emitted := slices.Concat(lost, sink.AllMetrics())
			slices.SortStableFunc(emitted, func(a, b pmetric.Metrics) int { return cmp.Compare(timeOf(a), timeOf(b)) })
			ledger := conservation.Of(emitted...)
			require.NoError(t, ledger.Err())
			got := ledger.Series()
			assert.True(t, maps.Equal(want, got), "the totals are wrong")
			requireOnce(t, append(lost, sink.AllMetrics()...))
		})
	}
}

func pointsIn(payloads []pmetric.Metrics) int {
	n := 0
	for _, md := range payloads {
		n += md.DataPointCount()
	}
	return n
}

// requireOnce requires that no two points of a series overlap in time.
func requireOnce(t *testing.T, payloads []pmetric.Metrics) {
	t.Helper()
	type end struct {
		user string
		time pcommon.Timestamp
	}
	seen := map[end]bool{}
	for _, md := range payloads {
		for _, rm := range md.ResourceMetrics().All() {
			for _, m := range rm.ScopeMetrics().At(0).Metrics().All() {
				for _, dp := range m.Sum().DataPoints().All() {
					user, _ := dp.Attributes().Get("user")
					at := end{user.Str(), dp.Timestamp()}
					require.False(t, seen[at], "user %s has two points of one time", at.user)
					seen[at] = true
				}
			}
		}
	}
}

// What a consumer of logs keeps busy does not hold up emissions either.
func TestEmissionsGoOnWhileLogsBlock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const a, b = `n{resource.service.name="s",user="a"}`, `n{resource.service.name="s",user="b"}`
		sink, blocked := &metricsConsumer{}, &blockedLogs{release: make(chan struct{})}
		d := doortest.Processor(t, settings(t, config.TemporalityCumulative, perUser), blocked, sink)
		go func() { assert.NoError(t, d.ConsumeLogs(context.Background(), usersOf("s", "b"))) }()
		synctest.Wait()
		blocked.open = true
		require.NoError(t, d.ConsumeLogs(t.Context(), usersOf("s", "a")))
		tick()
		assert.Equal(t, counted{a: {Sum: 1}}, counted(conservation.Of(sink.AllMetrics()...).Series()))
		close(blocked.release)
		tick()
		assert.Equal(t, counted{a: {Sum: 1}, b: {Sum: 1}}, counted(conservation.Of(sink.AllMetrics()...).Series()))
	})
}

// timeOf returns the time of a payload of sums.
func timeOf(md pmetric.Metrics) pcommon.Timestamp {
	return md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().At(0).Sum().DataPoints().At(0).Timestamp()
}

// blockedLogs blocks until it is released, or is open.
type blockedLogs struct {
	consumertest.Consumer
	release chan struct{}
	open    bool
}

func (b *blockedLogs) ConsumeLogs(context.Context, plog.Logs) error {
	if !b.open {
		<-b.release
	}
	return nil
}
