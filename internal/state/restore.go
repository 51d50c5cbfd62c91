// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package state

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.uber.org/zap"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/series"
)

const (
	// maxBlocks is more than an annotation has: a block has thousands of series, or takes
	// many KiB.
	maxBlocks = 1 << 20
	// maxPayloads is more than there are between the oldest and the newest of one emission.
	maxPayloads = 1 << 20
	// maxTime, in the year 2261, is later than an emission can have been.
	maxTime pcommon.Timestamp = 1<<63 - 1<<55
)

// Payload is data points that were kept, in OTLP.
type Payload struct {
	Number uint64
	OTLP   []byte
}

// Restore puts what was kept back into the families, which nobody else uses yet, and returns
// the time of the last emission, or 0, and the payloads that were not dropped, oldest first.
// What is of an annotation that has changed, or is gone, is dropped.
func (s *State) Restore(now series.Moment) (pcommon.Timestamp, []Payload) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wait = waits{failing: failingTimeout, silent: silentTimeout, last: lastTimeout}
	var kept head
	var anew []*series.Saved
	if s.read(headKey, &kept) != nil {
		return 0, nil
	}
	if kept.Time > maxTime {
		s.set.Restoring.Warn("the state is dropped: it is damaged")
		return 0, nil
	}
	s.head.Time, s.head.First, s.head.Next = kept.Time, kept.First, kept.Next
	if kept.Writer != "" {
		s.head.Writer = kept.Writer
	}
	seen := map[string]bool{}
	for _, a := range kept.Annotations {
		if a.Blocks < 0 || a.Blocks > maxBlocks || seen[a.Metric] {
			s.set.Restoring.Warn("the state of an annotation is dropped: it is damaged", zap.String("annotation", a.Metric))
			continue
		}
		seen[a.Metric] = true
		if family := s.restore(a, now); family != nil {
			family.Dirty(now, func(b *series.Saved) { anew = append(anew, b) })
		}
	}
	payloads := s.restorePayloads()
	if len(anew) > 0 {
		// At once with the head, and only now that it knows all annotations.
		s.save(anew)
	}
	return kept.Time, payloads
}

// restore puts the blocks of one annotation back. If they are other ones then, it returns
// the family.
func (s *State) restore(kept annotationHead, now series.Moment) *series.Family {
	logger := s.set.Restoring.With(zap.String("annotation", kept.Metric))
	i := slices.IndexFunc(s.set.Annotations, func(a Annotation) bool { return a.Family.Definition().Name == kept.Metric })
	if i < 0 || s.set.Annotations[i].Identity != kept.Identity {
		if i < 0 {
			logger.Info("the state of an annotation is dropped: it is not configured any more", zap.Int("blocks", kept.Blocks))
		} else {
			logger.Info("the state of an annotation is dropped: its configuration has changed, so that its series mean something else", zap.Int("blocks", kept.Blocks))
		}
		s.forget(kept)
		return nil
	}
	family := s.set.Annotations[i].Family
	var all series.Restored
	anew, unread := false, s.unread
	for number := range kept.Blocks {
		saved := &series.Saved{}
		if s.read(blockKey(kept.Metric, number), saved) != nil || saved.Epoch != kept.Epoch {
			anew = true // else it might be read when there is a block of this number again
			continue
		}
		done := series.Restored{Invalid: 1}
		if saved.Block == number {
			done = family.Restore(saved, kept.Geometry, now)
		}
		all.Series += done.Series
		all.Excess += done.Excess
		all.Invalid += done.Invalid
		all.Moved += done.Moved
	}
	anew = anew || all.Moved > 0 || kept.Bits != family.Geometry().Bits
	family.EndRestore(anew)
	if epoch := &s.head.Annotations[i].Epoch; anew {
		*epoch = rand.Uint64()
		s.forget(kept)
	} else {
		*epoch = kept.Epoch
	}
	if n := s.unread - unread; n > 0 {
		logger.Warn("series were not restored: the storage does not give what was kept of them", zap.Int("blocks", n))
	}
	if all.Excess > 0 {
		logger.Warn("series were not restored: `series_limit` is lower than it was", zap.Int("series", all.Excess))
	}
	if all.Invalid > 0 {
		logger.Warn("series were not restored: what was kept of them is damaged", zap.Int("series", all.Invalid))
	}
	logger.Info("series were restored", zap.Int("series", all.Series))
	if anew {
		return family
	}
	return nil
}

// forget has the next write delete the blocks of an annotation.
func (s *State) forget(kept annotationHead) {
	for number := range kept.Blocks {
		s.garbage = append(s.garbage, blockKey(kept.Metric, number))
	}
}

func (s *State) restorePayloads() []Payload {
	if s.head.Next-s.head.First > maxPayloads {
		s.set.Restoring.Warn("data points that were not accepted are dropped: what says how many there are is damaged")
		s.head.First = s.head.Next
	}
	var all []Payload
	unread := s.unread
	for number := s.head.First; number < s.head.Next; number++ {
		var otlp []byte
		switch err := s.read(payloadKey(number), &otlp); {
		case err == nil:
			all = append(all, Payload{Number: number, OTLP: otlp})
			s.payloads = append(s.payloads, number)
		case errors.Is(err, errNoRecord): // it was accepted before one that is older
		case errors.Is(err, errUnreadable):
			s.garbage = append(s.garbage, payloadKey(number)) // nothing leads to it any more
		default:
			s.payloads = append(s.payloads, number) // for the next start
		}
	}
	if n := s.unread - unread; n > 0 {
		s.set.Restoring.Warn("data points that were not accepted wait for the next start: the storage does not give them", zap.Int("payloads", n))
	}
	return all
}

var (
	errNoRecord   = errors.New("there is no such record")
	errUnreadable = errors.New("the record cannot be read")
)

// read reads a record. It fails with errNoRecord, errUnreadable, or because the storage does.
func (s *State) read(key string, value any) error {
	record, err := s.get(key)
	if err != nil {
		s.withheld(key, err)
		return err
	}
	if record == nil {
		return errNoRecord
	}
	if err := decode(record, value); err != nil {
		s.set.Restoring.Warn("a part of the state is dropped: it cannot be read", zap.String("key", key), zap.Error(err))
		return errUnreadable
	}
	return nil
}

// waits is how long a start still waits for reads that fail.
type waits struct {
	failing, silent, last time.Duration
	said                  bool
}

// again reports whether a read that took so long to fail is tried again.
func (w *waits) again(err error, took time.Duration) bool {
	left := &w.failing
	if errors.Is(err, context.DeadlineExceeded) {
		left = &w.silent
	}
	if *left > 0 {
		*left -= took + readPause
		return true
	}
	w.last -= took
	return false
}

// get reads a record, and tries again for a while when that fails: what is not read at the
// start is replaced by what comes. After that each record is tried once.
func (s *State) get(key string) ([]byte, error) {
	for s.wait.last > 0 {
		begin := time.Now()
		ctx, cancel := context.WithTimeout(context.Background(), timeout)
		record, err := s.set.Client.Get(ctx, key)
		cancel()
		if err == nil || !s.wait.again(err, time.Since(begin)) {
			return record, err
		}
		if !s.wait.said {
			s.wait.said = true
			s.set.Restoring.Warn("the storage cannot be read, and the start waits for it", zap.String("key", key), zap.Error(err))
		}
		time.Sleep(readPause)
	}
	return nil, errRetry
}

// withheld counts, logs and reports that the storage does not give a record at the start.
func (s *State) withheld(key string, err error) {
	s.unread++
	s.set.Failed()
	if s.failing {
		return // what is lacking is told by annotation
	}
	s.failing = true
	s.set.Restoring.Error("not all that was kept can be read; what cannot is as if it had never been, and will be replaced: does another Collector hold the storage?",
		zap.String("key", key), zap.Error(err))
	s.set.Status(fmt.Errorf("the state cannot be read: %w", err))
}
