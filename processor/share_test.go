// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package processor_test

import (
	"errors"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/extension/xextension/storage"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/config"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/doortest"
)

// Two processors with one configuration share one state, which lives until the last of
// them has stopped, and can be started again.
func TestSharedState(t *testing.T) {
	cfg := counting(config.CountAccepted)
	host := componenttest.NewNopHost()
	for range 2 {
		sink := new(consumertest.MetricsSink)
		a, b, r := newProcessor(t, cfg), newProcessor(t, cfg), newReceiver(t, sink)
		require.NoError(t, a.Start(t.Context(), host))
		require.NoError(t, b.Start(t.Context(), host))
		require.NoError(t, r.Start(t.Context(), host))
		require.NoError(t, a.ConsumeLogs(t.Context(), logs(2)))
		require.NoError(t, b.ConsumeLogs(t.Context(), logs(3)))
		require.NoError(t, a.Shutdown(t.Context()))
		assert.Zero(t, sink.DataPointCount(), "the other one is still at work")
		require.NoError(t, b.ConsumeLogs(t.Context(), logs(4)))
		require.NoError(t, b.Shutdown(t.Context()))
		require.NoError(t, r.Shutdown(t.Context()))
		assert.Equal(t, int64(9), total(sink.AllMetrics(), "all"))
	}
}

// Processors that share a state share its storage, which the last of them closes.
func TestSharedStorage(t *testing.T) {
	cfg := counting(config.CountAccepted)
	cfg.Storage = &doortest.StorageID
	host := doortest.NewHost(nil)
	sink := new(consumertest.MetricsSink)
	for life := range 2 {
		clients := func(opened, closed int) {
			t.Helper()
			o, c := host.Storage.Clients()
			assert.Equal(t, []int{life + opened, life + closed}, []int{o, c})
		}
		a, b, r := newProcessor(t, cfg), newProcessor(t, cfg), newReceiver(t, sink)
		clients(0, 0)
		require.NoError(t, a.Start(t.Context(), host))
		require.NoError(t, b.Start(t.Context(), host))
		require.NoError(t, r.Start(t.Context(), host))
		clients(1, 0)
		require.NoError(t, a.ConsumeLogs(t.Context(), logs(2)))
		require.NoError(t, b.ConsumeLogs(t.Context(), logs(3)))
		require.NoError(t, a.Shutdown(t.Context()))
		clients(1, 0)
		require.NoError(t, b.Shutdown(t.Context()))
		clients(1, 1)
		require.NoError(t, r.Shutdown(t.Context()))
		assert.Equal(t, int64(5*(life+1)), total(sink.AllMetrics(), "all"))
		sink.Reset()
	}
}

// The status of a life that is over is not that of the next one.
func TestSharedStatusBeginsAnew(t *testing.T) {
	synctest.Test(t, testSharedStatusBeginsAnew)
}

func testSharedStatusBeginsAnew(t *testing.T) {
	cfg := counting(config.CountAccepted)
	cfg.Storage = &doortest.StorageID
	ill, well := doortest.NewHost(nil), doortest.NewHost(nil)
	full := errors.New("disk full")
	ill.Storage.OnBatch(func([]*storage.Operation) error { return full })
	a, b, r := newProcessor(t, cfg), newProcessor(t, cfg), newReceiver(t, consumertest.NewNop())
	require.NoError(t, r.Start(t.Context(), ill))
	require.NoError(t, a.Start(t.Context(), ill))
	require.NoError(t, a.Shutdown(t.Context()))
	require.NotEmpty(t, ill.Statuses())
	require.Equal(t, componentstatus.StatusRecoverableError, ill.Statuses()[0])
	require.ErrorIs(t, ill.Events()[0].Err(), full)
	before := len(ill.Statuses())

	require.NoError(t, b.Start(t.Context(), well))
	require.NoError(t, b.ConsumeLogs(t.Context(), logs(1)))
	require.NoError(t, b.Shutdown(t.Context()))
	require.NoError(t, r.Shutdown(t.Context()))
	assert.NotContains(t, well.Statuses(), componentstatus.StatusRecoverableError)
	assert.Len(t, ill.Statuses(), before, "of a component that has stopped")
}
