// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/config"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/doortest"
)

// pointsByIdentity returns the number points of the last payloads, by resource and labels with
// their types.
func pointsByIdentity(payloads []pmetric.Metrics) map[string]pmetric.NumberDataPoint {
	found := map[string]pmetric.NumberDataPoint{}
	for _, md := range payloads {
		for _, rm := range md.ResourceMetrics().All() {
			for _, m := range rm.ScopeMetrics().At(0).Metrics().All() {
				for _, dp := range m.Sum().DataPoints().All() {
					found[m.Name()+identity(rm.Resource().Attributes())+identity(dp.Attributes())] = dp
				}
			}
		}
	}
	return found
}

func identity(m pcommon.Map) string {
	var parts []string
	for name, v := range m.All() {
		parts = append(parts, name+"="+v.Type().String()+":"+v.AsString())
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// A restart changes nothing that a series is: the types of its labels, a text that was cut, its
// resource with all attributes, its start, whether it is the overflow series.
func TestRestartKeepsWhatSeriesAre(t *testing.T) {
	inBubble(t, func(t *testing.T, open doortest.Open) {
		labels := []config.Label{{Name: "v"}, {Name: "tenant", Default: "none"}}
		everything := []string{"*"}
		cfg := func() *config.Config {
			return stored(t, config.TemporalityCumulative,
				config.Annotation{Metric: "n", Labels: labels, ResourceAttributes: &everything},
				config.Annotation{Metric: "limited", Labels: labels, SeriesLimit: new(2)})
		}
		ld := doortest.Logs(
			func(r plog.LogRecord) { r.Attributes().PutInt("v", -7) },
			func(r plog.LogRecord) { r.Attributes().PutDouble("v", 1e-7) },
			func(r plog.LogRecord) { r.Attributes().PutBool("v", true) },
			func(r plog.LogRecord) { r.Attributes().PutStr("v", strings.Repeat("ä", 2000)) },
			func(r plog.LogRecord) { r.Attributes().PutStr("v", "\xff") },
			func(plog.LogRecord) {},
		)
		ld.ResourceLogs().At(0).Resource().Attributes().PutInt("pid", 1)
		ld.ResourceLogs().At(0).Resource().Attributes().PutStr("host.name", "h")

		host, sink := doortest.NewHost(nil), &metricsConsumer{}
		d := open(t, cfg(), sink, host)
		require.NoError(t, d.ConsumeLogs(t.Context(), ld))
		tick()
		require.NoError(t, d.Shutdown())
		before := pointsByIdentity(sink.AllMetrics())
		require.Len(t, before, 6+3)

		sink.Reset()
		d = open(t, cfg(), sink, host)
		tick()
		after := pointsByIdentity(sink.AllMetrics())
		require.Len(t, after, len(before))
		for name, dp := range before {
			require.Contains(t, after, name)
			assert.Equal(t, dp.StartTimestamp(), after[name].StartTimestamp(), name)
			assert.Equal(t, dp.IntValue(), after[name].IntValue(), name)
			assert.Greater(t, after[name].Timestamp(), dp.Timestamp())
		}

		// The same records are the same series, the overflow series too.
		sink.Reset()
		require.NoError(t, d.ConsumeLogs(t.Context(), ld))
		tick()
		again := pointsByIdentity(sink.AllMetrics())
		require.Len(t, again, len(before))
		for name, dp := range before {
			assert.Equal(t, 2*dp.IntValue(), again[name].IntValue(), name)
		}
	})
}

// A zero that was accepted does not come again after a restart, one that was not does; and a
// series that was about to end ends.
func TestRestartKeepsWhereSeriesAreInTheirLives(t *testing.T) {
	inBubble(t, func(t *testing.T, open doortest.Open) {
		cfg := func() *config.Config {
			c := stored(t, config.TemporalityCumulative, config.Annotation{Metric: "n", Labels: []config.Label{{Name: "user"}}, InitialZero: new(true)})
			c.ExpireAfter = 10 * interval
			return c
		}
		host, sink := doortest.NewHost(nil), &metricsConsumer{}
		last := func() (values []int64, ended bool) {
			for _, md := range sink.AllMetrics() {
				for _, dp := range md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().At(0).Sum().DataPoints().All() {
					values, ended = append(values, dp.IntValue()), dp.Flags().NoRecordedValue()
				}
			}
			sink.Reset()
			return values, ended
		}
		// Refused to the end, so that no zero was accepted.
		sink.setAnswer(refuse)
		d := open(t, cfg(), sink, host)
		require.NoError(t, d.ConsumeLogs(t.Context(), users("a", "a")))
		require.NoError(t, d.Shutdown())
		sink.setAnswer(nil)
		d = open(t, cfg(), sink, host)
		tick()
		values, _ := last()
		require.Equal(t, []int64{0}, values, "the zero is still to be seen")
		require.NoError(t, d.Shutdown())
		values, _ = last()
		require.Equal(t, []int64{2}, values)

		d = open(t, cfg(), sink, host)
		tick()
		values, _ = last()
		require.Equal(t, []int64{2}, values, "no second zero")

		// The time of the restart counts as idle. The point that ends it is refused.
		sink.setAnswer(refuse)
		require.NoError(t, d.Shutdown())
		time.Sleep(11 * interval)
		sink.setAnswer(nil)
		d = open(t, cfg(), sink, host)
		tick() // what nobody had accepted is said once more
		tick()
		values, ended := last()
		require.True(t, ended, "%v", values)
		require.Equal(t, int64(0), selfMetric(t, d, "series"))
		require.NoError(t, d.Shutdown())
	})
}

// A limit that is lower after a restart holds from the start on.
func TestRestartUnderALowerLimit(t *testing.T) {
	inBubble(t, func(t *testing.T, open doortest.Open) {
		cfg := func(limit int) *config.Config {
			return stored(t, config.TemporalityCumulative, config.Annotation{Metric: "n", Labels: []config.Label{{Name: "user"}}, SeriesLimit: &limit})
		}
		host, sink := doortest.NewHost(nil), &metricsConsumer{}
		d := open(t, cfg(10), sink, host)
		require.NoError(t, d.ConsumeLogs(t.Context(), users("a", "b", "c", "d")))
		require.NoError(t, d.Shutdown())
		sink.Reset()
		d = open(t, cfg(2), sink, host)
		assert.Equal(t, int64(2), selfMetric(t, d, "series"))
		require.NoError(t, d.ConsumeLogs(t.Context(), users("a", "b", "c", "d")))
		tick()
		var sum int64
		all := pointsByIdentity(sink.AllMetrics())
		for _, dp := range all {
			sum += dp.IntValue()
		}
		assert.Len(t, all, 3)
		assert.Equal(t, int64(2*2+2), sum, "two go on, and the others' new records are in the overflow series")
	})
}
