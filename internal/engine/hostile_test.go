// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/extension/xextension/storage"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/config"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/conservation"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/doortest"
)

func measured(user string, v float64) plog.Logs {
	return doortest.Logs(func(r plog.LogRecord) {
		r.SetTimestamp(pcommon.NewTimestampFromTime(time.Now()))
		r.Attributes().PutStr("user", user)
		r.Attributes().PutDouble("v", v)
	})
}

// TestB24GaugeAfterRestart: a clock that was a day ahead before a restart, and is right after
// it, does not shut out what comes then.
func TestB24GaugeAfterRestart(t *testing.T) {
	cfg := func() *config.Config {
		return stored(t, config.TemporalityCumulative, config.Annotation{Metric: "g", Type: config.TypeGauge, Value: `attributes["v"]`})
	}
	var contents map[string][]byte
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(24 * time.Hour)
		host := doortest.NewHost(nil)
		d := doortest.Processor(t, cfg(), consumertest.NewNop(), &metricsConsumer{}, host)
		require.NoError(t, d.ConsumeLogs(t.Context(), measured("a", 1)))
		tick()
		require.NoError(t, d.Shutdown())
		contents = host.Storage.Contents()
	})
	synctest.Test(t, func(t *testing.T) {
		sink := &metricsConsumer{}
		d := doortest.Processor(t, cfg(), consumertest.NewNop(), sink, doortest.NewHost(contents))
		time.Sleep(time.Millisecond)
		require.NoError(t, d.ConsumeLogs(t.Context(), measured("a", 2)))
		tick()
		all := sink.AllMetrics()
		last := all[len(all)-1].ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().At(0)
		assert.InDelta(t, 2, last.Gauge().DataPoints().At(0).DoubleValue(), 0)
	})
}

// What is committed after a shutdown that has kept everything is counted as lost, also if it
// is more of what was kept.
func TestCommitAfterWhatWasKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := doortest.Processor(t, stored(t, config.TemporalityCumulative, perUser), consumertest.NewNop(), &metricsConsumer{}, doortest.NewHost(nil))
		require.NoError(t, d.ReceiverFirst(func() { require.NoError(t, d.ConsumeLogs(t.Context(), users("a"))) }))
		assert.Zero(t, selfMetric(t, d, "lost_datapoints"))
		require.NoError(t, d.ConsumeLogs(t.Context(), users("a", "a", "b")))
		assert.Equal(t, int64(2), selfMetric(t, d, "lost_datapoints"), "one for each series")
	})
}

// A value that cannot be added to anything makes no series, takes no place of the limit and
// gives no ended series another life.
func TestInvalidValuesMakeNoSeries(t *testing.T) {
	inBubble(t, func(t *testing.T, open doortest.Open) {
		sink := &metricsConsumer{}
		cfg := settings(t, config.TemporalityCumulative, config.Annotation{
			Metric: "n", Value: `attributes["v"]`, SeriesLimit: new(1), SampleRate: new(0.5), Labels: []config.Label{{Name: "user"}},
		})
		cfg.ExpireAfter = 3 * interval
		d := open(t, cfg, sink)
		send := func(user string, v float64) {
			for range 60 { // of which some are sampled
				require.NoError(t, d.ConsumeLogs(t.Context(), measured(user, v)))
			}
		}
		send("bad", 1.5e308)
		assert.Zero(t, selfMetric(t, d, "series"))
		send("good", 1)
		tick()
		assert.Zero(t, selfMetric(t, d, "overflowed_records"))
		for range 6 {
			tick()
		}
		require.Equal(t, int64(1), selfMetric(t, d, "expired_series"))
		sink.Reset()
		send("good", 1.5e308)
		for range 6 {
			tick()
		}
		assert.Empty(t, sink.AllMetrics())
	})
}

// While deltas are refused, what comes behind them is saved at each emission, and a payload
// that could not be saved is saved once that works: after a crash everything but the last
// interval is there, once.
func TestB23CrashWhileDeltasArePending(t *testing.T) {
	for _, fails := range []bool{false, true} {
		inBubble(t, func(t *testing.T, open doortest.Open) {
			host, sink := doortest.NewHost(nil), &metricsConsumer{}
			d := open(t, stored(t, config.TemporalityDelta, perUser), sink, host)
			sink.setAnswer(refuse)
			require.NoError(t, d.ConsumeLogs(t.Context(), users("a", "b")))
			if fails {
				host.Storage.OnBatch(func([]*storage.Operation) error { return errors.New("full") })
			}
			tick()
			require.NoError(t, d.ConsumeLogs(t.Context(), users("a", "a")))
			tick()
			host.Storage.OnBatch(nil)
			tick()
			tick()
			after := doortest.NewHost(host.Storage.Contents()) // as if it were killed now
			next := &metricsConsumer{}
			doortest.Connector(t, stored(t, config.TemporalityDelta, perUser), next, after)
			tick()
			tick()
			ledger := conservation.Of(next.AllMetrics()...)
			require.NoError(t, ledger.Check(map[string]conservation.Total{"n": {Sum: 4}}), "saving fails: %t", fails)
		})
	}
}

// A payload that is with a consumer which minds nothing is lost if its series could not be
// saved, and not if they could.
func TestShutdownWithAPayloadInFlight(t *testing.T) {
	for _, full := range []bool{false, true} {
		inBubble(t, func(t *testing.T, open doortest.Open) {
			host, sink := doortest.NewHost(nil), &metricsConsumer{}
			d := open(t, stored(t, config.TemporalityCumulative, perUser), sink, host)
			if full {
				host.Storage.OnBatch(func([]*storage.Operation) error { return errors.New("full") })
			}
			release := make(chan struct{})
			sink.setAnswer(func(context.Context, pmetric.Metrics) error { <-release; return nil })
			require.NoError(t, d.ConsumeLogs(t.Context(), users("a", "b")))
			tick()
			require.NoError(t, d.Shutdown())
			lost := int64(0)
			if full {
				lost = 2
			}
			assert.Equal(t, lost, selfMetric(t, d, "lost_datapoints"))
			close(release)
			synctest.Wait()
			assert.Equal(t, lost, selfMetric(t, d, "lost_datapoints"), "the late answer changes nothing")
		})
	}
}
