// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package series

import (
	"cmp"
	"slices"
	"sort"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// Exemplar is a measurement of a record that belongs to a trace.
type Exemplar struct {
	Value float64
	// Time is the event time, Arrival when the record came, not earlier.
	Time, Arrival pcommon.Timestamp
	TraceID       pcommon.TraceID
	SpanID        pcommon.SpanID
	// Sampled says that the trace was sampled, so that there is something to be found.
	Sampled bool
}

// maxExemplars is the most that a point of an exponential histogram has. The OpenTelemetry
// specification (metrics SDK, exemplar defaults) advises at most 20.
const maxExemplars = 20

// exemplarSize is more than an exemplar takes in OTLP.
const exemplarSize = 64

// reservoir holds what a series' next point has for exemplars: the newest one for sums and
// gauges, the newest one of each bucket for histograms, the newest maxExemplars for
// exponential ones. One of a sampled trace is only ever replaced by another of those.
type reservoir struct {
	cells []cell // the newest last
}

type cell struct {
	bucket int
	Exemplar
}

// offer adds e to the exemplars of a series of def.
func (r *reservoir) offer(def *Definition, e *Exemplar) {
	bucket := 0
	var rival int // the one that e replaces
	switch def.Type {
	case ExponentialHistogram:
		if len(r.cells) < maxExemplars {
			rival = -1
			break
		}
		rival = max(0, slices.IndexFunc(r.cells, func(c cell) bool { return !c.Sampled }))
	case Histogram:
		bucket = sort.SearchFloat64s(def.Boundaries, e.Value)
		fallthrough
	default:
		rival = slices.IndexFunc(r.cells, func(c cell) bool { return c.bucket == bucket })
	}
	if rival >= 0 {
		if r.cells[rival].Sampled && !e.Sampled {
			return
		}
		r.cells = slices.Delete(r.cells, rival, rival+1)
	}
	r.cells = append(r.cells, cell{bucket, *e})
}

// reservoirs are those of series by slot.
type reservoirs map[uint32]*reservoir

func (r *reservoirs) offer(def *Definition, slot uint32, e *Exemplar) {
	if *r == nil {
		*r = reservoirs{}
	}
	of := (*r)[slot]
	if of == nil {
		of = &reservoir{}
		(*r)[slot] = of
	}
	of.offer(def, e)
}

// put gives a series what another one of the same definition has. What is not from the
// interval that began at since counts as of its arrival.
func (r *reservoirs) put(def *Definition, slot uint32, from *reservoir, since pcommon.Timestamp) {
	if from == nil {
		return
	}
	for i := range from.cells {
		e := from.cells[i].Exemplar
		if e.Time <= since {
			e.Time = max(e.Arrival, since+1)
		}
		r.offer(def, slot, &e)
	}
}

// take returns the reservoirs and leaves those of the series that stays chooses.
func (r *reservoirs) take(stays func(slot uint32) bool) reservoirs {
	taken := *r
	*r = nil
	for slot, of := range taken {
		if stays(slot) {
			if *r == nil {
				*r = reservoirs{}
			}
			(*r)[slot] = of
			delete(taken, slot)
		}
	}
	return taken
}

// writeTo writes the exemplars of a point, sorted by value. They are not later than the
// point. A counter of records has them as integers.
func (r *reservoir) writeTo(to pmetric.ExemplarSlice, time pcommon.Timestamp, def *Definition) {
	if r == nil {
		return
	}
	slices.SortFunc(r.cells, func(a, b cell) int {
		return cmp.Or(cmp.Compare(a.Value, b.Value), cmp.Compare(a.Time, b.Time))
	})
	to.EnsureCapacity(len(r.cells))
	for i := range r.cells {
		e := &r.cells[i]
		x := to.AppendEmpty()
		x.SetTimestamp(min(e.Time, time))
		x.SetTraceID(e.TraceID)
		x.SetSpanID(e.SpanID)
		if def.Type == Counter {
			x.SetIntValue(1)
		} else {
			x.SetDoubleValue(e.Value)
		}
	}
}

// exemplarsOf returns those of the last point of m.
func exemplarsOf(m pmetric.Metric) pmetric.ExemplarSlice {
	switch m.Type() {
	case pmetric.MetricTypeSum:
		points := m.Sum().DataPoints()
		return points.At(points.Len() - 1).Exemplars()
	case pmetric.MetricTypeHistogram:
		points := m.Histogram().DataPoints()
		return points.At(points.Len() - 1).Exemplars()
	case pmetric.MetricTypeExponentialHistogram:
		points := m.ExponentialHistogram().DataPoints()
		return points.At(points.Len() - 1).Exemplars()
	default:
		points := m.Gauge().DataPoints()
		return points.At(points.Len() - 1).Exemplars()
	}
}
