// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"

	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/columns"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/labels"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/overhead"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/plan"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/series"
)

// Batch is what one call's logs add to the metrics, staged but not yet counted. Exactly
// one of Commit and Refuse ends it; after that it must not be used. It owns its memory:
// nothing in it points into the logs.
type Batch struct {
	engine  *Engine
	records int
	tuples  []labels.Tuples               // by the plan's tuples
	deltas  []*series.Delta               // by the plan's measures
	booked  [][overhead.NumOutcomes]int64 // likewise
	tally   *overhead.Tally
	watch   overhead.Stopwatch
}

func newBatch(e *Engine) *Batch {
	b := &Batch{
		engine: e,
		tuples: make([]labels.Tuples, len(e.plan.Tuples)),
		booked: make([][overhead.NumOutcomes]int64, len(e.plan.Measures)),
		tally:  overhead.NewTally(len(e.plan.Annotations)),
	}
	for i := range e.plan.Measures {
		b.deltas = append(b.deltas, series.NewDelta(e.plan.Measures[i].Metric))
	}
	return b
}

// book says what became of so many records at a measure, and reports it if there is an
// error to report.
func (b *Batch) book(measure int, outcome overhead.Outcome, records int, err error) {
	if records == 0 {
		return
	}
	b.booked[measure][outcome] += int64(records)
	if err != nil {
		for _, annotation := range b.engine.plan.Measures[measure].Annotations {
			b.engine.report(annotation, outcome, records, err)
		}
	}
}

// Stage evaluates every annotation on every record of ld, which it only reads. Nothing
// is counted yet. ctx is the request's: OTTL paths may read client metadata from it.
func (e *Engine) Stage(ctx context.Context, ld plog.Logs) *Batch {
	b := e.batches.take()
	s := e.scratches.take()
	b.records = ld.LogRecordCount()
	b.watch.Start(e.clock, b.tally)
	s.begin(e.now)
	reader := columns.NewReader(ld)
	for reader.Next(s.chunk) {
		b.watch.Chunk(s.chunk.Len())
		b.watch.End(overhead.StageLoad)
		s.eval(ctx, b)
		b.watch.End(overhead.StageEval)
		s.extract(ctx, b)
		b.watch.End(overhead.StageExtract)
		s.emit(b)
		if reader.Done() {
			break // one reading of the clock less, which a batch of one record would feel
		}
		b.watch.End(overhead.StageEmit)
	}
	b.watch.For(overhead.StageEmit, overhead.Shared, 0)
	s.end()
	// Given back before the logs go on: only the staged deltas wait for the answer.
	e.scratches.give(s)
	b.watch.End(overhead.StageEmit)
	return b
}

// Commit counts the batch.
func (b *Batch) Commit() {
	e := b.engine
	b.watch.Skip() // the next consumer's time
	b.watch.Chunk(b.records)
	e.store.BeginCommit()
	now := series.TickOf(b.watch.Now())
	for i, table := range e.tables {
		b.watch.For(overhead.StageEmit, e.plan.Tuples[i].Owner, b.tuples[i].Len())
		table.Resolve(&b.tuples[i])
	}
	for i, d := range b.deltas {
		m := &e.plan.Measures[i]
		b.watch.For(overhead.StageEmit, m.Owner, b.tuples[m.Tuples].Len())
		d.Seal()
	}
	unsent := 0
	for i, family := range e.store.Families() {
		measure := e.plan.Annotations[i].Measure
		b.watch.For(overhead.StageEmit, i, b.deltas[measure].Len())
		c := family.Commit(b.deltas[measure], &b.tuples[e.plan.Measures[measure].Tuples], now)
		figures := b.tally.Annotation(i)
		figures.Records = b.booked[measure]
		figures.Records[overhead.Matched] += c.Matched
		figures.Records[overhead.ValueInvalid] += c.Invalid
		figures.Overflowed += c.Overflowed
		figures.Truncated += c.Truncated
		unsent += c.Unsent
	}
	b.watch.For(overhead.StageEmit, overhead.Shared, 0)
	if e.settled {
		e.flusher.Lose(unsent)
	}
	e.store.EndCommit()
	e.counters.AddRecords(b.tally)
	b.end()
}

// Refuse drops the batch: the sender will come again. What counts is the time that it
// took, and that it came.
func (b *Batch) Refuse() {
	b.watch.Skip()
	b.engine.counters.AddRefused(b.records)
	b.end()
}

// maxStaged returns roughly the most bytes for which the memory of a batch is kept for the
// next one. It rises with the measures, each of which has tuples of its own.
func maxStaged(p *plan.Plan) int {
	return 8<<20 + len(p.Measures)*64<<10
}

// size returns roughly how many bytes the batch takes.
func (b *Batch) size() int {
	size := 0
	for _, d := range b.deltas {
		size += d.Size()
	}
	for i := range b.tuples {
		size += b.tuples[i].Size()
	}
	return size
}

// end gives the batch back. Clearing it for the next one is part of what a batch costs.
func (b *Batch) end() {
	e := b.engine
	keep := b.size() <= maxStaged(e.plan)
	for _, d := range b.deltas {
		d.Reset()
	}
	for i := range b.tuples {
		b.tuples[i].Reset()
	}
	clear(b.booked)
	b.watch.End(overhead.StageEmit)
	e.counters.AddTime(b.tally)
	b.tally.Reset()
	if keep {
		e.batches.give(b)
	}
}
