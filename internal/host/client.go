// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package host

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.opentelemetry.io/collector/extension/xextension/storage"
)

const (
	// openTimeout is how long a start waits for a storage that cannot be opened: the
	// Collector that is replaced may still hold it.
	openTimeout = 5 * time.Second
	openPause   = 250 * time.Millisecond
	// closeTimeout is how long a shutdown waits for a storage that closes.
	closeTimeout = 5 * time.Second
	// grace is what a call that minds its context gets to return, once that is done.
	grace = 500 * time.Millisecond
)

var errBusy = errors.New("the storage has still not answered")

// client is a storage client that is opened when it is first used with success.
//
// A storage may hang, on a network disk that is gone for instance, and that must hold up
// neither emissions nor a shutdown. So each call has a goroutine of its own, which is left
// behind if it does not return in time. Until it does every other call fails, so that none
// overtakes it.
type client struct {
	open func(context.Context) (storage.Client, error)

	to storage.Client // belongs to the call that is under way

	mu        sync.Mutex
	busy      bool // a call has not returned
	abandoned bool // and nobody waits for it, nor will close the storage
}

// wait opens the storage, and tries again for a while if that fails.
func (c *client) wait(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	for {
		// Who uses the client learns the error.
		if err := c.use(ctx, func(storage.Client) error { return nil }); err == nil {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(openPause):
		}
	}
}

// use calls what with the storage, which it opens if need be.
func (c *client) use(ctx context.Context, what func(storage.Client) error) error {
	return c.call(ctx, func() (err error) {
		if c.to == nil {
			if c.to, err = c.open(ctx); err != nil {
				c.to = nil
				return fmt.Errorf("the storage cannot be opened: %w", err)
			}
		}
		return what(c.to)
	})
}

// call calls what, and waits for it hardly longer than until ctx is done.
func (c *client) call(ctx context.Context, what func() error) error {
	c.mu.Lock()
	busy := c.busy
	c.busy = true
	c.mu.Unlock()
	if busy {
		return errBusy
	}
	begin, answer := time.Now(), make(chan error, 1)
	go func() {
		err := guard(what)
		c.returned()
		answer <- err
	}()
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-answer:
		return err
	case <-time.After(grace):
		return fmt.Errorf("the storage has not answered for %s", time.Since(begin).Round(time.Second/2))
	}
}

// returned makes room for the next call. If the one that returns was left behind by a
// shutdown, it also closes the storage.
func (c *client) returned() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.busy = false
	if c.abandoned {
		_ = guard(func() error { return c.shut(context.Background()) }) // nobody is there any more
	}
}

// guard calls what and makes an error of a panic: what a storage extension does with a file
// that is not its own must not end the Collector.
func guard(what func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the storage extension panics: %v", r)
		}
	}()
	return what()
}

func (c *client) Get(ctx context.Context, key string) ([]byte, error) {
	var value []byte // not read if the call is left behind
	err := c.use(ctx, func(to storage.Client) (err error) {
		value, err = to.Get(ctx, key)
		return err
	})
	if err != nil {
		return nil, err
	}
	return value, nil
}

func (c *client) Set(ctx context.Context, key string, value []byte) error {
	return c.Batch(ctx, storage.SetOperation(key, value))
}

func (c *client) Delete(ctx context.Context, key string) error {
	return c.Batch(ctx, storage.DeleteOperation(key))
}

func (c *client) Batch(ctx context.Context, ops ...*storage.Operation) error {
	return c.use(ctx, func(to storage.Client) error { return to.Batch(ctx, ops...) })
}

func (c *client) Close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, closeTimeout)
	defer cancel()
	c.mu.Lock()
	c.abandoned = c.busy
	c.mu.Unlock()
	return c.call(ctx, func() error { return c.shut(ctx) })
}

// shut closes the storage if it is open.
func (c *client) shut(ctx context.Context) error {
	to := c.to
	if c.to = nil; to == nil {
		return nil
	}
	return to.Close(ctx)
}
