// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/config"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/conservation"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/doortest"
)

// withZero is perUser, whose series begin with a zero.
func withZero() config.Annotation {
	a := perUser
	a.InitialZero = new(true)
	return a
}

// A zero that is refused is repeated, and no value comes before it was accepted; one that is
// refused for good is not waited for.
func TestRefusedZeros(t *testing.T) {
	inBubble(t, func(t *testing.T, open doortest.Open) {
		sink := &metricsConsumer{}
		d := open(t, settings(t, config.TemporalityCumulative, withZero()), sink)
		sink.setAnswer(refuse)
		for range 3 {
			require.NoError(t, d.ConsumeLogs(t.Context(), users("a")))
			tick()
		}
		sink.setAnswer(nil)
		tick()
		assert.Equal(t, []point{{0, 4 * interval, 0}}, points(sink.AllMetrics(), "n"))
		sink.setAnswer(refuse)
		tick() // the value is refused, too
		sink.setAnswer(nil)
		tick()
		assert.Equal(t, []point{{0, 4 * interval, 0}, {0, 6 * interval, 3}}, points(sink.AllMetrics(), "n"))
		sink.Reset()

		sink.setAnswer(refuseForGood)
		require.NoError(t, d.ConsumeLogs(t.Context(), users("b")))
		tick()
		assert.Equal(t, int64(2), selfMetric(t, d, "lost_datapoints"), "with a, which is idle")
		sink.setAnswer(nil)
		tick()
		assert.Equal(t, []point{{0, 8 * interval, 3}, {6 * interval, 8 * interval, 1}}, points(sink.AllMetrics(), "n"))
	})
}

// A series that has its first record between two emissions, or before the last one, has a zero
// and then its value; and a shutdown whose zeros are refused for a while still sends both.
func TestShutdownSendsZeroAndValue(t *testing.T) {
	for _, refusals := range []int{0, 1, 3} {
		inBubble(t, func(t *testing.T, open doortest.Open) {
			sink := &metricsConsumer{}
			d := open(t, settings(t, config.TemporalityCumulative, withZero()), sink)
			require.NoError(t, d.ConsumeLogs(t.Context(), users("a")))
			tick()
			require.NoError(t, d.ConsumeLogs(t.Context(), users("b", "b")))
			if refusals > 0 {
				sink.setAnswer(refuseFirst(refusals))
			}
			require.NoError(t, d.Shutdown())
			ledger := conservation.Of(sink.AllMetrics()...)
			require.NoError(t, ledger.Check(map[string]conservation.Total{"n": {Sum: 3}}))
			for name, lives := range ledger.Lives() {
				require.Len(t, lives, 1, name)
				assert.Zero(t, lives[0].First, name)
			}
			assert.Equal(t, int64(0), selfMetric(t, d, "lost_datapoints"))
		})
	}
}

// What has begun with a zero and has not said its value when the shutdown gives up is lost, by
// series, and counted.
func TestValueBehindRefusedZeroIsLost(t *testing.T) {
	inBubble(t, func(t *testing.T, open doortest.Open) {
		sink := &metricsConsumer{}
		d := open(t, settings(t, config.TemporalityCumulative, withZero()), sink)
		sink.setAnswer(refuse)
		require.NoError(t, d.ConsumeLogs(t.Context(), users("a", "b", "b")))
		tick()
		require.NoError(t, d.Shutdown())
		assert.Equal(t, int64(2), selfMetric(t, d, "lost_datapoints"))
		assert.Equal(t, int64(0), selfMetric(t, d, "emitted_datapoints"))
	})
}

// Every type begins as it should, in either temporality, and again after it has expired.
func TestEveryLifeBeginsWithZero(t *testing.T) {
	value := `attributes["v"]`
	for _, temporality := range []config.Temporality{config.TemporalityCumulative, config.TemporalityDelta} {
		var annotations []config.Annotation
		for i, typ := range []config.MetricType{
			config.TypeCounter, config.TypeCounter, config.TypeHistogram, config.TypeExponentialHistogram, config.TypeUpDownCounter,
		} {
			a := config.Annotation{Metric: fmt.Sprint("m", i), Type: typ, Labels: perUser.Labels}
			if i > 0 {
				a.Value = value
			}
			if typ == config.TypeHistogram {
				a.Buckets = []float64{1}
			}
			if typ == config.TypeUpDownCounter {
				a.ExpireAfter = new(interval * 3 / 2)
			} else {
				a.InitialZero = new(true)
			}
			annotations = append(annotations, a)
		}
		inBubble(t, func(t *testing.T, open doortest.Open) {
			sink := &metricsConsumer{}
			d := open(t, expiring(t, temporality, annotations...), sink)
			for range 3 {
				require.NoError(t, d.ConsumeLogs(t.Context(), doortest.Logs(func(r plog.LogRecord) {
					r.Attributes().PutStr("user", "a")
					r.Attributes().PutInt("v", 2)
				})))
				for range 4 {
					tick()
				}
			}
			require.NoError(t, d.Shutdown())
			ledger := conservation.Of(sink.AllMetrics()...)
			require.NoError(t, ledger.Check(map[string]conservation.Total{
				"m0": {Sum: 3}, "m1": {Sum: 6}, "m2": {Count: 3, Sum: 6}, "m3": {Count: 3, Sum: 6}, "m4": {Sum: 6},
			}))
			for name, lives := range ledger.Lives() {
				zero := temporality == config.TemporalityCumulative && name != `m4{user="a"}`
				if temporality == config.TemporalityCumulative || name == `m4{user="a"}` {
					require.Len(t, lives, 3, name)
				}
				for _, life := range lives {
					assert.Equal(t, zero, life.First == conservation.Total{}, name)
					if zero {
						assert.GreaterOrEqual(t, time.Duration(life.End-life.Start), 2*interval-time.Nanosecond)
					}
				}
			}
		})
	}
}
