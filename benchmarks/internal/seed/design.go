// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package seed

import (
	"math"
	"math/bits"
	"sync"
	"sync/atomic"
)

// Annotations is how many annotations a record passes.
const Annotations = 10

// Design keeps three durations.
type Design interface {
	// The methods to add nanoseconds, of which whole microseconds are kept.
	addCondition(ns int64)
	addExtraction(ns int64)
	addTotal(ns int64)
	// Durations returns what was added, in microseconds.
	Durations() Durations
}

// Durations are in microseconds.
type Durations struct {
	Condition, Extraction, Total uint64
}

// Account times what happens to so many records, which is nothing: what is left is the
// price of the accounts. now reads the clock, in nanoseconds.
func Account(d Design, records int, now func() int64) {
	for range records {
		whole := now()
		for range Annotations {
			start := now()
			d.addCondition(now() - start)
			start = now()
			d.addExtraction(now() - start)
		}
		d.addTotal(now() - whole)
	}
}

// Locked is the first design: a lock for each call.
type Locked struct {
	mu        sync.RWMutex
	durations Durations
}

func (l *Locked) addCondition(ns int64) {
	l.mu.Lock()
	l.durations.Condition = saturate(l.durations.Condition, ns)
	l.mu.Unlock()
}

func (l *Locked) addExtraction(ns int64) {
	l.mu.Lock()
	l.durations.Extraction = saturate(l.durations.Extraction, ns)
	l.mu.Unlock()
}

func (l *Locked) addTotal(ns int64) {
	l.mu.Lock()
	l.durations.Total = saturate(l.durations.Total, ns)
	l.mu.Unlock()
}

// Durations implements Design.
func (l *Locked) Durations() Durations {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.durations
}

// Atomic is the second design: a load, a saturating addition and a store for each call,
// which loses updates when there is more than one writer.
type Atomic struct {
	condition, extraction, total atomic.Uint64
}

func (a *Atomic) addCondition(ns int64) {
	a.condition.Store(saturate(a.condition.Load(), ns))
}

func (a *Atomic) addExtraction(ns int64) {
	a.extraction.Store(saturate(a.extraction.Load(), ns))
}

func (a *Atomic) addTotal(ns int64) {
	a.total.Store(saturate(a.total.Load(), ns))
}

// Durations implements Design.
func (a *Atomic) Durations() Durations {
	return Durations{Condition: a.condition.Load(), Extraction: a.extraction.Load(), Total: a.total.Load()}
}

func saturate(us uint64, ns int64) uint64 {
	sum, carry := bits.Add64(us, uint64(ns)/1000, 0)
	if carry != 0 {
		return math.MaxUint64
	}
	return sum
}
