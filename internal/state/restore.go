// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package state

import (
	"context"
	"slices"

	"go.opentelemetry.io/collector/extension/xextension/storage"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.uber.org/zap"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/series"
)

// maxBlocks is more than an annotation can have: 2^32 series in the smallest blocks.
const maxBlocks = 1 << 28

// maxPayloads is more than there can be between the oldest and the newest of one emission.
const maxPayloads = 1 << 24

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
	defer func() {
		for _, a := range s.set.Annotations {
			a.Family.EndRestore()
		}
	}()
	var kept head
	if !s.read(headKey, &kept) {
		return 0, nil
	}
	s.head.Time, s.head.First, s.head.Next = kept.Time, kept.First, kept.Next
	if kept.Writer != "" {
		s.head.Writer = kept.Writer
	}
	for _, a := range kept.Annotations {
		if a.Blocks < 0 || a.Blocks > maxBlocks || a.Bits > 31 {
			s.set.Logger.Warn("the state of an annotation is dropped: it is damaged", zap.String("annotation", a.Metric))
			continue
		}
		s.restore(a, now)
	}
	return kept.Time, s.restorePayloads()
}

// restore puts the blocks of one annotation back.
func (s *State) restore(kept annotationHead, now series.Moment) {
	logger := s.set.Logger.With(zap.String("annotation", kept.Metric))
	i := slices.IndexFunc(s.set.Annotations, func(a Annotation) bool { return a.Family.Definition().Name == kept.Metric })
	if i < 0 || s.set.Annotations[i].Identity != kept.Identity {
		if i < 0 {
			logger.Info("the state of an annotation is dropped: it is not configured any more", zap.Int("blocks", kept.Blocks))
		} else {
			logger.Info("the state of an annotation is dropped: its configuration has changed, so that its series mean something else", zap.Int("blocks", kept.Blocks))
		}
		s.forget(kept)
		return
	}
	family := s.set.Annotations[i].Family
	var all series.Restored
	for number := range kept.Blocks {
		saved := &series.Saved{}
		if !s.read(blockKey(kept.Metric, number), saved) {
			continue
		}
		done := series.Restored{Invalid: 1}
		if saved.Block == number {
			done = family.Restore(saved, kept.Geometry, now)
		}
		all.Series += done.Series
		all.Excess += done.Excess
		all.Invalid += done.Invalid
	}
	if kept.Bits != family.Geometry().Bits {
		// The blocks that there are now have other numbers.
		s.forget(kept)
	}
	if all.Excess > 0 {
		logger.Warn("series were not restored: `series_limit` is lower than it was", zap.Int("series", all.Excess))
	}
	if all.Invalid > 0 {
		logger.Warn("series were not restored: what was kept of them is damaged", zap.Int("series", all.Invalid))
	}
	logger.Info("series were restored", zap.Int("series", all.Series))
}

// forget drops the blocks of an annotation.
func (s *State) forget(kept annotationHead) {
	var ops []*storage.Operation
	for number := range kept.Blocks {
		ops = append(ops, storage.DeleteOperation(blockKey(kept.Metric, number)))
	}
	s.write(ops)
}

func (s *State) restorePayloads() []Payload {
	if s.head.Next-s.head.First > maxPayloads {
		s.set.Logger.Warn("data points that were not accepted are dropped: what says how many there are is damaged")
		s.head.First = s.head.Next
	}
	var all []Payload
	for number := s.head.First; number < s.head.Next; number++ {
		var otlp []byte
		if s.read(payloadKey(number), &otlp) {
			all = append(all, Payload{Number: number, OTLP: otlp})
			s.payloads = append(s.payloads, number)
		}
	}
	return all
}

// read reads a record. It returns false if there is none that can be read.
func (s *State) read(key string, value any) bool {
	var record []byte
	err := guard(func() (err error) {
		record, err = s.set.Client.Get(context.Background(), key)
		return err
	})
	if err == nil && record == nil {
		return false
	}
	if err == nil {
		// Also gob may not expect what somebody else has written.
		err = guard(func() error { return decode(record, value) })
	}
	if err != nil {
		s.set.Logger.Warn("a part of the state is dropped: it cannot be read", zap.String("key", key), zap.Error(err))
	}
	return err == nil
}
