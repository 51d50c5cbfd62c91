// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/config"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/doortest"
)

const interval = 10 * time.Second

// metricsConsumer answers with what answer says, and keeps what it accepted.
type metricsConsumer struct {
	consumertest.MetricsSink

	mu     sync.Mutex
	answer func(ctx context.Context, md pmetric.Metrics) error
	calls  int
}

func (c *metricsConsumer) setAnswer(answer func(context.Context, pmetric.Metrics) error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answer = answer
}

func (c *metricsConsumer) ConsumeMetrics(ctx context.Context, md pmetric.Metrics) error {
	c.mu.Lock()
	c.calls++
	answer := c.answer
	c.mu.Unlock()
	if answer != nil {
		if err := answer(ctx, md); err != nil {
			return err
		}
	}
	return c.MetricsSink.ConsumeMetrics(ctx, md)
}

func refuse(context.Context, pmetric.Metrics) error { return errors.New("come again") }

func refuseForGood(context.Context, pmetric.Metrics) error {
	return consumererror.NewPermanent(errors.New("never"))
}

func block(ctx context.Context, _ pmetric.Metrics) error {
	<-ctx.Done()
	return ctx.Err()
}

func settings(t testing.TB, temporality config.Temporality, annotations ...config.Annotation) *config.Config {
	cfg := config.Default()
	cfg.Interval = interval
	cfg.Temporality = temporality
	cfg.Annotations = annotations
	for i := range annotations {
		// Most tests are not about how a series begins.
		if a := &annotations[i]; a.InitialZero == nil && (a.Type == "" || a.Type == config.TypeCounter || a.Type == config.TypeHistogram) {
			a.InitialZero = new(bool)
		}
	}
	require.NoError(t, confmap.Validate(cfg))
	return cfg
}

func records(n int) plog.Logs {
	fill := make([]func(plog.LogRecord), n)
	for i := range fill {
		fill[i] = func(plog.LogRecord) {}
	}
	return doortest.Logs(fill...)
}

// users returns one record for each user.
func users(names ...string) plog.Logs {
	var fill []func(plog.LogRecord)
	for _, name := range names {
		fill = append(fill, func(r plog.LogRecord) { r.Attributes().PutStr("user", name) })
	}
	return doortest.Logs(fill...)
}

// point is an int64 data point in short.
type point struct {
	start, time time.Duration // since the start of the bubble
	value       int64
}

// points returns the points of the metric in the order in which they were accepted.
func points(payloads []pmetric.Metrics, metric string) []point {
	epoch := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	var found []point
	for _, md := range payloads {
		for _, rm := range md.ResourceMetrics().All() {
			for _, m := range rm.ScopeMetrics().At(0).Metrics().All() {
				if m.Name() != metric {
					continue
				}
				for _, dp := range m.Sum().DataPoints().All() {
					found = append(found, point{
						start: dp.StartTimestamp().AsTime().Sub(epoch),
						time:  dp.Timestamp().AsTime().Sub(epoch),
						value: dp.IntValue(),
					})
				}
			}
		}
	}
	return found
}

// selfMetric returns the sum over the points of one of the door's own metrics.
func selfMetric(t testing.TB, d *doortest.Door, name string) int64 {
	m, err := d.Telemetry.GetMetric("otelcol_" + d.Kind + "_annotation_metrics_" + name)
	require.NoError(t, err)
	var sum int64
	for _, dp := range m.Data.(metricdata.Sum[int64]).DataPoints {
		sum += dp.Value
	}
	return sum
}

func tick() {
	time.Sleep(interval)
	synctest.Wait()
}

// inBubble runs test through both doors, in bubbles of their own.
func inBubble(t *testing.T, test func(t *testing.T, open doortest.Open)) {
	doortest.Each(t, func(t *testing.T, open doortest.Open) {
		synctest.Test(t, func(t *testing.T) { test(t, open) })
	})
}

// A refused delta is sent again unchanged and before newer ones; what comes meanwhile
// waits behind it (B5).
func TestB5RefusedDeltaIsSentAgainUnchanged(t *testing.T) {
	inBubble(t, func(t *testing.T, open doortest.Open) {
		sink := &metricsConsumer{}
		d := open(t, settings(t, config.TemporalityDelta, config.Annotation{Metric: "n"}), sink)
		sink.setAnswer(func(ctx context.Context, md pmetric.Metrics) error {
			// A consumer may spoil what it refuses.
			md.ResourceMetrics().RemoveIf(func(pmetric.ResourceMetrics) bool { return true })
			return refuse(ctx, md)
		})
		require.NoError(t, d.ConsumeLogs(t.Context(), records(3)))
		tick() // 10s: refused
		require.NoError(t, d.ConsumeLogs(t.Context(), records(4)))
		tick() // 20s: refused again
		require.NoError(t, d.ConsumeLogs(t.Context(), records(5)))
		assert.Empty(t, sink.AllMetrics())
		sink.setAnswer(nil)
		tick() // 30s
		assert.Equal(t, []point{
			{0, 10 * time.Second, 3},
			{10 * time.Second, 30 * time.Second, 9},
		}, points(sink.AllMetrics(), "n"))
		assert.Equal(t, int64(2), selfMetric(t, d, "emission_failures"))
		assert.Equal(t, int64(2), selfMetric(t, d, "emitted_datapoints"))
		assert.Equal(t, int64(0), selfMetric(t, d, "lost_datapoints"))
	})
}

// Cumulative points need no memory: after a refusal the next emission says more (B5).
func TestB5RefusedCumulativeIsOvertaken(t *testing.T) {
	inBubble(t, func(t *testing.T, open doortest.Open) {
		sink := &metricsConsumer{}
		d := open(t, settings(t, config.TemporalityCumulative, config.Annotation{Metric: "n"}), sink)
		sink.setAnswer(refuse)
		require.NoError(t, d.ConsumeLogs(t.Context(), records(3)))
		tick()
		sink.setAnswer(nil)
		require.NoError(t, d.ConsumeLogs(t.Context(), records(4)))
		tick()
		assert.Equal(t, []point{{0, 20 * time.Second, 7}}, points(sink.AllMetrics(), "n"))
		require.NoError(t, d.Shutdown())
		assert.Equal(t, int64(0), selfMetric(t, d, "lost_datapoints"))
	})
}

// While a delta waits, cumulative points still leave.
func TestWaitingDeltaDoesNotHoldUpGauges(t *testing.T) {
	inBubble(t, func(t *testing.T, open doortest.Open) {
		sink := &metricsConsumer{}
		d := open(t, settings(t, config.TemporalityDelta,
			config.Annotation{Metric: "n"},
			config.Annotation{Metric: "level", Type: config.TypeUpDownCounter, Value: "1"}), sink)
		sink.setAnswer(func(_ context.Context, md pmetric.Metrics) error {
			if md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().At(0).Name() == "n" {
				return errors.New("come again")
			}
			return nil
		})
		require.NoError(t, d.ConsumeLogs(t.Context(), records(2)))
		tick()
		tick()
		assert.Empty(t, points(sink.AllMetrics(), "n"))
		assert.Len(t, points(sink.AllMetrics(), "level"), 2)
	})
}

// One permanent refusal drops its points, counts them and stops nothing (B28).
func TestB28PermanentRefusal(t *testing.T) {
	for _, temporality := range []config.Temporality{config.TemporalityCumulative, config.TemporalityDelta} {
		t.Run(string(temporality), func(t *testing.T) {
			inBubble(t, func(t *testing.T, open doortest.Open) {
				sink := &metricsConsumer{}
				d := open(t, settings(t, temporality, config.Annotation{Metric: "n", Labels: []config.Label{{Name: "user"}}}), sink)
				sink.setAnswer(refuseForGood)
				require.NoError(t, d.ConsumeLogs(t.Context(), users("a", "b")))
				tick()
				assert.Equal(t, int64(2), selfMetric(t, d, "lost_datapoints"))
				sink.setAnswer(nil)
				require.NoError(t, d.ConsumeLogs(t.Context(), users("a", "b")))
				tick()
				value := int64(2)
				if temporality == config.TemporalityDelta {
					value = 1 // the first is gone
				}
				for _, p := range points(sink.AllMetrics(), "n") {
					assert.Equal(t, value, p.value)
				}
				assert.Len(t, points(sink.AllMetrics(), "n"), 2)
				require.NoError(t, d.Shutdown())
				assert.Equal(t, int64(2), selfMetric(t, d, "lost_datapoints"), "nothing is counted twice")
				assert.Equal(t, int64(1), selfMetric(t, d, "emission_failures"))
			})
		})
	}
}

// A metrics consumer that blocks for many intervals does not hold up the logs, and
// nothing is lost once it answers (B18).
func TestB18BlockedMetricsConsumer(t *testing.T) {
	inBubble(t, func(t *testing.T, open doortest.Open) {
		sink := &metricsConsumer{}
		d := open(t, settings(t, config.TemporalityDelta, config.Annotation{Metric: "n"}), sink)
		release := make(chan struct{})
		sink.setAnswer(func(context.Context, pmetric.Metrics) error { <-release; return nil })
		for range 10 {
			require.NoError(t, d.ConsumeLogs(t.Context(), records(1)))
			tick()
		}
		close(release)
		synctest.Wait()
		require.NoError(t, d.Shutdown())
		var sum int64
		for _, p := range points(sink.AllMetrics(), "n") {
			sum += p.value
		}
		assert.Equal(t, int64(10), sum)
		assert.Equal(t, int64(0), selfMetric(t, d, "lost_datapoints"))
	})
}

// A shutdown ends although the consumer blocks, and says what it lost: the consumer's
// context ends, and one that does not mind that is left behind.
func TestShutdownEndsWhenConsumerBlocks(t *testing.T) {
	release := make(chan struct{})
	for name, answer := range map[string]func(context.Context, pmetric.Metrics) error{
		"minds its context": block,
		"minds nothing":     func(context.Context, pmetric.Metrics) error { <-release; return nil },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, open doortest.Open) {
				release = make(chan struct{})
				sink := &metricsConsumer{}
				d := open(t, settings(t, config.TemporalityCumulative, config.Annotation{Metric: "n", Labels: []config.Label{{Name: "user"}}}), sink)
				sink.setAnswer(answer)
				require.NoError(t, d.ConsumeLogs(t.Context(), users("a", "b", "c")))
				start := time.Now()
				require.NoError(t, d.Shutdown())
				assert.Less(t, time.Since(start), 15*time.Second)
				assert.Equal(t, int64(3), selfMetric(t, d, "lost_datapoints"))
				close(release)
			})
		})
	}
}

// Emission times rise also when two emissions come within one millisecond, and no series
// starts when it ends.
func TestTimesRiseWithinOneMillisecond(t *testing.T) {
	inBubble(t, func(t *testing.T, open doortest.Open) {
		sink := &metricsConsumer{}
		d := open(t, settings(t, config.TemporalityDelta, config.Annotation{Metric: "n"}), sink)
		require.NoError(t, d.ConsumeLogs(t.Context(), records(1)))
		tick()
		require.NoError(t, d.ConsumeLogs(t.Context(), records(1)))
		require.NoError(t, d.Shutdown()) // at the same instant as the tick
		assert.Equal(t, []point{
			{0, 10 * time.Second, 1},
			{10 * time.Second, 10*time.Second + time.Millisecond, 1},
		}, points(sink.AllMetrics(), "n"))
	})
}

// What comes between the receiver's shutdown and the processor's is counted as lost, by
// data points; what came before is emitted.
func TestLostBetweenTheShutdowns(t *testing.T) {
	for _, temporality := range []config.Temporality{config.TemporalityCumulative, config.TemporalityDelta} {
		t.Run(string(temporality), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sink := &metricsConsumer{}
				d := doortest.Processor(t, settings(t, temporality, config.Annotation{Metric: "n", Labels: []config.Label{{Name: "user"}}}),
					consumertest.NewNop(), sink)
				require.NoError(t, d.ConsumeLogs(t.Context(), users("a", "b")))
				require.NoError(t, d.ReceiverFirst(func() {
					assert.Len(t, points(sink.AllMetrics(), "n"), 2)
					require.NoError(t, d.ConsumeLogs(t.Context(), users("b", "c", "d", "d")))
					tick()
				}))
				assert.Len(t, points(sink.AllMetrics(), "n"), 2)
				assert.Equal(t, int64(3), selfMetric(t, d, "lost_datapoints"))
			})
		})
	}
}
