// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/extension/xextension/storage"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/config"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/doortest"
)

// hang has a storage not answer until the returned function is called.
func hang(s *doortest.Storage) (release func()) {
	answer := make(chan struct{})
	s.OnBatch(func([]*storage.Operation) error { <-answer; return nil })
	return func() {
		s.OnBatch(nil)
		close(answer)
		synctest.Wait()
	}
}

// sent adds up the deltas, or takes the last of the cumulative values, of all users.
func sent(payloads []pmetric.Metrics, temporality config.Temporality) int64 {
	all := points(payloads, "n")
	if temporality == config.TemporalityCumulative {
		return all[len(all)-1].value
	}
	var sum int64
	for _, p := range all {
		sum += p.value
	}
	return sum
}

// While the storage hangs emissions go on, of which one is late by what an operation may take.
// It is trouble until it answers, and then everything is saved.
func TestStorageThatHangsHoldsUpNothing(t *testing.T) {
	for _, temporality := range []config.Temporality{config.TemporalityCumulative, config.TemporalityDelta} {
		inBubble(t, func(t *testing.T, open doortest.Open) {
			host, sink := doortest.NewHost(nil), &metricsConsumer{}
			d := open(t, stored(t, temporality, perUser), sink, host)
			release := hang(host.Storage)
			const ticks = 20
			for i := range ticks {
				begin := time.Now()
				require.NoError(t, d.ConsumeLogs(t.Context(), users("a")))
				assert.Zero(t, time.Since(begin), "logs")
				tick()
				time.Sleep(6 * time.Second) // what the first operation may take, and a bit
				synctest.Wait()
				assert.Equal(t, int64(i+1), sent(sink.AllMetrics(), temporality))
				time.Sleep(interval - 6*time.Second)
			}
			require.Equal(t, []componentstatus.Status{recoverable}, host.Statuses())
			assert.EqualError(t, host.Events()[0].Err(), "the state cannot be saved: the storage has not answered for 5.5s")
			assert.Positive(t, selfMetric(t, d, "storage_failures"))
			release()
			time.Sleep(6 * interval) // it is left alone for ten times as long as it took to fail
			synctest.Wait()
			assert.Equal(t, []componentstatus.Status{recoverable, ok}, host.Statuses())
			require.NoError(t, d.Shutdown())
			assert.Equal(t, int64(ticks), sent(sink.AllMetrics(), temporality))
			assert.Zero(t, selfMetric(t, d, "lost_datapoints"))

			sink.Reset()
			d = open(t, stored(t, temporality, perUser), sink, host)
			require.NoError(t, d.ConsumeLogs(t.Context(), users("a")))
			require.NoError(t, d.Shutdown())
			want := map[config.Temporality]int64{"cumulative": ticks + 1, "delta": 1}
			assert.Equal(t, want[temporality], sent(sink.AllMetrics(), temporality))
		})
	}
}

// A shutdown emits and ends while the storage hangs, from the last moment on or for long.
// What the consumer does not take either is counted as lost.
func TestShutdownWhileTheStorageHangs(t *testing.T) {
	for _, temporality := range []config.Temporality{config.TemporalityCumulative, config.TemporalityDelta} {
		for name, answer := range map[string]func(context.Context, pmetric.Metrics) error{"take": nil, "refuse": refuse, "block": block} {
			for _, before := range []int{0, 1, 10} {
				inBubble(t, func(t *testing.T, open doortest.Open) {
					what := fmt.Sprintf("%s %s %d", temporality, name, before)
					host, sink := doortest.NewHost(nil), &metricsConsumer{}
					d := open(t, stored(t, temporality, perUser), sink, host)
					sink.setAnswer(answer)
					require.NoError(t, d.ConsumeLogs(t.Context(), users("a", "a")))
					release := hang(host.Storage)
					time.Sleep(time.Duration(before) * interval)
					require.NoError(t, d.ConsumeLogs(t.Context(), users("a")))
					begin := time.Now()
					require.NoError(t, d.Shutdown())
					assert.LessOrEqual(t, time.Since(begin), 15*time.Second, what)
					lost := selfMetric(t, d, "lost_datapoints")
					if answer == nil {
						assert.Zero(t, lost, what)
						assert.Equal(t, int64(3), sent(sink.AllMetrics(), temporality), what)
					} else {
						want := int64(1)
						if temporality == config.TemporalityDelta && before == 10 {
							want++ // in a payload that was refused, and in the series
						}
						assert.Equal(t, want, lost, what)
					}
					opened, closed := host.Storage.Clients()
					assert.Equal(t, []int{1, 0}, []int{opened, closed}, what)
					release()
					_, closed = host.Storage.Clients()
					assert.Equal(t, 1, closed, what)
				})
			}
		}
	}
}

// A shutdown waits some seconds for a storage that is only slow, and then saves everything.
func TestShutdownWaitsForASlowStorage(t *testing.T) {
	for _, temporality := range []config.Temporality{config.TemporalityCumulative, config.TemporalityDelta} {
		inBubble(t, func(t *testing.T, open doortest.Open) {
			host, sink := doortest.NewHost(nil), &metricsConsumer{}
			d := open(t, stored(t, temporality, perUser), sink, host)
			require.NoError(t, d.ConsumeLogs(t.Context(), users("a", "a")))
			tick()
			release := hang(host.Storage)
			require.NoError(t, d.ConsumeLogs(t.Context(), users("a")))
			tick()
			time.Sleep(6 * time.Second) // the call is left behind
			require.NoError(t, d.ConsumeLogs(t.Context(), users("a", "a", "a")))
			go func() {
				time.Sleep(4 * time.Second)
				release()
			}()
			require.NoError(t, d.Shutdown())
			assert.Equal(t, int64(6), sent(sink.AllMetrics(), temporality))
			opened, closed := host.Storage.Clients()
			assert.Equal(t, []int{1, 1}, []int{opened, closed})

			sink.Reset()
			d = open(t, stored(t, temporality, perUser), sink, host)
			require.NoError(t, d.ConsumeLogs(t.Context(), users("a")))
			require.NoError(t, d.Shutdown())
			want := map[config.Temporality]int64{"cumulative": 7, "delta": 1}
			assert.Equal(t, want[temporality], sent(sink.AllMetrics(), temporality))
		})
	}
}

// A start waits for a storage that is slow to open, or to give a block, and restores everything.
func TestStartWaitsForASlowStorage(t *testing.T) {
	for _, what := range []string{"open", "read"} {
		for _, slow := range []time.Duration{2 * time.Second, 7 * time.Second, 40 * time.Second} {
			inBubble(t, func(t *testing.T, open doortest.Open) {
				host, sink := doortest.NewHost(nil), &metricsConsumer{}
				d := open(t, stored(t, config.TemporalityCumulative, perUser), sink, host)
				require.NoError(t, d.ConsumeLogs(t.Context(), users("a", "a")))
				require.NoError(t, d.Shutdown())

				if what == "open" {
					host.Storage.OnOpen(func() error { time.Sleep(slow); return nil })
				} else {
					host.Storage.OnBatch(func(ops []*storage.Operation) error {
						if ops[0].Type == storage.Get && ops[0].Key == "block/n/0" {
							host.Storage.OnBatch(nil)
							time.Sleep(slow)
						}
						return nil
					})
				}
				begin := time.Now()
				d = open(t, stored(t, config.TemporalityCumulative, perUser), sink, host)
				assert.InDelta(t, slow.Seconds(), time.Since(begin).Seconds(), 0.25)
				require.NoError(t, d.ConsumeLogs(t.Context(), users("a")))
				require.NoError(t, d.Shutdown())
				assert.Equal(t, int64(3), sent(sink.AllMetrics(), config.TemporalityCumulative), "%s %s", what, slow)
				assert.Zero(t, selfMetric(t, d, "storage_failures"))
				assert.Empty(t, host.Statuses())
			})
		}
	}
}
