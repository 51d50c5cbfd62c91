// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"errors"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/columns"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/condition"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/labels"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/overhead"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/plan"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/series"
)

// scratch is what one goroutine needs to take a chunk through the stages. It is used
// again for every chunk and batch.
type scratch struct {
	plan  *plan.Plan
	chunk *columns.Chunk

	conditions []condition.Result // by the plan's conditions
	values     []numbers          // by the plan's values
	tuples     []ids              // by the plan's tuples
	// wanted holds, by annotation, the records that are still in the running.
	wanted []columns.Set
}

// numbers is what a value expression yields for the records of a chunk.
type numbers struct {
	wanted  columns.Set // by some annotation
	value   [columns.Size]float64
	reading [columns.Size]plan.Reading
	failed  columns.Set
	err     error // of one of the failed
}

// ids are the label tuples of the records of a chunk.
type ids struct {
	wanted  columns.Set // by some annotation
	id      [columns.Size]uint32
	failed  columns.Set
	missing columns.Set
	err     error // of one of the failed
}

func newScratch(p *plan.Plan) *scratch {
	return &scratch{
		plan:       p,
		chunk:      columns.NewChunk(p.Schema),
		conditions: make([]condition.Result, len(p.Conditions)),
		values:     make([]numbers, len(p.Values)),
		tuples:     make([]ids, len(p.Tuples)),
		wanted:     make([]columns.Set, len(p.Annotations)),
	}
}

// eval evaluates each distinct condition, and books the records that go no further.
func (s *scratch) eval(ctx context.Context, b *Batch) {
	for i, c := range s.plan.Conditions {
		s.conditions[i] = c.Eval(ctx, s.chunk)
		b.watch.Done(overhead.StageEval, c.Owner, s.chunk.Len())
	}
	all := columns.First(s.chunk.Len())
	for i, a := range s.plan.Annotations {
		if a.Condition == plan.None {
			s.wanted[i] = all
			continue
		}
		res := &s.conditions[a.Condition]
		s.wanted[i] = res.Match
		failed := res.Failed.Len()
		records := &b.tally.Annotation(i).Records
		records[overhead.ConditionError] += int64(failed)
		records[overhead.Filtered] += int64(s.chunk.Len() - failed - res.Match.Len())
		if failed > 0 {
			b.engine.report(i, overhead.ConditionError, failed, res.Err)
		}
	}
}

// extract evaluates each distinct value and then each distinct label list, for the
// records that some annotation still wants. A value is judged before labels, since what
// is wrong with it comes first among the outcomes.
func (s *scratch) extract(ctx context.Context, b *Batch) {
	for i := range s.values {
		s.values[i].wanted = columns.Set{}
	}
	for i := range s.tuples {
		s.tuples[i].wanted = columns.Set{}
	}
	for i, a := range s.plan.Annotations {
		if a.Value != plan.None {
			s.values[a.Value].wanted.Union(&s.wanted[i])
		}
	}
	for i, v := range s.plan.Values {
		s.values[i].read(ctx, v, s.chunk)
		b.watch.Done(overhead.StageExtract, v.Owner, s.values[i].wanted.Len())
	}
	for i, a := range s.plan.Annotations {
		if a.Value != plan.None {
			s.judge(b, i)
		}
		s.tuples[a.Tuples].wanted.Union(&s.wanted[i])
	}
	for i, t := range s.plan.Tuples {
		s.tuples[i].read(ctx, b.tuples[i], s.chunk)
		b.watch.Done(overhead.StageExtract, t.Owner, s.tuples[i].wanted.Len())
	}
}

func (n *numbers) read(ctx context.Context, v plan.Value, chunk *columns.Chunk) {
	n.failed, n.err = columns.Set{}, nil
	for i := range n.wanted.All() {
		val, err := v.Eval(ctx, chunk.Record(i))
		if err != nil {
			n.failed.Add(i)
			n.err = err
			continue
		}
		n.value[i], n.reading[i] = plan.Number(val)
	}
}

func (t *ids) read(ctx context.Context, tuples *labels.Tuples, chunk *columns.Chunk) {
	t.failed, t.missing, t.err = columns.Set{}, columns.Set{}, nil
	for i := range t.wanted.All() {
		id, status, err := tuples.ID(ctx, chunk, i)
		switch status {
		case labels.Failed:
			t.failed.Add(i)
			t.err = err
		case labels.Missing:
			t.missing.Add(i)
		default:
			t.id[i] = id
		}
	}
}

var (
	errNotANumber = errors.New("the value is not a finite number: see what is taken for one in the README, section Values")
	errNegative   = errors.New("the value is negative: only updowncounters, gauges and histograms with a negative boundary take that")
)

// judge books, for annotation i, the records whose value is no measurement.
func (s *scratch) judge(b *Batch, i int) {
	a := s.plan.Annotations[i]
	n := &s.values[a.Value]
	negative := a.Metric.AllowsNegative()
	var failed, missing, invalid int
	var example error // of an invalid value
	var bad columns.Set
	for k := range s.wanted[i].All() {
		switch {
		case n.failed.Has(k):
			failed++
		case n.reading[k] == plan.Missing:
			missing++
		case n.reading[k] == plan.Invalid:
			invalid++
			example = errNotANumber
		case n.value[k] < 0 && !negative:
			invalid++
			example = errNegative
		default:
			continue
		}
		bad.Add(k)
	}
	s.wanted[i] = s.wanted[i].Without(&bad)
	records := &b.tally.Annotation(i).Records
	records[overhead.ValueError] += int64(failed)
	records[overhead.ValueMissing] += int64(missing)
	records[overhead.ValueInvalid] += int64(invalid)
	if failed > 0 {
		b.engine.report(i, overhead.ValueError, failed, n.err)
	}
	if invalid > 0 {
		b.engine.report(i, overhead.ValueInvalid, invalid, example)
	}
}

// emit adds up what is left, by annotation and tuple.
func (s *scratch) emit(b *Batch, arrival pcommon.Timestamp) {
	for i, a := range s.plan.Annotations {
		t := &s.tuples[a.Tuples]
		delta := b.deltas[i]
		delta.Grow(b.tuples[a.Tuples].Len())
		failed, missing := 0, 0
		for k := range s.wanted[i].All() {
			switch {
			case t.failed.Has(k):
				failed++
				continue
			case t.missing.Has(k):
				missing++
				continue
			}
			sample := series.Sample{Slot: t.id[k]}
			if a.Value != plan.None {
				sample.Value = s.values[a.Value].value[k]
			}
			if a.Metric.Type == series.Gauge {
				sample.Time = series.EventTime(s.chunk.EventTime(k), arrival)
			}
			delta.Add(sample)
		}
		records := &b.tally.Annotation(i).Records
		records[overhead.LabelError] += int64(failed)
		records[overhead.LabelMissing] += int64(missing)
		if failed > 0 {
			b.engine.report(i, overhead.LabelError, failed, t.err)
		}
		b.watch.Done(overhead.StageEmit, i, s.wanted[i].Len())
	}
}
