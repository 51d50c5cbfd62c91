// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/extension/xextension/storage"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/config"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/doortest"
)

func stored(t testing.TB, temporality config.Temporality, annotations ...config.Annotation) *config.Config {
	cfg := settings(t, temporality, annotations...)
	id := doortest.StorageID
	cfg.Storage = &id
	return cfg
}

// While saving fails, points go out, failures are counted, and the status says so; then
// everything is saved.
func TestStorageFailures(t *testing.T) {
	for _, temporality := range []config.Temporality{config.TemporalityCumulative, config.TemporalityDelta} {
		inBubble(t, func(t *testing.T, open doortest.Open) {
			host, sink := doortest.NewHost(nil), &metricsConsumer{}
			d := open(t, stored(t, temporality, perUser), sink, host)
			host.Storage.OnBatch(func([]*storage.Operation) error { return errors.New("full") })
			require.NoError(t, d.ConsumeLogs(t.Context(), users("a")))
			tick()
			assert.Len(t, points(sink.AllMetrics(), "n"), 1)
			assert.Positive(t, selfMetric(t, d, "storage_failures"))
			assert.Equal(t, []componentstatus.Status{componentstatus.StatusRecoverableError}, host.Statuses())
			host.Storage.OnBatch(nil)
			tick()
			assert.Equal(t, []componentstatus.Status{componentstatus.StatusRecoverableError, componentstatus.StatusOK}, host.Statuses())
			require.NoError(t, d.Shutdown())
			assert.Zero(t, selfMetric(t, d, "lost_datapoints"))

			d = open(t, stored(t, temporality, perUser), sink, host)
			require.NoError(t, d.ConsumeLogs(t.Context(), users("a")))
			tick()
			all := points(sink.AllMetrics(), "n")
			last := all[len(all)-1]
			assert.Equal(t, map[config.Temporality]int64{"cumulative": 2, "delta": 1}[temporality], last.value)
			if temporality == config.TemporalityDelta {
				assert.Equal(t, all[0].time, last.start)
			} else {
				assert.Equal(t, all[0].start, last.start)
			}
		})
	}
}

// An emission writes the head and the blocks that have changed, nothing else.
func TestOnlyWhatChangedIsSaved(t *testing.T) {
	for _, temporality := range []config.Temporality{config.TemporalityCumulative, config.TemporalityDelta} {
		inBubble(t, func(t *testing.T, open doortest.Open) {
			host, sink := doortest.NewHost(nil), &metricsConsumer{}
			other := config.Annotation{Metric: "other", Condition: `attributes["user"] == "0"`}
			d := open(t, stored(t, temporality, perUser, other), sink, host)
			require.NoError(t, d.ConsumeLogs(t.Context(), users(numbered(5000)...))) // two blocks
			tick()

			var keys []string
			bytes := 0
			host.Storage.OnBatch(func(ops []*storage.Operation) error {
				for _, op := range ops {
					// What deltas have waited in is deleted once it is accepted.
					if key := op.Key; op.Type == storage.Set && !strings.HasPrefix(key, "payload/") {
						keys, bytes = append(keys, key), bytes+len(op.Value)
					}
				}
				return nil
			})
			written := func() []string {
				slices.Sort(keys)
				all := slices.Compact(keys)
				keys = nil
				return all
			}
			tick()
			assert.Equal(t, []string{"head"}, written(), "nothing has changed")
			assert.Less(t, bytes, 1000)
			require.NoError(t, d.ConsumeLogs(t.Context(), users("4999")))
			tick()
			assert.Equal(t, []string{"block/n/1", "head"}, written())
			require.NoError(t, d.ConsumeLogs(t.Context(), users("0")))
			tick()
			assert.Equal(t, []string{"block/n/0", "block/other/0", "head"}, written())
		})
	}
}

// What a consumer does not take before the shutdown is kept, or counted as lost if that fails.
func TestShutdownKeepsOrCounts(t *testing.T) {
	for _, temporality := range []config.Temporality{config.TemporalityCumulative, config.TemporalityDelta} {
		for name, answer := range map[string]func(context.Context, pmetric.Metrics) error{"refuse": refuse, "block": block} {
			for _, full := range []bool{false, true} {
				inBubble(t, func(t *testing.T, open doortest.Open) {
					host, sink := doortest.NewHost(nil), &metricsConsumer{}
					d := open(t, stored(t, temporality, perUser), sink, host)
					sink.setAnswer(answer)
					if full {
						host.Storage.OnBatch(func([]*storage.Operation) error { return errors.New("full") })
					}
					require.NoError(t, d.ConsumeLogs(t.Context(), users("a", "b")))
					tick()
					require.NoError(t, d.ConsumeLogs(t.Context(), users("b", "c")))
					require.NoError(t, d.Shutdown())
					require.Empty(t, sink.AllMetrics())
					opened, closed := host.Storage.Clients()
					assert.Equal(t, 1, opened)
					assert.Equal(t, 1, closed)
					lost := int64(0)
					if full {
						// Of the deltas a pending payload holds two, and two series hold more.
						lost = map[config.Temporality]int64{"cumulative": 3, "delta": 4}[temporality]
					}
					assert.Equal(t, lost, selfMetric(t, d, "lost_datapoints"), "%s %s full %t", temporality, name, full)
					host.Storage.OnBatch(nil)
					sink.setAnswer(nil)
					open(t, stored(t, temporality, perUser), sink, host)
					tick()
					var sum int64
					for _, p := range points(sink.AllMetrics(), "n") {
						sum += p.value
					}
					if full {
						assert.Zero(t, sum)
					} else {
						assert.Equal(t, int64(4), sum)
					}
				})
			}
		}
	}
}
