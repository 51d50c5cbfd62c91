// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package overhead

// Shared is the owner of work that serves more than one annotation.
const Shared = -1

// FineChunk is the chunk size, in records, from which on the clock is also read within a
// stage, where the owner of the work changes. In smaller chunks it is read once a stage, whose
// time is split by the work counted, so that asking for the price does not become the price.
const FineChunk = 256

// Stopwatch gives the time that passes to stages and, within a stage, to the
// annotations that it was spent on. What is read as the end of one piece is the
// beginning of the next, so that no time is lost and none counts twice.
// It belongs to one goroutine. The zero value is unusable; call Start.
type Stopwatch struct {
	now   func() int64
	tally *Tally
	last  int64
	fine  bool
	owner int // in fine chunks: whose the time since last is
	work  []pieceOfWork
}

type pieceOfWork struct {
	owner  int
	amount int64
}

// Start begins to measure into t, reading the clock once. Without a clock nothing is
// measured.
func (w *Stopwatch) Start(now func() int64, t *Tally) {
	w.now, w.tally, w.owner, w.work = now, t, Shared, w.work[:0]
	w.Skip()
}

// Chunk says how many records the work to come handles at once.
func (w *Stopwatch) Chunk(records int) {
	w.fine = records >= FineChunk
}

// For says whose the work of a stage is that follows, up to the next For or the end of the
// stage, and how much it is, in any unit that the stage's pieces have in common. Before the
// first For it is shared. The clock is read only where the owner changes.
func (w *Stopwatch) For(stage Stage, owner, amount int) {
	switch {
	case w.now == nil:
	case !w.fine:
		w.work = append(w.work, pieceOfWork{owner: owner, amount: int64(amount)})
	case owner != w.owner:
		w.tally.addTime(stage, w.owner, w.lap())
		w.owner = owner
	}
}

// End ends a stage. What no piece of work accounts for is shared.
func (w *Stopwatch) End(stage Stage) {
	if w.now == nil {
		return
	}
	elapsed := w.lap()
	rest := elapsed
	var total int64
	for _, p := range w.work {
		total += p.amount
	}
	if total > 0 {
		// In floating point: a long stage times a lot of work exceeds an int64.
		each := float64(elapsed) / float64(total)
		for _, p := range w.work {
			share := min(int64(each*float64(p.amount)), rest)
			w.tally.addTime(stage, p.owner, share)
			rest -= share
		}
	}
	w.work = w.work[:0]
	w.tally.addTime(stage, w.owner, rest)
	w.owner = Shared
}

// Now returns the last reading of the clock. Without a clock it reads the monotonic one.
func (w *Stopwatch) Now() int64 {
	if w.now == nil {
		return Now()
	}
	return w.last
}

// Skip leaves out the time since the last reading, which was not ours.
func (w *Stopwatch) Skip() {
	if w.now != nil {
		w.last = w.now()
	}
}

func (w *Stopwatch) lap() int64 {
	now := w.now()
	elapsed := now - w.last
	w.last = now
	return elapsed
}
