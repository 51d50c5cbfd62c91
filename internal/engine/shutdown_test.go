// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/config"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/doortest"
)

var perUser = config.Annotation{Metric: "n", Labels: []config.Label{{Name: "user"}}}

// refuseFirst refuses n payloads and accepts all others.
func refuseFirst(n int) func(context.Context, pmetric.Metrics) error {
	return func(ctx context.Context, md pmetric.Metrics) error {
		if n--; n >= 0 {
			return refuse(ctx, md)
		}
		return nil
	}
}

// A refusal at the last emission is not the end: it tries again while it has time, deltas
// before newer ones.
func TestLastEmissionTriesAgain(t *testing.T) {
	for _, temporality := range []config.Temporality{config.TemporalityCumulative, config.TemporalityDelta} {
		t.Run(string(temporality), func(t *testing.T) {
			inBubble(t, func(t *testing.T, open doortest.Open) {
				sink := &metricsConsumer{}
				d := open(t, settings(t, temporality, perUser), sink)
				sink.setAnswer(refuseFirst(5))
				require.NoError(t, d.ConsumeLogs(t.Context(), users("a")))
				tick() // refused
				require.NoError(t, d.ConsumeLogs(t.Context(), users("a", "b")))
				start := time.Now()
				require.NoError(t, d.Shutdown())
				assert.Less(t, time.Since(start), 2*time.Second)
				assert.Equal(t, int64(0), selfMetric(t, d, "lost_datapoints"))
				var sum int64
				for _, p := range points(sink.AllMetrics(), "n") {
					sum += p.value
				}
				assert.Equal(t, int64(3), sum)
			})
		})
	}
}

// The last emission ends although logs still come in: it is one emission, not a chase.
func TestLastEmissionUnderLoad(t *testing.T) {
	for _, temporality := range []config.Temporality{config.TemporalityCumulative, config.TemporalityDelta} {
		inBubble(t, func(t *testing.T, open doortest.Open) {
			sink := &metricsConsumer{}
			d := open(t, settings(t, temporality, perUser), sink)
			require.NoError(t, d.ConsumeLogs(t.Context(), users("a")))
			sink.setAnswer(func(context.Context, pmetric.Metrics) error {
				return d.ConsumeLogs(context.Background(), users("b")) // while the emission is under way
			})
			start := time.Now()
			require.NoError(t, d.Shutdown())
			assert.Zero(t, time.Since(start))
			assert.Equal(t, 1, sink.calls)
			assert.Equal(t, int64(1), selfMetric(t, d, "lost_datapoints"))
		})
	}
}

// A consumer that refuses to the end costs a bounded time, and what is lost is counted.
func TestLastEmissionGivesUp(t *testing.T) {
	inBubble(t, func(t *testing.T, open doortest.Open) {
		sink := &metricsConsumer{}
		d := open(t, settings(t, config.TemporalityDelta, perUser), sink)
		sink.setAnswer(refuse)
		require.NoError(t, d.ConsumeLogs(t.Context(), users("a", "b")))
		start := time.Now()
		require.NoError(t, d.Shutdown())
		assert.LessOrEqual(t, time.Since(start), 12*time.Second)
		assert.Equal(t, int64(2), selfMetric(t, d, "lost_datapoints"))
		assert.Equal(t, int64(0), selfMetric(t, d, "emitted_datapoints"))
	})
}

// Once the receiver has stopped its consumer is not called again, although three payloads
// were to go to it and each call takes until its context ends.
func TestNoCallAfterDetach(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sink := &metricsConsumer{}
		cfg := settings(t, config.TemporalityCumulative, perUser)
		cfg.SeriesLimit = 0
		d := doortest.Processor(t, cfg, consumertest.NewNop(), sink)
		late := 0
		sink.setAnswer(func(ctx context.Context, md pmetric.Metrics) error {
			if ctx.Err() != nil {
				late++
			}
			return block(ctx, md)
		})
		names := make([]string, 20_000)
		for i := range names {
			names[i] = strconv.Itoa(i)
		}
		require.NoError(t, d.ConsumeLogs(t.Context(), users(names...)))
		tick() // and blocks in the first payload
		require.NoError(t, d.ReceiverFirst(func() {
			sink.mu.Lock()
			sink.calls = 0
			sink.mu.Unlock()
			time.Sleep(time.Minute)
		}))
		synctest.Wait()
		assert.Zero(t, sink.calls)
		assert.Zero(t, late, "nor is it called once its time is over")
		assert.Equal(t, int64(len(names)), selfMetric(t, d, "lost_datapoints"))
		assert.Equal(t, int64(0), selfMetric(t, d, "emitted_datapoints"))
	})
}

// What a consumer that was left behind still answers is not booked a second time.
func TestLateAnswerIsNotBookedTwice(t *testing.T) {
	for _, late := range []error{nil, consumererror.NewPermanent(errors.New("never"))} {
		inBubble(t, func(t *testing.T, open doortest.Open) {
			sink := &metricsConsumer{}
			d := open(t, settings(t, config.TemporalityDelta, perUser), sink)
			sink.setAnswer(func(context.Context, pmetric.Metrics) error { time.Sleep(time.Minute); return late })
			require.NoError(t, d.ConsumeLogs(t.Context(), users("a", "b", "c")))
			require.NoError(t, d.Shutdown())
			time.Sleep(time.Hour)
			assert.Equal(t, int64(3), selfMetric(t, d, "lost_datapoints"))
			assert.Equal(t, int64(0), selfMetric(t, d, "emitted_datapoints"))
			assert.Equal(t, int64(0), selfMetric(t, d, "emission_failures"))
		})
	}
}

// A batch whose answer comes after the shutdown is counted as lost.
func TestCommitAfterShutdownIsCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		next, err := consumer.NewLogs(func(context.Context, plog.Logs) error { time.Sleep(time.Minute); return nil })
		require.NoError(t, err)
		d := doortest.Processor(t, settings(t, config.TemporalityCumulative, perUser), next, &metricsConsumer{})
		go func() { assert.NoError(t, d.ConsumeLogs(context.Background(), users("a", "b", "b"))) }()
		synctest.Wait()
		require.NoError(t, d.Shutdown())
		assert.Equal(t, int64(0), selfMetric(t, d, "lost_datapoints"))
		time.Sleep(time.Hour)
		assert.Equal(t, int64(2), selfMetric(t, d, "lost_datapoints"))
	})
}

// A shutdown whose context is over still emits to a consumer that answers at once.
func TestShutdownWithCanceledContext(t *testing.T) {
	for range 20 {
		inBubble(t, func(t *testing.T, open doortest.Open) {
			sink := &metricsConsumer{}
			d := open(t, settings(t, config.TemporalityCumulative, perUser), sink)
			require.NoError(t, d.ConsumeLogs(t.Context(), users("a")))
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			require.NoError(t, d.ShutdownContext(ctx))
			assert.Len(t, points(sink.AllMetrics(), "n"), 1)
			assert.Equal(t, int64(0), selfMetric(t, d, "lost_datapoints"))
		})
	}
}
