// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package doortest

import (
	"context"
	"maps"
	"slices"
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/extension/xextension/storage"
)

// StorageID is the ID of the storage extension that a Host has.
var StorageID = component.MustNewID("memory_storage")

// Host has a storage in memory, and keeps what components report. It is safe for concurrent
// use.
type Host struct {
	// Storage is what the host's only extension keeps.
	Storage *Storage

	mu     sync.Mutex
	events []*componentstatus.Event
}

// NewHost returns a host with a storage that holds contents.
func NewHost(contents map[string][]byte) *Host {
	return &Host{Storage: &Storage{contents: maps.Clone(contents)}}
}

// GetExtensions implements component.Host.
func (h *Host) GetExtensions() map[component.ID]component.Component {
	return map[component.ID]component.Component{StorageID: h.Storage}
}

// Report implements componentstatus.Reporter.
func (h *Host) Report(e *componentstatus.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.events = append(h.events, e)
}

// Events returns what was reported, in order.
func (h *Host) Events() []*componentstatus.Event {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.events)
}

// Statuses returns the statuses that were reported, in order.
func (h *Host) Statuses() []componentstatus.Status {
	var all []componentstatus.Status
	for _, e := range h.Events() {
		all = append(all, e.Status())
	}
	return all
}

// Storage is a storage extension in memory with clients that share what it holds. It is safe
// for concurrent use.
type Storage struct {
	mu       sync.Mutex
	contents map[string][]byte
	opened   int
	closed   int
	batch    func(ops []*storage.Operation) error
	open     func() error
	written  func(contents map[string][]byte)
}

// OnBatch has f asked before each batch, which fails with the error that f returns.
func (s *Storage) OnBatch(f func(ops []*storage.Operation) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.batch = f
}

// OnOpen has f asked before each client is opened.
func (s *Storage) OnOpen(f func() error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open = f
}

// OnWritten has f told what the storage holds after each batch that succeeded.
func (s *Storage) OnWritten(f func(contents map[string][]byte)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.written = f
}

// Contents returns what the storage holds.
func (s *Storage) Contents() map[string][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.contents)
}

// Clients returns how many clients were opened, and how many of them closed.
func (s *Storage) Clients() (opened, closed int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.opened, s.closed
}

// Start implements component.Component.
func (*Storage) Start(context.Context, component.Host) error { return nil }

// Shutdown implements component.Component.
func (*Storage) Shutdown(context.Context) error { return nil }

// GetClient implements storage.Extension.
func (s *Storage) GetClient(context.Context, component.Kind, component.ID, string) (storage.Client, error) {
	s.mu.Lock()
	open := s.open
	s.mu.Unlock()
	if open != nil {
		if err := open(); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opened++
	return &storageClient{storage: s}, nil
}

type storageClient struct {
	storage *Storage
	once    sync.Once
}

func (c *storageClient) Get(ctx context.Context, key string) ([]byte, error) {
	op := storage.GetOperation(key)
	err := c.Batch(ctx, op)
	return op.Value, err
}

func (c *storageClient) Set(ctx context.Context, key string, value []byte) error {
	return c.Batch(ctx, storage.SetOperation(key, value))
}

func (c *storageClient) Delete(ctx context.Context, key string) error {
	return c.Batch(ctx, storage.DeleteOperation(key))
}

func (c *storageClient) Batch(_ context.Context, ops ...*storage.Operation) error {
	s := c.storage
	s.mu.Lock()
	batch := s.batch
	s.mu.Unlock()
	if batch != nil { // not under the lock: it may wait
		if err := batch(ops); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.contents == nil {
		s.contents = map[string][]byte{}
	}
	wrote := false
	for _, op := range ops {
		switch op.Type {
		case storage.Get:
			op.Value = s.contents[op.Key]
			continue
		case storage.Set:
			s.contents[op.Key] = op.Value
		case storage.Delete:
			delete(s.contents, op.Key)
		}
		wrote = true
	}
	if wrote && s.written != nil {
		s.written(maps.Clone(s.contents))
	}
	return nil
}

func (c *storageClient) Close(context.Context) error {
	c.once.Do(func() {
		c.storage.mu.Lock()
		defer c.storage.mu.Unlock()
		c.storage.closed++
	})
	return nil
}
