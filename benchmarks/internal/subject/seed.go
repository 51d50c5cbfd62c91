// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package subject

import (
	"errors"

	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/rules"
	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/seed"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/overhead"
)

// Seed keeps the accounts of each record as one of the seed's designs did, and does
// nothing else. It reads the clock that annotation_metrics reads.
type Seed struct {
	records int
	design  seed.Design
}

// The kinds of the seed's designs.
var (
	LockPerCallKind   = seedKind("a lock per call", func() seed.Design { return &seed.Locked{} })
	AtomicPerCallKind = seedKind("an atomic per call", func() seed.Design { return &seed.Atomic{} })
)

func seedKind(name string, design func() seed.Design) Kind {
	return Kind{name, func(l Load, _ rules.Set) (Subject, error) {
		return &Seed{records: len(l.Data.Records), design: design()}, nil
	}}
}

// Pass accounts for each record of the load.
func (s *Seed) Pass() error {
	seed.Account(s.design, s.records, overhead.Now)
	return nil
}

// Close accounts for the same records once more by a clock whose steps are known.
func (s *Seed) Close() error {
	const step = 3 // microseconds
	before, clock, records := s.design.Durations(), int64(0), int64(s.records)
	seed.Account(s.design, s.records, func() int64 { clock += step * 1000; return clock })
	after := s.design.Durations()
	return errors.Join(
		differs("the microseconds of conditions", records*seed.Annotations*step, int64(after.Condition-before.Condition)),
		differs("the microseconds of extractions", records*seed.Annotations*step, int64(after.Extraction-before.Extraction)),
		differs("the microseconds of records", records*(4*seed.Annotations+1)*step, int64(after.Total-before.Total)),
	)
}
