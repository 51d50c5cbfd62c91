// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package overhead

import (
	"math"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCounterConcurrentSafe(t *testing.T) {
	const goroutines, adds = 16, 10_000
	var c Counter
	var wg sync.WaitGroup
	for range goroutines {
		wg.Go(func() {
			for range adds {
				c.Add(3)
			}
		})
	}
	wg.Wait()
	assert.Equal(t, int64(goroutines*adds*3), c.Load())
}

func TestCounterSaturates(t *testing.T) {
	var c Counter
	c.Add(math.MaxInt64 - 1)
	c.Add(1)
	assert.Equal(t, int64(math.MaxInt64), c.Load())
	c.Add(1)
	c.Add(math.MaxInt64)
	assert.Equal(t, int64(math.MaxInt64), c.Load())
}

// A saturated counter stays so while many add at once: no two additions together carry
// it round to a small number.
func TestCounterSaturatesConcurrentSafe(t *testing.T) {
	var c Counter
	c.Add(math.MaxInt64)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 1000 {
				c.Add(math.MaxInt64)
				if c.Load() != math.MaxInt64 {
					assert.Fail(t, "the counter left its maximum")
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestCounterOnlyGrows(t *testing.T) {
	var c Counter
	c.Add(5)
	c.Add(0)
	c.Add(-3)
	c.Add(math.MinInt64)
	assert.Equal(t, int64(5), c.Load())
}

// Steps shorter than a microsecond are not rounded away.
func TestSubMicrosecondAddsAddUp(t *testing.T) {
	counters, tally := NewCounters(1), NewTally(1)
	for range 1000 {
		tally.addTime(StageEval, 0, 300)
		counters.AddTime(tally)
	}
	assert.Equal(t, int64(300*time.Microsecond), counters.Snapshot().Annotations[0].Time[StageEval])
}

func TestCountersConcurrentSafe(t *testing.T) {
	const goroutines, batches = 8, 500
	counters := NewCounters(3)
	var wg sync.WaitGroup
	for range goroutines {
		wg.Go(func() {
			tally := NewTally(3)
			for range batches {
				for i := range 3 {
					figures := tally.Annotation(i)
					figures.Records[Matched] += int64(i + 1)
					figures.Overflowed++
					figures.Truncated += 2
					tally.addTime(StageEmit, i, 7)
				}
				tally.addTime(StageLoad, Shared, 11)
				counters.AddRecords(tally)
				counters.AddTime(tally)
				counters.AddRefused(1)
			}
		})
	}
	wg.Wait()
	s := counters.Snapshot()
	const n = goroutines * batches
	for i := range 3 {
		assert.Equal(t, int64(n*(i+1)), s.Annotations[i].Records[Matched])
		assert.Equal(t, int64(n), s.Annotations[i].Overflowed)
		assert.Equal(t, int64(2*n), s.Annotations[i].Truncated)
		assert.Equal(t, int64(7*n), s.Annotations[i].Time[StageEmit])
	}
	assert.Equal(t, int64(11*n), s.Shared[StageLoad])
	assert.Equal(t, int64(n), s.Refused)
}

// Adding leaves the tally empty, so that adding it twice counts once.
func TestAddEmptiesTally(t *testing.T) {
	counters, tally := NewCounters(1), NewTally(1)
	tally.Annotation(0).Records[Filtered] = 4
	tally.addTime(StageFlush, 0, 5)
	for range 2 {
		counters.AddRecords(tally)
		counters.AddTime(tally)
	}
	s := counters.Snapshot()
	assert.Equal(t, int64(4), s.Annotations[0].Records[Filtered])
	assert.Equal(t, int64(5), s.Annotations[0].Time[StageFlush])
	assert.Equal(t, NewTally(1), tally)
}

func TestSnapshotIsACopyAndResetStartsAnew(t *testing.T) {
	counters, tally := NewCounters(2), NewTally(2)
	handle := counters // shared by pointer: both see the same figures
	tally.Annotation(1).Records[Matched] = 9
	tally.Annotation(1).Overflowed = 1
	tally.Annotation(1).Truncated = 1
	tally.addTime(StageLoad, Shared, 3)
	tally.addTime(StageEval, 1, 3)
	handle.AddRecords(tally)
	handle.AddTime(tally)
	handle.AddRefused(2)
	before := counters.Snapshot()
	require.Equal(t, int64(9), before.Annotations[1].Records[Matched])

	counters.Reset()
	assert.Equal(t, NewCounters(2).Snapshot(), handle.Snapshot())
	assert.Equal(t, int64(9), before.Annotations[1].Records[Matched], "a snapshot does not change")
}

func TestNames(t *testing.T) {
	for stage := range NumStages {
		assert.NotEmpty(t, Stage(stage).String())
	}
	assert.Equal(t, "flush", StageFlush.String())
	for outcome := range NumOutcomes {
		assert.NotEmpty(t, Outcome(outcome).String())
	}
	assert.Equal(t, "sampled_out", SampledOut.String())
	assert.Equal(t, "matched", Matched.String())
}

func TestNowIsMonotonic(t *testing.T) {
	last := Now()
	for range 1000 {
		now := Now()
		require.GreaterOrEqual(t, now, last)
		last = now
	}
}
