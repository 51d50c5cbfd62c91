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
