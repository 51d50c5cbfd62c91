// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/config"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/doortest"
)

// A value of 2262 does not shut out later ones, nor one of 1970 earlier ones (B24).
func TestB24ExtremeEventTimes(t *testing.T) {
	inBubble(t, func(t *testing.T, open doortest.Open) {
		sink := &metricsConsumer{}
		d := open(t, settings(t, config.TemporalityCumulative, config.Annotation{Metric: "g", Type: config.TypeGauge, Value: `attributes["v"]`}), sink)
		for i, ts := range []pcommon.Timestamp{1<<63 - 1, 1<<64 - 1, 0} {
			require.NoError(t, d.ConsumeLogs(t.Context(), doortest.Logs(func(r plog.LogRecord) {
				r.SetTimestamp(ts)
				r.Attributes().PutInt("v", int64(i))
			})))
			tick()
		}
		for i, md := range sink.AllMetrics() {
			dp := md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().At(0).Gauge().DataPoints().At(0)
			assert.InDelta(t, float64(i), dp.DoubleValue(), 0)
			assert.Less(t, dp.Timestamp(), pcommon.NewTimestampFromTime(time.Now().Add(time.Second)))
		}
	})
}

// A refused minimum or maximum is sent again unchanged, with its own time, before what
// came meanwhile; an idle interval sends nothing, and temporality does not matter.
func TestRefusedExtremesAreSentAgainUnchanged(t *testing.T) {
	inBubble(t, func(t *testing.T, open doortest.Open) {
		sink := &metricsConsumer{}
		d := open(t, settings(t, config.TemporalityCumulative,
			config.Annotation{Metric: "low", Type: config.TypeGauge, Aggregate: config.AggregateMin, Value: `attributes["v"]`},
			config.Annotation{Metric: "high", Type: config.TypeGauge, Aggregate: config.AggregateMax, Value: `attributes["v"]`}), sink)
		consume := func(values ...int64) {
			for _, v := range values {
				require.NoError(t, d.ConsumeLogs(t.Context(), doortest.Logs(func(r plog.LogRecord) { r.Attributes().PutInt("v", v) })))
			}
		}
		start := time.Now()
		sink.setAnswer(refuse)
		consume(3, 1, 2)
		tick() // 10s: refused
		consume(5, 4)
		tick() // 20s: refused again
		consume(6)
		sink.setAnswer(nil)
		tick() // 30s: both
		tick() // 40s: idle
		type gaugePoint struct {
			metric string
			time   time.Duration
			value  float64
		}
		var found []gaugePoint
		for _, md := range sink.AllMetrics() {
			for _, m := range md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().All() {
				for _, dp := range m.Gauge().DataPoints().All() {
					found = append(found, gaugePoint{m.Name(), dp.Timestamp().AsTime().Sub(start), dp.DoubleValue()})
				}
			}
		}
		assert.Equal(t, []gaugePoint{
			{"low", 10 * time.Second, 1},
			{"high", 10 * time.Second, 3},
			{"low", 30 * time.Second, 4},
			{"high", 30 * time.Second, 6},
		}, found)
		require.NoError(t, d.Shutdown())
		assert.Equal(t, int64(0), selfMetric(t, d, "lost_datapoints"))
	})
}
