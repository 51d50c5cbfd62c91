// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package host

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/collector/extension/xextension/storage"
)

const (
	// closeTimeout is how long a shutdown waits for a storage that closes.
	closeTimeout = 5 * time.Second
	// grace is what a call that minds its context gets to return, once that is done.
	grace = 500 * time.Millisecond
)

// client is a storage client that is opened when it is first used with success.
//
// A storage may hang, on a network disk that is gone for instance, and that must hold up
// neither emissions nor a shutdown. So each call has a goroutine of its own, which is left
// behind if it does not return in time. Until it does every other call fails, so that none
// overtakes it.
type client struct {
	open func(context.Context) (storage.Client, error)

	turn      chan struct{}  // holds one while a call is under way
	to        storage.Client // belongs to that call
	abandoned atomic.Bool    // there is nobody any more who would close the storage
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
		if c.abandoned.Load() { // the next Collector may be at work
			return errors.New("the storage is closed")
		}
		return what(c.to)
	})
}

// call calls what, and waits for it hardly longer than until ctx is done.
func (c *client) call(ctx context.Context, what func() error) error {
	select {
	case c.turn <- struct{}{}:
		return c.run(ctx, what)
	default:
		return unanswered("the storage has still not answered")
	}
}

// run is call for who has the turn, which it gives back.
func (c *client) run(ctx context.Context, what func() error) error {
	begin, answer := time.Now(), make(chan error, 1)
	go func() {
		err := guard(what)
		c.release()
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
		return unanswered(fmt.Sprintf("the storage has not answered for %s", time.Since(begin).Round(time.Second/2)))
	}
}

// Wait waits for a call that was left behind, until ctx is done.
func (c *client) Wait(ctx context.Context) {
	select {
	case c.turn <- struct{}{}:
		<-c.turn
	case <-ctx.Done():
	}
}

// release lets the next call begin. If a shutdown has left the one that ends behind, it closes
// the storage: Close has found the turn taken, or takes it now.
func (c *client) release() {
	<-c.turn
	if !c.abandoned.Load() {
		return
	}
	select {
	case c.turn <- struct{}{}:
		_ = guard(func() error { return c.shut(context.Background()) }) // nobody is there any more
		<-c.turn
	default:
	}
}

// unanswered is the error of a call that was left behind, and of those that come before it has
// returned. To errors.Is it is a deadline that was exceeded.
type unanswered string

func (e unanswered) Error() string { return string(e) }

func (unanswered) Is(target error) bool { return target == context.DeadlineExceeded }

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

// Close does not wait for a call that was left behind: that closes the storage when it ends.
func (c *client) Close(ctx context.Context) error {
	c.abandoned.Store(true)
	ctx, cancel := context.WithTimeout(ctx, closeTimeout)
	defer cancel()
	select {
	case c.turn <- struct{}{}:
		return c.run(ctx, func() error { return c.shut(ctx) })
	default:
		return errors.New("the storage has not answered, and is closed when it does")
	}
}

// shut closes the storage if it is open.
func (c *client) shut(ctx context.Context) error {
	to := c.to
	if c.to = nil; to == nil {
		return nil
	}
	return to.Close(ctx)
}
