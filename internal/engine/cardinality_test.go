// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"context"
	"os"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/config"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/conservation"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/doortest"
)

// valuesEnv sets how many label values TestDistinctValues sends: docs/limits.md has the figures
// of 10,000,000.
const valuesEnv = "ANNOTATION_METRICS_VALUES"

// Every record has a label value of its own. Memory does not grow with them, at most limit + 1
// series live at any time, and the total is exact: whether the first of them keep their series
// or series come and go all the time.
func TestDistinctValues(t *testing.T) {
	n := 300_000
	if text := os.Getenv(valuesEnv); text != "" {
		var err error
		n, err = strconv.Atoi(text)
		require.NoError(t, err)
	}
	for name, expireAfter := range map[string]time.Duration{"without expiry": 0, "with expiry": time.Second} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { distinct(t, n, expireAfter) })
		})
	}
}

func distinct(t *testing.T, n int, expireAfter time.Duration) {
	cfg := settings(t, config.TemporalityCumulative, config.Annotation{Metric: "n", Labels: perUser.Labels})
	cfg.Interval, cfg.ExpireAfter = time.Second, expireAfter
	sink := &living{series: map[string]float64{}}
	d := doortest.Connector(t, cfg, sink)
	const size = 1000
	ld := doortest.Logs()
	records := ld.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords()
	var values [size]pcommon.Value
	for i := range size {
		values[i] = records.AppendEmpty().Attributes().PutEmpty("user")
	}
	var memory [5]uint64
	for from := 0; from < n; from += size {
		for i := range values {
			values[i].SetStr("user-" + strconv.Itoa(from+i))
		}
		require.NoError(t, d.ConsumeLogs(t.Context(), ld))
		time.Sleep(100 * time.Millisecond)
		if tenths := 10 * (from + size) / n; tenths%2 == 0 && tenths > 0 && memory[tenths/2-1] == 0 {
			memory[tenths/2-1] = uint64(heap())
		}
	}
	expired, overflowed := selfMetric(t, d, "expired_series"), selfMetric(t, d, "overflowed_records")
	booked := outcomes(t, d)
	require.NoError(t, d.Shutdown())
	total := sink.ended
	for _, v := range sink.series {
		total += v
	}
	assert.Equal(t, float64(n), total)
	assert.Equal(t, int64(n), booked["n"][conservation.Matched])
	assert.LessOrEqual(t, sink.most, cfg.SeriesLimit+1)
	if expireAfter == 0 {
		assert.Zero(t, expired)
		assert.Equal(t, int64(n-cfg.SeriesLimit), overflowed)
	} else {
		assert.Greater(t, expired, int64(n/3))
	}
	// What a goroutine has learned is forgotten at 8 MiB and a little more.
	assert.Less(t, slices.Max(memory[:]), uint64(24<<20))
	t.Logf("%d values: %d series expired, %d records overflowed, at most %d series lived; bytes of heap after each fifth: %d",
		n, expired, overflowed, sink.most, memory)
}

// living is a consumer that remembers only the series that live.
type living struct {
	series map[string]float64
	ended  float64 // what those that have ended came to
	most   int     // how many lived at once
}

func (*living) Capabilities() consumer.Capabilities { return consumer.Capabilities{} }

func (l *living) ConsumeMetrics(_ context.Context, md pmetric.Metrics) error {
	for _, rm := range md.ResourceMetrics().All() {
		for _, m := range rm.ScopeMetrics().At(0).Metrics().All() {
			for _, dp := range m.Sum().DataPoints().All() {
				user := "overflow"
				if v, ok := dp.Attributes().Get("user"); ok {
					user = v.Str()
				}
				if dp.Flags().NoRecordedValue() {
					l.ended += l.series[user]
					delete(l.series, user)
					continue
				}
				l.series[user] = float64(dp.IntValue())
			}
		}
	}
	l.most = max(l.most, len(l.series))
	return nil
}
