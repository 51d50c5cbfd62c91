// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package overhead

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
)

// fakeClock returns a clock that shows what the pointer holds and counts its reads.
func fakeClock() (now func() int64, time *int64, reads *int) {
	time, reads = new(int64), new(int)
	return func() int64 { *reads++; return *time }, time, reads
}

func TestStopwatchSplitsSmallChunksByWork(t *testing.T) {
	now, time, reads := fakeClock()
	tally := NewTally(2)
	var w Stopwatch
	w.Start(now, tally)
	w.Chunk(FineChunk - 1)
	w.Done(StageEval, 0, 30)
	w.Done(StageEval, 1, 10)
	w.Done(StageEval, Shared, 60)
	*time = 1000
	w.End(StageEval)
	assert.Equal(t, int64(300), tally.annotations[0].Time[StageEval])
	assert.Equal(t, int64(100), tally.annotations[1].Time[StageEval])
	assert.Equal(t, int64(600), tally.shared[StageEval])
	assert.Equal(t, 2, *reads, "one read per stage and chunk, and one to start")
}

func TestStopwatchReadsPerAnnotationInLargeChunks(t *testing.T) {
	now, time, reads := fakeClock()
	tally := NewTally(2)
	var w Stopwatch
	w.Start(now, tally)
	w.Chunk(FineChunk)
	*time = 40
	w.Done(StageEmit, 0, 1)
	*time = 100
	w.Done(StageEmit, 1, 1_000_000)
	*time = 105
	w.End(StageEmit)
	assert.Equal(t, int64(40), tally.annotations[0].Time[StageEmit])
	assert.Equal(t, int64(60), tally.annotations[1].Time[StageEmit])
	assert.Equal(t, int64(5), tally.shared[StageEmit])
	assert.Equal(t, 4, *reads)
}

// Skip leaves out the next consumer's time.
func TestStopwatchSkip(t *testing.T) {
	now, time, _ := fakeClock()
	tally := NewTally(0)
	var w Stopwatch
	w.Start(now, tally)
	*time = 10
	w.End(StageLoad)
	*time = 1010
	w.Skip()
	*time = 1013
	w.End(StageEmit)
	assert.Equal(t, [NumStages]int64{StageLoad: 10, StageEmit: 3}, tally.shared)
}

// However work is split, the parts add up to the time that passed.
func TestStopwatchLosesNoTime(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		now, time, _ := fakeClock()
		const annotations = 5
		tally := NewTally(annotations)
		var w Stopwatch
		w.Start(now, tally)
		for range 1 + rng.IntN(4) {
			w.Chunk(rng.IntN(2 * FineChunk))
			stage := Stage(rng.IntN(NumStages))
			for range rng.IntN(8) {
				*time += rng.Int64N(1 << rng.IntN(40))
				w.Done(stage, rng.IntN(annotations+1)-1, rng.IntN(1000))
			}
			*time += rng.Int64N(1000)
			w.End(stage)
		}
		var sum int64
		for stage := range NumStages {
			sum += tally.shared[stage]
			for i := range annotations {
				ns := tally.annotations[i].Time[stage]
				assert.GreaterOrEqual(t, ns, int64(0))
				sum += ns
			}
		}
		assert.Equal(t, *time, sum)
	}
}

// After a piece of work that was read there is nothing left of its stage; else its time is
// split now, and not in the next stage.
func TestEndAtLast(t *testing.T) {
	for _, records := range []int{FineChunk, FineChunk - 1} {
		var now int64
		tally := NewTally(2)
		var w Stopwatch
		w.Start(func() int64 { return now }, tally)
		w.Chunk(records)
		now = 10
		w.Done(StageExtract, 1, 5)
		w.EndAtLast(StageExtract)
		now = 15
		w.End(StageEmit)
		assert.EqualValues(t, 10, tally.Annotation(1).Time[StageExtract], "chunks of %d", records)
		assert.EqualValues(t, 5, tally.shared[StageEmit])
	}
}
