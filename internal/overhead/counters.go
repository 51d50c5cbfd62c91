// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package overhead

import (
	"math"
	"sync/atomic"
)

// Counter is a non-negative int64 that only grows. It saturates at math.MaxInt64 and
// loses no update under concurrency. The zero value is ready for use.
type Counter struct {
	n atomic.Int64
}

// Add adds n. What is not positive adds nothing.
func (c *Counter) Add(n int64) {
	if n <= 0 {
		return
	}
	// Compare-and-swap rather than Add: two adders that wrap at once could otherwise
	// carry the sum past zero again before either of them repairs it.
	for {
		old := c.n.Load()
		sum := old + n
		if sum < old {
			sum = math.MaxInt64
		}
		if c.n.CompareAndSwap(old, sum) {
			return
		}
	}
}

// Load returns the current value.
func (c *Counter) Load() int64 {
	return c.n.Load()
}

func (c *Counter) reset() {
	c.n.Store(0)
}

// Counters are the figures of one component over its life, shared by pointer between all
// who add and all who read. Every method is safe for concurrent use.
type Counters struct {
	shared      [NumStages]Counter
	refused     Counter
	annotations []annotationCounters
}

type annotationCounters struct {
	time       [NumStages]Counter
	records    [NumOutcomes]Counter
	overflowed Counter
	truncated  Counter
	// Annotations are counted by different goroutines at the same time; the padding
	// keeps the end of one off the cache line on which the next begins.
	_ [64]byte
}

// NewCounters returns counters, all zero, for so many annotations.
func NewCounters(annotations int) *Counters {
	return &Counters{annotations: make([]annotationCounters, annotations)}
}

// AddTime adds the times of t and sets them to zero.
func (c *Counters) AddTime(t *Tally) {
	for stage := range t.shared {
		c.shared[stage].Add(t.shared[stage])
	}
	t.shared = [NumStages]int64{}
	for i := range t.annotations {
		from, to := &t.annotations[i], &c.annotations[i]
		for stage := range from.Time {
			to.time[stage].Add(from.Time[stage])
		}
		from.Time = [NumStages]int64{}
	}
}

// AddRecords adds the outcomes of t and the other counts of records, and sets them to
// zero.
func (c *Counters) AddRecords(t *Tally) {
	for i := range t.annotations {
		from, to := &t.annotations[i], &c.annotations[i]
		for outcome := range from.Records {
			to.records[outcome].Add(from.Records[outcome])
		}
		to.overflowed.Add(from.Overflowed)
		to.truncated.Add(from.Truncated)
		from.Records, from.Overflowed, from.Truncated = [NumOutcomes]int64{}, 0, 0
	}
}

// AddRefused counts n records of calls that were not final.
func (c *Counters) AddRefused(n int) {
	c.refused.Add(int64(n))
}

// Snapshot is a copy of Counters as plain numbers.
type Snapshot struct {
	// Shared is the time, in nanoseconds, that belongs to no single annotation.
	Shared [NumStages]int64
	// Refused counts the records of calls that were not final.
	Refused int64
	// Annotations holds the figures of each annotation, in the order of the config.
	Annotations []AnnotationFigures
}

// AnnotationFigures are the figures of one annotation.
type AnnotationFigures struct {
	// Time per stage, in nanoseconds.
	Time [NumStages]int64
	// Records per outcome.
	Records [NumOutcomes]int64
	// Overflowed counts the matched records that went to the overflow series.
	Overflowed int64
	// Truncated counts the label values of matched records that were cut.
	Truncated int64
}

// Snapshot copies every counter. Each is read atomically, all of them together are not.
func (c *Counters) Snapshot() Snapshot {
	s := Snapshot{Refused: c.refused.Load(), Annotations: make([]AnnotationFigures, len(c.annotations))}
	for stage := range c.shared {
		s.Shared[stage] = c.shared[stage].Load()
	}
	for i := range c.annotations {
		from, to := &c.annotations[i], &s.Annotations[i]
		for stage := range from.time {
			to.Time[stage] = from.time[stage].Load()
		}
		for outcome := range from.records {
			to.Records[outcome] = from.records[outcome].Load()
		}
		to.Overflowed, to.Truncated = from.overflowed.Load(), from.truncated.Load()
	}
	return s
}

// Reset sets every counter to zero, for a new life of the component and for tests: an
// exported sum must never go back while somebody reads it.
func (c *Counters) Reset() {
	for stage := range c.shared {
		c.shared[stage].reset()
	}
	c.refused.reset()
	for i := range c.annotations {
		a := &c.annotations[i]
		for stage := range a.time {
			a.time[stage].reset()
		}
		for outcome := range a.records {
			a.records[outcome].reset()
		}
		a.overflowed.reset()
		a.truncated.reset()
	}
}
