// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/config"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/conservation"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/doortest"
)

// expiring returns settings with which series expire after an interval and a half.
func expiring(t testing.TB, temporality config.Temporality, annotations ...config.Annotation) *config.Config {
	cfg := settings(t, temporality, annotations...)
	cfg.ExpireAfter = interval * 3 / 2
	return cfg
}

// marker is a point that says that a series has ended.
type marker struct {
	user        string
	start, time time.Duration // since the start of the bubble
}

// markers lists the points of sums that say that a series has ended, and requires that each is
// in a metric of its own, behind all that live.
func markers(t testing.TB, payloads []pmetric.Metrics) []marker {
	epoch := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	var found []marker
	ends := map[time.Duration]bool{} // by emission: one was there
	for _, md := range payloads {
		for _, rm := range md.ResourceMetrics().All() {
			for _, m := range rm.ScopeMetrics().At(0).Metrics().All() {
				for _, dp := range m.Sum().DataPoints().All() {
					at := dp.Timestamp().AsTime().Sub(epoch)
					if !dp.Flags().NoRecordedValue() {
						require.False(t, ends[at], "what lives comes first")
						continue
					}
					require.Equal(t, 1, m.Sum().DataPoints().Len(), "in a metric of its own")
					assert.Equal(t, pmetric.NumberDataPointValueTypeEmpty, dp.ValueType())
					user, _ := dp.Attributes().Get("user")
					found = append(found, marker{user.Str(), dp.StartTimestamp().AsTime().Sub(epoch), at})
					ends[at] = true
				}
			}
		}
	}
	slices.SortFunc(found, func(a, b marker) int { return int(a.time-b.time)*2 + slices.Compare([]byte(a.user), []byte(b.user)) })
	return found
}

// Three of six series expire in one interval: each ends in a metric of its own, behind the
// other three, which go on (B21).
func TestB21ThreeOfSixExpire(t *testing.T) {
	inBubble(t, func(t *testing.T, open doortest.Open) {
		sink := &metricsConsumer{}
		d := open(t, expiring(t, config.TemporalityCumulative, perUser), sink)
		require.NoError(t, d.ConsumeLogs(t.Context(), users("a", "b", "c", "d", "e", "f")))
		tick()
		sink.Reset()
		require.NoError(t, d.ConsumeLogs(t.Context(), users("a", "c", "e")))
		tick()
		assert.Equal(t, []marker{
			{"b", 0, 2 * interval}, {"d", 0, 2 * interval}, {"f", 0, 2 * interval},
		}, markers(t, sink.AllMetrics()))
		live := conservation.Of(withoutMarkers(sink.AllMetrics())...).Series()
		assert.Equal(t, map[string]conservation.Total{
			`n{user="a"}`: {Sum: 2}, `n{user="c"}`: {Sum: 2}, `n{user="e"}`: {Sum: 2},
		}, live)
		assert.Equal(t, int64(3), selfMetric(t, d, "series"))
		assert.Equal(t, int64(3), selfMetric(t, d, "expired_series"))
	})
}

// withoutMarkers leaves out what says that series have ended.
func withoutMarkers(payloads []pmetric.Metrics) []pmetric.Metrics {
	for _, md := range payloads {
		for _, rm := range md.ResourceMetrics().All() {
			rm.ScopeMetrics().At(0).Metrics().RemoveIf(func(m pmetric.Metric) bool {
				return m.Sum().DataPoints().At(0).Flags().NoRecordedValue()
			})
		}
	}
	return payloads
}

// ends reports whether a payload says that series have ended.
func ends(md pmetric.Metrics) bool {
	m := md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().At(0)
	return m.Type() == pmetric.MetricTypeSum && m.Sum().DataPoints().At(0).Flags().NoRecordedValue()
}

// answering answers payloads that say that series have ended with the one, others with the
// other.
func answering(toEnds, toOthers func(context.Context, pmetric.Metrics) error) func(context.Context, pmetric.Metrics) error {
	return func(ctx context.Context, md pmetric.Metrics) error {
		answer := toOthers
		if ends(md) {
			answer = toEnds
		}
		if answer == nil {
			return nil
		}
		return answer(ctx, md)
	}
}

// The point that ends a series is repeated, with the time of each emission, until it is
// accepted, and until then the series holds its place under the limit.
func TestEndsAreRepeatedUntilAccepted(t *testing.T) {
	inBubble(t, func(t *testing.T, open doortest.Open) {
		sink := &metricsConsumer{}
		cfg := expiring(t, config.TemporalityCumulative, perUser)
		cfg.SeriesLimit = 1
		d := open(t, cfg, sink)
		require.NoError(t, d.ConsumeLogs(t.Context(), users("a")))
		tick()
		sink.setAnswer(answering(refuse, nil))
		for range 3 {
			tick()
		}
		assert.Empty(t, markers(t, sink.AllMetrics()))
		assert.Equal(t, int64(1), selfMetric(t, d, "series"))
		assert.Equal(t, int64(3), selfMetric(t, d, "emission_failures"))
		sink.setAnswer(nil)
		tick()
		assert.Equal(t, []marker{{"a", 0, 5 * interval}}, markers(t, sink.AllMetrics()))
		assert.Equal(t, int64(0), selfMetric(t, d, "series"))
		assert.Equal(t, int64(1), selfMetric(t, d, "expired_series"))
		tick()
		assert.Len(t, markers(t, sink.AllMetrics()), 1, "once")

		require.NoError(t, d.ConsumeLogs(t.Context(), users("b")))
		require.NoError(t, d.Shutdown())
		ledger := conservation.Of(sink.AllMetrics()...)
		require.NoError(t, ledger.Err())
		assert.Equal(t, conservation.Total{Sum: 1}, ledger.Series()[`n{user="b"}`], "the place is free")
		assert.Equal(t, int64(0), selfMetric(t, d, "lost_datapoints"))
	})
}

// What refuses the point that ends a series for good is not asked again: the series is gone,
// and the point is lost.
func TestEndsThatAreRefusedForGoodAreDropped(t *testing.T) {
	inBubble(t, func(t *testing.T, open doortest.Open) {
		sink := &metricsConsumer{}
		d := open(t, expiring(t, config.TemporalityCumulative, perUser), sink)
		require.NoError(t, d.ConsumeLogs(t.Context(), users("a", "b")))
		tick()
		sink.setAnswer(answering(refuseForGood, nil))
		tick()
		assert.Equal(t, int64(0), selfMetric(t, d, "series"))
		assert.Equal(t, int64(2), selfMetric(t, d, "lost_datapoints"))
		calls := sink.calls
		tick()
		assert.Equal(t, calls, sink.calls)
		require.NoError(t, d.ConsumeLogs(t.Context(), users("a")))
		tick()
		assert.Equal(t, point{3 * interval, 4 * interval, 1}, points(sink.AllMetrics(), "n")[2])
	})
}

// A series that returns starts later than it ended, with nothing of its life before (B12). One
// that returns before it was accepted that it has ended does not end.
func TestB12SeriesReturns(t *testing.T) {
	for _, accepted := range []bool{true, false} {
		inBubble(t, func(t *testing.T, open doortest.Open) {
			sink := &metricsConsumer{}
			d := open(t, expiring(t, config.TemporalityCumulative, perUser), sink)
			require.NoError(t, d.ConsumeLogs(t.Context(), users("a", "a", "a")))
			tick()
			if !accepted {
				sink.setAnswer(answering(refuse, nil))
			}
			tick()
			require.NoError(t, d.ConsumeLogs(t.Context(), users("a")))
			sink.setAnswer(nil)
			tick()
			require.NoError(t, d.ConsumeLogs(t.Context(), users("a")))
			tick()
			require.NoError(t, d.Shutdown())
			ledger := conservation.Of(sink.AllMetrics()...)
			require.NoError(t, ledger.Err())
			lives := ledger.Lives()[`n{user="a"}`]
			require.Len(t, lives, 2)
			assert.Equal(t, accepted, lives[0].Ended)
			assert.Equal(t, conservation.Total{Sum: 3}, lives[0].Total)
			assert.Equal(t, conservation.Total{Sum: 1}, lives[1].First)
			assert.Equal(t, conservation.Total{Sum: 2}, lives[1].Total)
			assert.Equal(t, 2*interval+time.Nanosecond, time.Duration(lives[1].Start-lives[0].Start))
			assert.Equal(t, int64(0), selfMetric(t, d, "lost_datapoints"))
		})
	}
}

// A record that comes while the consumer has the point which ends its series begins a new
// life, whatever the answer.
func TestReturnWhileItsEndIsSent(t *testing.T) {
	for name, answer := range map[string]func(context.Context, pmetric.Metrics) error{
		"accepted": nil, "refused": refuse, "refused for good": refuseForGood,
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, open doortest.Open) {
				sink := &metricsConsumer{}
				d := open(t, expiring(t, config.TemporalityCumulative, perUser), sink)
				require.NoError(t, d.ConsumeLogs(t.Context(), users("a", "a", "b")))
				tick()
				sink.setAnswer(answering(func(ctx context.Context, md pmetric.Metrics) error {
					assert.NoError(t, d.ConsumeLogs(ctx, users("a")))
					if answer == nil {
						return nil
					}
					return answer(ctx, md)
				}, nil))
				tick()
				sink.setAnswer(nil)
				tick()
				require.NoError(t, d.Shutdown())
				ledger := conservation.Of(sink.AllMetrics()...)
				require.NoError(t, ledger.Check(map[string]conservation.Total{"n": {Sum: 4}}))
				lives := ledger.Lives()[`n{user="a"}`]
				require.Len(t, lives, 2)
				assert.Equal(t, 2*interval+time.Nanosecond, time.Duration(lives[1].Start-lives[0].Start))
			})
		})
	}
}

// What no accepted emission has shown does not expire, however long it is idle.
func TestUnsentDoesNotExpire(t *testing.T) {
	for _, temporality := range []config.Temporality{config.TemporalityCumulative, config.TemporalityDelta} {
		inBubble(t, func(t *testing.T, open doortest.Open) {
			sink := &metricsConsumer{}
			d := open(t, expiring(t, temporality, perUser), sink)
			sink.setAnswer(refuse)
			require.NoError(t, d.ConsumeLogs(t.Context(), users("a")))
			for range 10 {
				tick()
			}
			assert.Equal(t, int64(1), selfMetric(t, d, "series"))
			sink.setAnswer(nil)
			tick()
			tick()
			assert.Equal(t, int64(0), selfMetric(t, d, "series"))
			require.NoError(t, d.Shutdown())
			require.NoError(t, conservation.Of(sink.AllMetrics()...).Check(map[string]conservation.Total{"n": {Sum: 1}}))
		})
	}
}

// The overflow series expires and comes back like any other, and does not count in the limit.
func TestOverflowExpires(t *testing.T) {
	inBubble(t, func(t *testing.T, open doortest.Open) {
		sink := &metricsConsumer{}
		cfg := expiring(t, config.TemporalityCumulative, perUser)
		cfg.SeriesLimit = 1
		d := open(t, cfg, sink)
		for range 2 {
			require.NoError(t, d.ConsumeLogs(t.Context(), users("a", "b", "c")))
			tick()
			for range 2 { // until only a is left
				require.NoError(t, d.ConsumeLogs(t.Context(), users("a")))
				tick()
			}
		}
		require.NoError(t, d.Shutdown())
		ledger := conservation.Of(sink.AllMetrics()...)
		require.NoError(t, ledger.Check(map[string]conservation.Total{"n": {Sum: 10}}))
		lives := ledger.Lives()
		assert.Len(t, lives[`n{otel.metric.overflow="true"}`], 2)
		assert.Len(t, lives[`n{user="a"}`], 1)
		assert.Len(t, lives, 2)
	})
}

// A shutdown that falls into the time in which a series is expired says so, and one that is
// refused to the end loses nothing but the wish to say so.
func TestShutdownWhileSeriesExpire(t *testing.T) {
	const always = 1000
	for _, refusals := range []int{0, 1, 3, always} {
		inBubble(t, func(t *testing.T, open doortest.Open) {
			sink := &metricsConsumer{}
			d := open(t, expiring(t, config.TemporalityCumulative, perUser), sink)
			require.NoError(t, d.ConsumeLogs(t.Context(), users("a")))
			tick()
			sink.setAnswer(answering(refuse, nil))
			tick()
			require.NoError(t, d.ConsumeLogs(t.Context(), users("b")))
			sink.setAnswer(answering(refuseFirst(refusals), nil))
			start := time.Now()
			require.NoError(t, d.Shutdown())
			assert.LessOrEqual(t, time.Since(start), 12*time.Second)
			ledger := conservation.Of(sink.AllMetrics()...)
			require.NoError(t, ledger.Check(map[string]conservation.Total{"n": {Sum: 2}}))
			assert.Equal(t, refusals < always, ledger.Lives()[`n{user="a"}`][0].Ended)
			assert.Equal(t, int64(0), selfMetric(t, d, "lost_datapoints"))
		})
	}
}

// A metrics consumer that blocks for many intervals while series expire and return costs
// nothing.
func TestConsumerBlocksWhileSeriesExpire(t *testing.T) {
	for _, temporality := range []config.Temporality{config.TemporalityCumulative, config.TemporalityDelta} {
		inBubble(t, func(t *testing.T, open doortest.Open) {
			sink := &metricsConsumer{}
			d := open(t, expiring(t, temporality, perUser), sink)
			require.NoError(t, d.ConsumeLogs(t.Context(), users("a", "b")))
			tick()
			release := make(chan struct{})
			sink.setAnswer(func(context.Context, pmetric.Metrics) error { <-release; return nil })
			for range 5 {
				tick()
				require.NoError(t, d.ConsumeLogs(t.Context(), users("a", "c")))
			}
			close(release)
			synctest.Wait()
			sink.setAnswer(nil)
			tick()
			require.NoError(t, d.Shutdown())
			require.NoError(t, conservation.Of(sink.AllMetrics()...).Check(map[string]conservation.Total{"n": {Sum: 12}}))
			assert.Equal(t, int64(0), selfMetric(t, d, "lost_datapoints"))
		})
	}
}
