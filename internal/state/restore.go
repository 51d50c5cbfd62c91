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
	s.reading = time.Now()
	var kept head
	var anew []*series.Saved
	if !s.read(headKey, &kept) {
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
		if !s.read(blockKey(kept.Metric, number), saved) || saved.Epoch != kept.Epoch {
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
	for number := s.head.First; number < s.head.Next; number++ {
		var otlp []byte
		if s.read(payloadKey(number), &otlp) {
			all = append(all, Payload{Number: number, OTLP: otlp})
			s.payloads = append(s.payloads, number)
		} else {
			s.garbage = append(s.garbage, payloadKey(number)) // nothing leads to it any more
		}
	}
	return all
}

// read reads a record. It returns false if there is none that can be read.
func (s *State) read(key string, value any) bool {
	record, err := s.get(key)
	if err != nil {
		s.unreadable(err)
		return false
	}
	if record == nil {
		return false
	}
	if err = decode(record, value); err != nil {
		s.set.Restoring.Warn("a part of the state is dropped: it cannot be read", zap.String("key", key), zap.Error(err))
	}
	return err == nil
}

// get reads a record, and tries again for a while when that fails: what is not read at the
// start is replaced by what comes. After that each record is tried once, unless it takes long to
// fail.
func (s *State) get(key string) ([]byte, error) {
	for !s.gaveUp {
		begin := time.Now()
		ctx, cancel := context.WithTimeout(context.Background(), timeout)
		record, err := s.set.Client.Get(ctx, key)
		cancel()
		if err == nil {
			return record, nil
		}
		limit := failingTimeout
		if errors.Is(err, context.DeadlineExceeded) {
			limit = silentTimeout
		}
		if time.Since(s.reading) > limit {
			s.gaveUp = time.Since(begin) > slow
			return nil, err
		}
		if !s.waited {
			s.waited = true
			s.set.Restoring.Warn("the storage cannot be read, and the start waits for it", zap.Duration("at most", limit), zap.Error(err))
		}
		time.Sleep(readPause)
	}
	return nil, errRetry
}

// unreadable counts, logs and reports that the storage does not answer at the start.
func (s *State) unreadable(err error) {
	s.unread++
	s.set.Failed()
	if s.failing {
		return // each annotation says what it lacks
	}
	s.failing = true
	s.set.Restoring.Error("what was kept cannot be read, as if there were nothing, and will be replaced as soon as the storage can be used: does another Collector hold it?", zap.Error(err))
	s.set.Status(fmt.Errorf("the state cannot be read: %w", err))
}
