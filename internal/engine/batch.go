// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"

	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/columns"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/labels"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/overhead"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/series"
)

// Batch is what one call's logs add to the metrics, staged but not yet counted. Exactly
// one of Commit and Refuse ends it; after that it must not be used. It owns its memory:
// nothing in it points into the logs.
type Batch struct {
	engine  *Engine
	records int
	tuples  []*labels.Tuples // by the plan's tuples
	deltas  []*series.Delta  // by annotation
	tally   *overhead.Tally
	watch   overhead.Stopwatch
}

func newBatch(e *Engine) *Batch {
	b := &Batch{engine: e, tally: overhead.NewTally(len(e.plan.Annotations))}
	for _, t := range e.plan.Tuples {
		b.tuples = append(b.tuples, labels.NewTuples(t.List, t.Selector))
	}
	for _, a := range e.plan.Annotations {
		b.deltas = append(b.deltas, series.NewDelta(a.Metric))
	}
	return b
}

// Stage evaluates every annotation on every record of ld, which it only reads. Nothing
// is counted yet. ctx is the request's: OTTL paths may read client metadata from it.
func (e *Engine) Stage(ctx context.Context, ld plog.Logs) *Batch {
	b := e.batches.Get().(*Batch)
	s := e.scratches.Get().(*scratch)
	b.records = ld.LogRecordCount()
	b.watch.Start(overhead.Now, b.tally)
	arrival := e.now()
	reader := columns.NewReader(ld)
	for reader.Next(s.chunk) {
		b.watch.Chunk(s.chunk.Len())
		b.watch.End(overhead.StageLoad)
		s.eval(ctx, b)
		b.watch.End(overhead.StageEval)
		s.extract(ctx, b)
		b.watch.End(overhead.StageExtract)
		s.emit(b, arrival)
		b.watch.End(overhead.StageEmit)
	}
	// Given back before the logs go on: only the staged deltas wait for the answer.
	e.scratches.Put(s)
	b.watch.End(overhead.StageLoad)
	return b
}

// Commit counts the batch.
func (b *Batch) Commit() {
	e := b.engine
	b.watch.Skip() // the next consumer's time
	b.watch.Chunk(b.records)
	// Shared by all commits: only the end of the engine excludes them.
	e.settling.RLock()
	unsent := 0
	for i, family := range e.store.Families() {
		c := family.Commit(b.deltas[i], b.tuples[e.plan.Annotations[i].Tuples])
		figures := b.tally.Annotation(i)
		figures.Records[overhead.Matched] += c.Matched
		figures.Records[overhead.ValueInvalid] += c.Invalid
		figures.Overflowed += c.Overflowed
		figures.Truncated += c.Truncated
		unsent += c.Unsent
		b.watch.Done(overhead.StageEmit, i, 1)
	}
	if e.settled {
		e.flusher.Lose(unsent)
	}
	e.settling.RUnlock()
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

// end gives the batch back. Clearing it for the next one is part of what a batch costs.
func (b *Batch) end() {
	e := b.engine
	for _, d := range b.deltas {
		d.Reset()
	}
	for _, t := range b.tuples {
		t.Reset()
	}
	b.watch.End(overhead.StageEmit)
	e.counters.AddTime(b.tally)
	b.tally.Reset()
	e.batches.Put(b)
}
