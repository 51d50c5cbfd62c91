// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package state

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"go.opentelemetry.io/collector/extension/xextension/storage"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.uber.org/zap"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/series"
)

// Annotation is what is kept of one.
type Annotation struct {
	Family *series.Family
	// Identity is equal as long as the series mean the same.
	Identity string
}

// Settings say what a State works with.
type Settings struct {
	// Client is expected to return soon after its context is done, and not to panic. If it may
	// leave calls behind then, Wait(context.Context) waits for them.
	Client storage.Client
	// Annotations are in the order of the config.
	Annotations []Annotation
	// Writer is what the writer attribute is to receive if nothing is kept yet.
	Writer string
	// Failed is called for each write that failed, and when nothing can be read at the start.
	Failed func()
	// Status is told when the storage begins to fail, and with nil when it works again.
	Status func(error)
	// Logger is expected to limit the rate of equal messages, Restoring not to: what it logs
	// comes once in a start, for each annotation.
	Logger, Restoring *zap.Logger
}

// State keeps the series of a component.
type State struct {
	set Settings

	epochs map[string]int // positions in head.Annotations, by metric

	mu       sync.Mutex
	head     head
	known    []byte    // the head as it was last written
	payloads []uint64  // those that were not dropped
	garbage  []string  // keys to be deleted with the next write
	retry    time.Time // until then nothing is tried
	failing  bool
	closed   bool

	// For the start: how long reads may still fail, not be answered, and fail after that; how
	// many have failed for good.
	wait   waits
	unread int
}

const (
	// timeout is for one operation. It is shorter than the last emission may take, so that this
	// still has time to be accepted when the storage hangs.
	timeout = 5 * time.Second
	// failingTimeout is how long a start waits for a storage that cannot be read, which the
	// Collector that is replaced may still hold, and silentTimeout for one that does not answer,
	// which may be compacting its file. What it reads with success does not count.
	failingTimeout = 10 * time.Second
	silentTimeout  = time.Minute
	readPause      = 250 * time.Millisecond
	// Then each record is tried once, until this has gone by in vain.
	lastTimeout = 10 * time.Second
	// A storage that took longer than slow to fail is left alone for patience times as
	// long, so that trying it costs an emission of hundreds of blocks a part of its time only.
	slow     = 100 * time.Millisecond
	patience = 10
)

var errRetry = errors.New("it took long to fail before")

// New returns a state that nothing is restored from yet.
func New(set Settings) *State {
	s := &State{set: set, head: head{Writer: set.Writer}, epochs: map[string]int{}}
	for i, a := range set.Annotations {
		name := a.Family.Definition().Name
		s.epochs[name] = i
		s.head.Annotations = append(s.head.Annotations, annotationHead{
			Metric: name, Identity: a.Identity, Epoch: rand.Uint64(), Geometry: a.Family.Geometry(),
		})
	}
	return s
}

// Writer is the value of the writer attribute.
func (s *State) Writer() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.head.Writer
}

// Begin keeps the time of an emission that is about to begin, and which blocks there are.
func (s *State) Begin(t pcommon.Timestamp) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.head.Time = max(s.head.Time, t)
	s.write(s.headOps())
}

// Save keeps blocks and payloads, all of them or none. It returns the numbers of the
// payloads, by which Drop forgets them, or false if nothing could be kept: then the blocks
// are told so.
func (s *State) Save(blocks []*series.Saved, payloads ...[]byte) (numbers []uint64, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.save(blocks, payloads...)
}

func (s *State) save(blocks []*series.Saved, payloads ...[]byte) (numbers []uint64, ok bool) {
	before := s.head.Next
	ops, err := s.blockOps(blocks)
	for _, payload := range payloads {
		var record []byte
		if record, err = encode(payload); err != nil {
			break
		}
		numbers = append(numbers, s.head.Next)
		s.payloads = append(s.payloads, s.head.Next)
		ops = append(ops, storage.SetOperation(payloadKey(s.head.Next), record))
		s.head.Next++
	}
	if err != nil {
		s.booked(err)
	} else if s.write(append(ops, s.headOps()...)) {
		return numbers, true
	}
	for _, b := range blocks {
		b.Unsaved()
	}
	s.payloads = s.payloads[:len(s.payloads)-len(numbers)]
	s.head.Next = before
	return nil, false
}

func (s *State) blockOps(blocks []*series.Saved) ([]*storage.Operation, error) {
	var ops []*storage.Operation
	for _, b := range blocks {
		b.Epoch = s.head.Annotations[s.epochs[b.Metric()]].Epoch
		record, err := encode(b)
		if err != nil {
			return nil, err
		}
		ops = append(ops, storage.SetOperation(blockKey(b.Metric(), b.Block), record))
	}
	return ops, nil
}

// SaveDirty keeps the blocks that have changed since they were last kept, of the annotations
// that which chooses by their position. It returns false if one could not be.
func (s *State) SaveDirty(now series.Moment, which func(int) bool) bool {
	ok := true
	for i, a := range s.set.Annotations {
		if !which(i) {
			continue
		}
		a.Family.Dirty(now, func(b *series.Saved) {
			_, saved := s.Save([]*series.Saved{b})
			ok = ok && saved
		})
	}
	return ok
}

// Drop forgets payloads. If that fails and a crash follows, they are sent once more.
func (s *State) Drop(numbers ...uint64) {
	if len(numbers) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, number := range numbers {
		s.garbage = append(s.garbage, payloadKey(number))
		s.payloads = slices.DeleteFunc(s.payloads, func(n uint64) bool { return n == number })
	}
	s.write(nil)
}

// Retry has the next write try the storage, however long that took to fail before. If it has
// not answered yet, Retry gives it some time to.
func (s *State) Retry() {
	if late, ok := s.set.Client.(interface{ Wait(ctx context.Context) }); ok {
		ctx, cancel := context.WithTimeout(context.Background(), timeout)
		late.Wait(ctx)
		cancel()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.retry = time.Time{}
}

// Close lets go of the storage.
func (s *State) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	if err := s.set.Client.Close(context.Background()); err != nil {
		s.set.Logger.Warn("the storage cannot be closed", zap.Error(err))
	}
}

// headOps returns what writes the head, if it has changed.
func (s *State) headOps() []*storage.Operation {
	for i, a := range s.set.Annotations {
		s.head.Annotations[i].Geometry = a.Family.Geometry()
	}
	if s.head.First = s.head.Next; len(s.payloads) > 0 {
		s.head.First = s.payloads[0]
	}
	record, err := encode(s.head)
	if err != nil {
		s.booked(err)
		return nil
	}
	if slices.Equal(record, s.known) {
		return nil
	}
	s.known = record
	return []*storage.Operation{storage.SetOperation(headKey, record)}
}

// write carries out operations, all of them or none, once the garbage is deleted.
func (s *State) write(ops []*storage.Operation) bool {
	if s.closed {
		return false
	}
	all := make([]*storage.Operation, 0, len(s.garbage)+len(ops))
	for _, key := range s.garbage {
		all = append(all, storage.DeleteOperation(key))
	}
	if all = append(all, ops...); len(all) == 0 {
		return true
	}
	err := s.try(all)
	if errors.Is(err, errRetry) {
		s.known = nil
		return false // the failure before it has been booked
	}
	s.booked(err)
	if err == nil {
		s.garbage = nil
	}
	return err == nil
}

// try has the storage carry out operations, unless it took long to fail not long ago.
func (s *State) try(ops []*storage.Operation) error {
	begin := time.Now()
	if begin.Before(s.retry) {
		return errRetry
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	err := s.set.Client.Batch(ctx, ops...)
	switch took := time.Since(begin); {
	case err == nil:
	case took > slow:
		s.retry = time.Now().Add(patience * took)
	case errors.Is(err, context.DeadlineExceeded): // it has still not answered what was asked before
		s.retry = time.Now().Add(patience * slow)
	}
	return err
}

// booked counts, logs and reports what became of a write.
func (s *State) booked(err error) {
	switch {
	case err != nil:
		s.known = nil
		s.set.Failed()
		s.set.Logger.Error("the state cannot be saved; metrics go on, but a restart would lose what is not saved", zap.Error(err))
		if !s.failing {
			s.set.Status(fmt.Errorf("the state cannot be saved: %w", err))
		}
	case s.failing:
		s.set.Logger.Info("the state is saved, after a failure")
		s.set.Status(nil)
	}
	s.failing = err != nil
}
