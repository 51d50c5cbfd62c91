// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/config"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/doortest"
)

// 20,000 series leave in payloads of at most 8,192 points, none of which is refused
// because of another.
func TestPayloadsAreBounded(t *testing.T) {
	inBubble(t, func(t *testing.T, open doortest.Open) {
		sink := &metricsConsumer{}
		cfg := settings(t, config.TemporalityDelta, config.Annotation{Metric: "n", Labels: []config.Label{{Name: "user"}}})
		cfg.SeriesLimit = 0
		d := open(t, cfg, sink)
		sink.setAnswer(func(ctx context.Context, md pmetric.Metrics) error {
			if md.DataPointCount() < 8192 {
				return refuse(ctx, md) // only the last one
			}
			return nil
		})
		const n = 20_000
		names := make([]string, n)
		for i := range names {
			names[i] = fmt.Sprint("user", i)
		}
		require.NoError(t, d.ConsumeLogs(t.Context(), users(names...)))
		tick()
		assert.Len(t, sink.AllMetrics(), 2)
		assert.Equal(t, 2*8192, sink.DataPointCount())
		sink.setAnswer(nil)
		tick()
		assert.Equal(t, n, sink.DataPointCount())
		assert.Len(t, points(sink.AllMetrics(), "n"), n)
	})
}

// Long labels make payloads end before they reach what a gRPC receiver takes.
func TestPayloadsAreBoundedInBytes(t *testing.T) {
	inBubble(t, func(t *testing.T, open doortest.Open) {
		sink := &metricsConsumer{}
		d := open(t, settings(t, config.TemporalityCumulative, config.Annotation{Metric: "n", Labels: []config.Label{{Name: "user"}}}), sink)
		var names []string
		for i := range 9000 {
			names = append(names, fmt.Sprintf("%01000d", i))
		}
		require.NoError(t, d.ConsumeLogs(t.Context(), users(names...)))
		tick()
		assert.Equal(t, len(names), sink.DataPointCount())
		var sizer pmetric.ProtoMarshaler
		payloads := sink.AllMetrics()
		for i, md := range payloads {
			assert.Less(t, sizer.MetricsSize(md), 4<<20)
			if i < len(payloads)-1 {
				assert.Greater(t, sizer.MetricsSize(md), 2<<20, "not needlessly small")
			}
		}
	})
}

// Large resources, large names and many of them: a payload stays below what a gRPC
// receiver takes, and what cannot is refused alone.
func TestPayloadsOfLargeResources(t *testing.T) {
	const most = 4 << 20
	var sizer pmetric.ProtoMarshaler
	tooLarge := func(_ context.Context, md pmetric.Metrics) error {
		if sizer.MetricsSize(md) > most {
			return consumererror.NewPermanent(errors.New("larger than max"))
		}
		return nil
	}
	for name, fill := range map[string]func(plog.ResourceLogs, int){
		"many attributes": func(rl plog.ResourceLogs, i int) {
			for k := range 1500 {
				rl.Resource().Attributes().PutStr(fmt.Sprint("key", k), fmt.Sprintf("%d%01000d", i, k))
			}
		},
		"long names": func(rl plog.ResourceLogs, i int) {
			rl.Resource().Attributes().PutStr(strings.Repeat("k", 100_000)+strconv.Itoa(i), "v")
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, open doortest.Open) {
				sink := &metricsConsumer{}
				sink.setAnswer(tooLarge)
				cfg := settings(t, config.TemporalityCumulative, config.Annotation{Metric: "n"}, config.Annotation{Metric: "m"})
				cfg.ResourceAttributes = []string{"*"}
				d := open(t, cfg, sink)
				ld := plog.NewLogs()
				for i := range 20 {
					rl := ld.ResourceLogs().AppendEmpty()
					fill(rl, i)
					rl.ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
				}
				require.NoError(t, d.ConsumeLogs(t.Context(), ld))
				tick()
				assert.Equal(t, int64(0), selfMetric(t, d, "lost_datapoints"))
				assert.Equal(t, 40, sink.DataPointCount())
			})
		})
	}
}
