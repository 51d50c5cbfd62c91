// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"errors"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/columns"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/overhead"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/plan"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/series"
)

// eval chooses the records of each sample rate, evaluates each distinct condition for those
// that some measure wants, and books the records that go no further.
func (s *scratch) eval(ctx context.Context, b *Batch) {
	all := columns.First(s.chunk.Len())
	for i, r := range s.plan.Rates {
		b.watch.For(overhead.StageEval, r.Owner, 1) // less than most records take
		s.sampled[i] = s.samplers[i].Next(s.chunk.Len())
	}
	for i, c := range s.plan.Conditions {
		wanted, n := all, s.chunk.Len()
		if len(c.Rates) > 0 {
			wanted = s.union(c.Rates)
			n = wanted.Len()
		}
		b.watch.For(overhead.StageEval, c.Owner, n)
		s.conditions[i] = c.Eval(ctx, s.chunk, wanted)
	}
	b.watch.For(overhead.StageEval, overhead.Shared, 0)
	for i := range s.plan.Measures {
		m := &s.plan.Measures[i]
		if m.Rate != plan.None {
			s.sift(b, i)
			continue
		}
		if m.Condition == plan.None {
			s.measures[i] = all
			continue
		}
		res := &s.conditions[m.Condition]
		s.measures[i] = res.Match
		failed := res.Failed.Len()
		b.book(i, overhead.ConditionError, failed, res.Err)
		b.book(i, overhead.Filtered, s.chunk.Len()-failed-res.Match.Len(), nil)
	}
}

// sift does for measure i, which has a sample rate, what eval does for others. The
// condition may have been evaluated for more records than those of this rate.
func (s *scratch) sift(b *Batch, i int) {
	m := &s.plan.Measures[i]
	sampled := &s.sampled[m.Rate]
	n := sampled.Len()
	b.book(i, overhead.SampledOut, s.chunk.Len()-n, nil)
	if m.Condition == plan.None {
		s.measures[i] = *sampled
		return
	}
	res := &s.conditions[m.Condition]
	match, failed := sampled.And(&res.Match), sampled.And(&res.Failed)
	s.measures[i] = match
	b.book(i, overhead.ConditionError, failed.Len(), res.Err)
	b.book(i, overhead.Filtered, n-failed.Len()-match.Len(), nil)
}

// union returns the records that at least one of these rates has chosen.
func (s *scratch) union(rates []int) columns.Set {
	var some columns.Set
	for _, r := range rates {
		some.Union(&s.sampled[r])
	}
	return some
}

// extract evaluates each distinct value and then each distinct label and label list, for
// the records that some measure still wants. A value is judged before labels, since what
// is wrong with it comes first among the outcomes.
func (s *scratch) extract(ctx context.Context, b *Batch) {
	s.extractValues(ctx, b)
	b.watch.For(overhead.StageExtract, overhead.Shared, 0)
	clear(s.labels)
	clear(s.tuples)
	for i := range s.plan.Measures {
		t := s.plan.Measures[i].Tuples
		s.tuples[t].Union(&s.measures[i])
	}
	for i := range s.plan.Tuples {
		for _, l := range s.plan.Tuples[i].Labels {
			s.labels[l].Union(&s.tuples[i])
		}
	}
	for i, r := range s.resources {
		b.watch.For(overhead.StageExtract, s.plan.Selectors[i].Owner, len(s.chunk.Runs()))
		r.Read(s.chunk)
	}
	for i, d := range s.dictionaries {
		b.watch.For(overhead.StageExtract, s.plan.Labels[i].Owner, s.labels[i].Len())
		d.Read(ctx, s.chunk, &s.labels[i])
	}
	for i, e := range s.encoders {
		b.watch.For(overhead.StageExtract, s.plan.Tuples[i].Owner, s.tuples[i].Len())
		e.Read(s.chunk, &s.tuples[i], &b.tuples[i])
	}
}

func (s *scratch) extractValues(ctx context.Context, b *Batch) {
	if len(s.values) == 0 {
		return
	}
	for i := range s.values {
		s.values[i].wanted = columns.Set{}
	}
	for i := range s.plan.Measures {
		if v := s.plan.Measures[i].Value; v != plan.None {
			s.values[v].wanted.Union(&s.measures[i])
		}
	}
	for i, v := range s.plan.Values {
		n := &s.values[i]
		b.watch.For(overhead.StageExtract, v.Owner, n.wanted.Len())
		v.Read(ctx, s.chunk, &n.wanted, &n.Numbers)
	}
	for i := range s.plan.Measures {
		if s.plan.Measures[i].Value != plan.None {
			b.watch.For(overhead.StageExtract, s.plan.Measures[i].Owner, s.measures[i].Len())
			s.judge(b, i)
		}
	}
}

var (
	errNotANumber = errors.New("the value is not a finite number: docs/configuration.md says what is taken for one")
	errNegative   = errors.New("the value is negative: only updowncounters, gauges and histograms with a negative boundary take that")
)

// judge books, for measure i, the records whose value is no measurement.
func (s *scratch) judge(b *Batch, i int) {
	m := &s.plan.Measures[i]
	n := &s.values[m.Value]
	wanted := &s.measures[i]
	if failed := wanted.And(&n.Failed); !failed.IsEmpty() {
		b.book(i, overhead.ValueError, failed.Len(), n.Err)
	}
	if missing := wanted.And(&n.Missing); !missing.IsEmpty() {
		b.book(i, overhead.ValueMissing, missing.Len(), nil)
	}
	if invalid := wanted.And(&n.Invalid); !invalid.IsEmpty() {
		b.book(i, overhead.ValueInvalid, invalid.Len(), errNotANumber)
	}
	*wanted = wanted.And(&n.Measured)
	if m.Metric.AllowsNegative() {
		return
	}
	var negative columns.Set
	for k := range wanted.All() {
		if n.Of[k] < 0 {
			negative.Add(k)
		}
	}
	if !negative.IsEmpty() {
		b.book(i, overhead.ValueInvalid, negative.Len(), errNegative)
		*wanted = wanted.Without(&negative)
	}
}

// emit adds up what is left, by measure and tuple.
func (s *scratch) emit(b *Batch) {
	for i := range s.plan.Measures {
		m := &s.plan.Measures[i]
		e := s.encoders[m.Tuples]
		wanted := &s.measures[i]
		b.watch.For(overhead.StageEmit, m.Owner, wanted.Len())
		if failed := wanted.And(&e.Failed); !failed.IsEmpty() {
			b.book(i, overhead.LabelError, failed.Len(), e.Err)
		}
		if missing := wanted.And(&e.Missing); !missing.IsEmpty() {
			b.book(i, overhead.LabelMissing, missing.Len(), nil)
		}
		rows := wanted.And(&e.Rows)
		delta := b.deltas[i]
		delta.Grow(b.tuples[m.Tuples].Len())
		switch n := rows.Len(); {
		case n == 0:
		case m.Metric.Type == series.Counter && b.tuples[m.Tuples].Len() == 1:
			delta.Count(0, n)
		default:
			s.add(delta, m, &rows, n)
		}
		if m.Metric.Exemplars {
			s.offer(delta, m, &rows)
		}
	}
}

// offer offers the rows that belong to traces as exemplars.
func (s *scratch) offer(delta *series.Delta, m *plan.Measure, rows *columns.Set) {
	for i := range rows.All() {
		trace, span, sampled := s.chunk.Trace(i)
		if trace.IsEmpty() {
			continue
		}
		e := series.Exemplar{
			Time:    series.EventTime(s.chunk.EventTime(i), s.arrival),
			Arrival: s.arrival,
			TraceID: trace, SpanID: span, Sampled: sampled,
		}
		if m.Value != plan.None {
			e.Value = s.values[m.Value].Of[i]
		}
		delta.Offer(s.encoders[m.Tuples].IDs[i], &e)
	}
}

// add adds up n rows.
func (s *scratch) add(delta *series.Delta, m *plan.Measure, rows *columns.Set, n int) {
	ids := s.encoders[m.Tuples].IDs[:]
	var of []float64
	if m.Value != plan.None {
		of = s.values[m.Value].Of[:]
	}
	if n < s.chunk.Len() {
		ids, of = s.gather(rows, ids, of)
	}
	var times []pcommon.Timestamp
	if m.Metric.Type == series.Gauge {
		times = s.times[:0]
		for i := range rows.All() {
			times = append(times, series.EventTime(s.chunk.EventTime(i), s.arrival))
		}
	}
	delta.AddEach(ids[:n], of[:min(n, len(of))], times)
}

// gather moves what belongs to rows together.
func (s *scratch) gather(rows *columns.Set, ids []uint32, of []float64) ([]uint32, []float64) {
	k := 0
	for i := range rows.All() {
		s.ids[k] = ids[i]
		k++
	}
	if of == nil {
		return s.ids[:], nil
	}
	k = 0
	for i := range rows.All() {
		s.of[k] = of[i]
		k++
	}
	return s.ids[:], s.of[:]
}
