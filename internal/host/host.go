// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

// Package host is what the doors ask the Collector for: a place to keep state, and to say how
// they are.
package host // import "github.com/annotationmetrics/annotationmetricsprocessor/internal/host"

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension/xextension/storage"
)

const (
	// openTimeout is how long a start waits for a storage that cannot be opened: the
	// Collector that is replaced may still hold it.
	openTimeout = 5 * time.Second
	openPause   = 250 * time.Millisecond
)

// Storage returns the storage that a component keeps its state in, or nil if id is. It fails
// if there is no such extension. A storage that cannot be opened, after some seconds, is no
// failure: its client fails instead, and tries to open it again with every write.
func Storage(ctx context.Context, host component.Host, id *component.ID, kind component.Kind, owner component.ID) (storage.Client, error) {
	if id == nil {
		return nil, nil
	}
	found, ok := host.GetExtensions()[*id]
	if !ok {
		return nil, fmt.Errorf("`storage` must be the ID of an extension under `service::extensions`, found %q; there are: %s", id, names(host))
	}
	extension, ok := found.(storage.Extension)
	if !ok {
		return nil, fmt.Errorf("`storage` must be the ID of a storage extension, such as file_storage, found %q", id)
	}
	c := &client{open: func(ctx context.Context) (storage.Client, error) {
		return extension.GetClient(ctx, kind, owner, "")
	}}
	c.wait(ctx)
	return c, nil
}

func names(host component.Host) string {
	all := slices.Collect(maps.Keys(host.GetExtensions()))
	if len(all) == 0 {
		return "none"
	}
	var texts []string
	for _, id := range all {
		texts = append(texts, fmt.Sprintf("%q", id.String()))
	}
	slices.Sort(texts)
	return strings.Join(texts, ", ")
}

// client is a storage client that is opened when it is first used with success.
type client struct {
	open func(context.Context) (storage.Client, error)

	mu sync.Mutex
	to storage.Client
}

// wait opens the storage, and tries again for a while if that fails.
func (c *client) wait(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	for {
		// Who uses the client learns the error.
		if _, err := c.opened(ctx); err == nil {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(openPause):
		}
	}
}

func (c *client) opened(ctx context.Context) (to storage.Client, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.to != nil {
		return c.to, nil
	}
	defer func() {
		// A database file that is not one can make its library panic.
		if r := recover(); r != nil {
			to, err = nil, fmt.Errorf("the storage extension panics: %v", r)
		}
	}()
	to, err = c.open(ctx)
	if err != nil {
		return nil, fmt.Errorf("the storage cannot be opened: %w", err)
	}
	c.to = to
	return to, nil
}

func (c *client) Get(ctx context.Context, key string) ([]byte, error) {
	to, err := c.opened(ctx)
	if err != nil {
		return nil, err
	}
	return to.Get(ctx, key)
}

func (c *client) Set(ctx context.Context, key string, value []byte) error {
	return c.Batch(ctx, storage.SetOperation(key, value))
}

func (c *client) Delete(ctx context.Context, key string) error {
	return c.Batch(ctx, storage.DeleteOperation(key))
}

func (c *client) Batch(ctx context.Context, ops ...*storage.Operation) error {
	to, err := c.opened(ctx)
	if err != nil {
		return err
	}
	return to.Batch(ctx, ops...)
}

func (c *client) Close(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.to == nil {
		return nil
	}
	return c.to.Close(ctx)
}
