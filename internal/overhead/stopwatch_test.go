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
	w.For(StageEval, 0, 30)
	w.For(StageEval, 1, 10)
	w.For(StageEval, Shared, 60)
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
	*time = 5
	w.For(StageEmit, 0, 1)
	*time = 35
	w.For(StageEmit, 0, 1)
	*time = 45
	w.For(StageEmit, 1, 1_000_000)
	*time = 90
	w.For(StageEmit, Shared, 1)
	w.For(StageEmit, 1, 1)
	*time = 105
	w.End(StageEmit)
	assert.Equal(t, int64(40), tally.annotations[0].Time[StageEmit])
	assert.Equal(t, int64(60), tally.annotations[1].Time[StageEmit])
	assert.Equal(t, int64(5), tally.shared[StageEmit])
	assert.Equal(t, 6, *reads, "none where the owner stays the same")
	*time = 106
	w.End(StageLoad)
	assert.Equal(t, int64(1), tally.shared[StageLoad], "a new stage is shared until somebody's work begins")
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
				w.For(stage, rng.IntN(annotations+1)-1, rng.IntN(1000))
				*time += rng.Int64N(1 << rng.IntN(40))
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
