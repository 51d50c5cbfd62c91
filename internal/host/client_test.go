// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package host_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension/xextension/storage"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/doortest"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/host"
)

func open(t *testing.T, in *doortest.Host) storage.Client {
	c, err := host.Storage(in, &doortest.StorageID, component.KindProcessor, doortest.ID)
	require.NoError(t, err)
	return c
}

// set writes with a timeout of 5 s, and returns how long that took.
func set(t *testing.T, c storage.Client, key, value string) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	begin := time.Now()
	err := c.Set(ctx, key, []byte(value))
	return time.Since(begin), err
}

// A call that hangs is left behind, no other overtakes it, and the storage can be used again
// when it has returned.
func TestStorageThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, release := doortest.NewHost(nil), make(chan struct{})
		c := open(t, in)
		in.Storage.OnBatch(func([]*storage.Operation) error { <-release; return nil })
		took, err := set(t, c, "key", "old")
		require.EqualError(t, err, "the storage has not answered for 5.5s")
		assert.Equal(t, 5500*time.Millisecond, took)

		in.Storage.OnBatch(nil)
		took, err = set(t, c, "key", "new")
		require.EqualError(t, err, "the storage has still not answered")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Zero(t, took)
		_, err = c.Get(t.Context(), "key")
		require.EqualError(t, err, "the storage has still not answered")

		go func() {
			time.Sleep(3 * time.Second)
			close(release)
		}()
		for _, want := range []time.Duration{time.Second, 2 * time.Second, 0} { // it answers after three
			ctx, cancel := context.WithTimeout(t.Context(), max(want, time.Second))
			begin := time.Now()
			c.(interface{ Wait(context.Context) }).Wait(ctx)
			assert.Equal(t, want, time.Since(begin))
			cancel()
		}
		value, err := c.Get(t.Context(), "key")
		require.NoError(t, err)
		assert.Equal(t, "old", string(value), "it did get through, late")
		_, err = set(t, c, "key", "new")
		require.NoError(t, err)
		require.NoError(t, c.Close(t.Context()))
		_, closed := in.Storage.Clients()
		assert.Equal(t, 1, closed)
	})
}

// A shutdown does not wait for a storage that hangs, which is closed when it answers after all.
func TestStorageIsClosedWhenItAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, release := doortest.NewHost(nil), make(chan struct{})
		c := open(t, in)
		in.Storage.OnBatch(func([]*storage.Operation) error { <-release; return nil })
		_, err := set(t, c, "key", "value")
		require.Error(t, err)
		begin := time.Now()
		require.EqualError(t, c.Close(t.Context()), "the storage has not answered, and is closed when it does")
		assert.Zero(t, time.Since(begin))
		_, closed := in.Storage.Clients()
		assert.Zero(t, closed)
		close(release)
		synctest.Wait()
		_, closed = in.Storage.Clients()
		assert.Equal(t, 1, closed)
	})
}

// A write that waited for a storage to open is not carried out when the shutdown is over: the
// next Collector may be at work.
func TestLateOpenWritesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, release := doortest.NewHost(nil), make(chan struct{})
		in.Storage.OnOpen(func() error { <-release; return nil })
		c := open(t, in)
		_, err := set(t, c, "key", "value")
		require.Error(t, err)
		require.Error(t, c.Close(t.Context()))
		close(release)
		synctest.Wait()
		assert.Empty(t, in.Storage.Contents())
		opened, closed := in.Storage.Clients()
		assert.Equal(t, []int{1, 1}, []int{opened, closed})
	})
}

// A storage that minds its context says itself what is wrong.
func TestStorageThatMindsItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := doortest.NewHost(nil)
		c := open(t, in)
		in.Storage.OnBatch(func([]*storage.Operation) error {
			time.Sleep(5*time.Second + time.Millisecond)
			return errors.New("network is unreachable")
		})
		took, err := set(t, c, "key", "value")
		require.EqualError(t, err, "network is unreachable")
		assert.Equal(t, 5001*time.Millisecond, took)
	})
}

// A storage that hangs when it is opened is one that hangs, and is opened once.
func TestStorageThatHangsWhenOpened(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, release := doortest.NewHost(nil), make(chan struct{})
		in.Storage.OnOpen(func() error { <-release; return nil })
		c := open(t, in)
		_, err := set(t, c, "key", "value")
		require.EqualError(t, err, "the storage has not answered for 5.5s")
		_, err = set(t, c, "key", "value")
		require.EqualError(t, err, "the storage has still not answered")
		close(release)
		synctest.Wait()
		_, err = set(t, c, "key", "value")
		require.NoError(t, err)
		opened, _ := in.Storage.Clients()
		assert.Equal(t, 1, opened)
		require.NoError(t, c.Close(t.Context()))
	})
}

// What panics in an extension is an error, whichever call it is.
func TestStorageThatPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := doortest.NewHost(nil)
		in.Storage.OnOpen(func() error { panic("no database") })
		c := open(t, in)
		_, err := set(t, c, "key", "value")
		require.EqualError(t, err, "the storage extension panics: no database")
		in.Storage.OnOpen(nil)
		in.Storage.OnBatch(func([]*storage.Operation) error { panic("page 7 is damaged") })
		_, err = c.Get(t.Context(), "key")
		require.EqualError(t, err, "the storage extension panics: page 7 is damaged")
		in.Storage.OnBatch(nil)
		_, err = set(t, c, "key", "value")
		require.NoError(t, err)
	})
}
