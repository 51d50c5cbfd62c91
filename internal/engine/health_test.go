// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/extension/xextension/storage"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/config"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/doortest"
)

const (
	recoverable = componentstatus.StatusRecoverableError
	ok          = componentstatus.StatusOK
)

// refuseWith returns an answer of a consumer.
func refuseWith(err error) func(context.Context, pmetric.Metrics) error {
	return func(context.Context, pmetric.Metrics) error { return err }
}

// A refused emission is a recoverable error of the component, reported once, until one is
// accepted; emissions that have nothing to say change nothing.
func TestStatusOfRefusedEmissions(t *testing.T) {
	for _, temporality := range []config.Temporality{config.TemporalityCumulative, config.TemporalityDelta} {
		for _, answer := range []error{errors.New("busy"), consumererror.NewPermanent(errors.New("never"))} {
			inBubble(t, func(t *testing.T, open doortest.Open) {
				host, sink := doortest.NewHost(nil), &metricsConsumer{}
				d := open(t, settings(t, temporality, perUser), sink, host)
				require.NoError(t, d.ConsumeLogs(t.Context(), users("a")))
				tick()
				assert.Empty(t, host.Statuses(), "all is well")

				sink.setAnswer(refuseWith(answer))
				for range 3 {
					require.NoError(t, d.ConsumeLogs(t.Context(), users("a")))
					tick()
					tick()
				}
				assert.Equal(t, []componentstatus.Status{recoverable}, host.Statuses())
				assert.EqualError(t, host.Events()[0].Err(), "the metrics pipeline refuses data points: "+answer.Error())
				assert.ErrorIs(t, host.Events()[0].Err(), answer)

				sink.setAnswer(nil)
				require.NoError(t, d.ConsumeLogs(t.Context(), users("a")))
				tick()
				assert.Equal(t, []componentstatus.Status{recoverable, ok}, host.Statuses())
			})
		}
	}
}

// A refusal is told when it comes, not when the last payload of the emission has been
// answered; the first one is.
func TestStatusIsToldAtTheFirstRefusal(t *testing.T) {
	inBubble(t, func(t *testing.T, open doortest.Open) {
		host, sink := doortest.NewHost(nil), &metricsConsumer{}
		cfg := settings(t, config.TemporalityCumulative, perUser)
		cfg.SeriesLimit = 0
		d := open(t, cfg, sink, host)
		var calls atomic.Int64
		sink.setAnswer(func(context.Context, pmetric.Metrics) error {
			n := calls.Add(1)
			time.Sleep(interval / 2)
			return fmt.Errorf("refusal %d", n)
		})
		require.NoError(t, d.ConsumeLogs(t.Context(), users(numbered(3*8192)...))) // three payloads, or more
		time.Sleep(interval + interval/2)
		synctest.Wait()
		require.Equal(t, []componentstatus.Status{recoverable}, host.Statuses())
		time.Sleep(4 * interval)
		require.Greater(t, calls.Load(), int64(2))
		require.Len(t, host.Events(), 1)
		assert.ErrorContains(t, host.Events()[0].Err(), "refusal 1")
		sink.setAnswer(nil)
		time.Sleep(2 * interval)
	})
}

// A consumer that does not answer is trouble after one interval; one that takes less is
// none. It ends with an emission that is accepted in time.
func TestStatusOfSlowEmissions(t *testing.T) {
	inBubble(t, func(t *testing.T, open doortest.Open) {
		host, sink := doortest.NewHost(nil), &metricsConsumer{}
		d := open(t, settings(t, config.TemporalityDelta, perUser), sink, host)
		takes := func(how time.Duration) {
			sink.setAnswer(func(context.Context, pmetric.Metrics) error {
				time.Sleep(how)
				return nil
			})
		}
		takes(interval - time.Second)
		require.NoError(t, d.ConsumeLogs(t.Context(), users("a")))
		time.Sleep(2 * interval)
		synctest.Wait()
		assert.Empty(t, host.Statuses())

		takes(2*interval + time.Second)
		require.NoError(t, d.ConsumeLogs(t.Context(), users("a")))
		time.Sleep(2*interval - time.Second)
		synctest.Wait()
		assert.Empty(t, host.Statuses(), "it began one interval ago, at most")
		time.Sleep(2 * time.Second)
		synctest.Wait()
		require.Equal(t, []componentstatus.Status{recoverable}, host.Statuses())
		assert.EqualError(t, host.Events()[0].Err(), "the metrics pipeline has not answered for 10s")

		// It is as slow every time: that is one trouble, not many.
		for range 5 {
			require.NoError(t, d.ConsumeLogs(t.Context(), users("a")))
			time.Sleep(3 * interval)
		}
		assert.Equal(t, []componentstatus.Status{recoverable}, host.Statuses())
		takes(0)
		require.NoError(t, d.ConsumeLogs(t.Context(), users("a")))
		time.Sleep(3 * interval)
		synctest.Wait()
		assert.Equal(t, []componentstatus.Status{recoverable, ok}, host.Statuses())
	})
}

// The status names all that is in trouble, and is only well when nothing is.
func TestStatusOfEmissionsAndStorage(t *testing.T) {
	inBubble(t, func(t *testing.T, open doortest.Open) {
		host, sink := doortest.NewHost(nil), &metricsConsumer{}
		d := open(t, stored(t, config.TemporalityCumulative, perUser), sink, host)
		sink.setAnswer(refuse)
		require.NoError(t, d.ConsumeLogs(t.Context(), users("a")))
		tick()
		host.Storage.OnBatch(func([]*storage.Operation) error { return errors.New("full") })
		require.NoError(t, d.ConsumeLogs(t.Context(), users("a")))
		tick()
		sink.setAnswer(nil)
		tick()
		host.Storage.OnBatch(nil)
		tick()
		assert.Equal(t, []componentstatus.Status{recoverable, recoverable, recoverable, ok}, host.Statuses())
		both := host.Events()[1].Err()
		assert.ErrorContains(t, both, "the metrics pipeline refuses data points: ")
		assert.ErrorContains(t, both, "the state cannot be saved: full")
		assert.EqualError(t, host.Events()[2].Err(), "the state cannot be saved: full")
	})
}

// What the last emissions meet changes no status, whichever door closes first: the component
// is stopping, and the Collector takes an error of a stopping component for one that it
// stopped with. Nor does trouble end because nobody is there any more.
func TestStatusIsTheCollectorsDuringAShutdown(t *testing.T) {
	inBubble(t, func(t *testing.T, open doortest.Open) {
		host, sink := doortest.NewHost(nil), &metricsConsumer{}
		d := open(t, stored(t, config.TemporalityDelta, perUser), sink, host)
		require.NoError(t, d.ConsumeLogs(t.Context(), users("a")))
		sink.setAnswer(refuse)
		host.Storage.OnBatch(func([]*storage.Operation) error { return errors.New("full") })
		require.NoError(t, d.Shutdown())
		assert.Empty(t, host.Statuses())
	})
	for _, trouble := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			host, sink := doortest.NewHost(nil), &metricsConsumer{}
			d := doortest.Processor(t, settings(t, config.TemporalityDelta, perUser), consumertest.NewNop(), sink, host)
			require.NoError(t, d.ConsumeLogs(t.Context(), users("a")))
			sink.setAnswer(refuse)
			var want []componentstatus.Status
			if trouble {
				tick()
				want = []componentstatus.Status{recoverable}
			}
			require.NoError(t, d.ReceiverFirst(func() { time.Sleep(3 * interval) }))
			assert.Equal(t, want, host.Statuses())
		})
	}
}
