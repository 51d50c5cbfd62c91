// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package series

import (
	"math"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// huge is the magnitude from which on a value is not added up within its batch but tried
// at the series alone, so that one which would make the sum non-finite does not take its
// neighbors with it. Below it 2^69 values add up to less than 2^970, which the largest finite
// float64 swallows in rounding: no batch of them makes a sum non-finite.
const huge = 0x1p900

// Delta is what one batch adds to the families of a definition, by the IDs of the batch's
// tuples. It belongs to one goroutine.
type Delta struct {
	def     *Definition
	values  accumulator
	records []int64  // by tuple, how many samples are in values; nil if values are counts
	n       int      // tuples
	most    int      // tuples that there has been made room for
	used    []uint32 // once sealed: the tuples with records, in order
	huge    []Sample
	// exemplars are by tuple; nil if there are none.
	exemplars reservoirs
}

// NewDelta returns an empty delta for families of def's type and boundaries.
func NewDelta(def *Definition) *Delta {
	return &Delta{def: def, values: def.newAccumulator()}
}

// Grow makes room for the tuples below n.
func (d *Delta) Grow(n int) {
	if n <= d.n {
		return
	}
	d.n, d.most = n, max(d.most, 2*n)
	d.values.grow(n)
	if _, ok := d.values.(*counts); !ok {
		d.records = resize(d.records, n)
	}
}

// Count adds n records to a tuple. The definition must be of a Counter.
func (d *Delta) Count(tuple uint32, n int) {
	d.values.(*counts).n[tuple] += int64(n)
}

// AddEach adds samples: the values, and the times if it is a Gauge's delta, of tuples at
// the same positions. A Counter has no values.
func (d *Delta) AddEach(tuples []uint32, values []float64, times []pcommon.Timestamp) {
	if !d.def.isGauge() && anyHuge(values) {
		for i, tuple := range tuples {
			d.Add(Sample{Slot: tuple, Value: values[i]})
		}
		return
	}
	d.values.addEach(tuples, values, times)
	if d.records == nil {
		return
	}
	for _, tuple := range tuples {
		d.records[tuple]++
	}
}

// Offer makes e, whose value has been added to a tuple, a candidate for an exemplar.
func (d *Delta) Offer(tuple uint32, e *Exemplar) {
	if d.def.isGauge() || math.Abs(e.Value) < huge { // a huge one may not count in the end
		d.exemplars.offer(d.def, tuple, e)
	}
}

func anyHuge(values []float64) bool {
	most := 0.0
	for _, v := range values {
		most = max(most, math.Abs(v))
	}
	return most >= huge
}

// Add adds one sample, whose slot is the ID of its tuple.
func (d *Delta) Add(s Sample) {
	if d.def.Type == Counter {
		d.Count(s.Slot, 1)
		return
	}
	if !d.def.isGauge() && math.Abs(s.Value) >= huge {
		d.huge = append(d.huge, s)
		return
	}
	d.values.add(s, 1)
	d.records[s.Slot]++
}

// Seal ends adding. The delta is read-only from then on until it is reset, so that many
// families can take it.
func (d *Delta) Seal() {
	for tuple, n := range d.recordsOf() {
		if n != 0 {
			d.used = append(d.used, uint32(tuple))
		}
	}
}

// recordsOf returns, by tuple, how many samples are in values.
func (d *Delta) recordsOf() []int64 {
	if c, ok := d.values.(*counts); ok {
		return c.n[:d.n]
	}
	return d.records[:d.n]
}

// Len returns how many tuples have records, once the delta is sealed.
func (d *Delta) Len() int {
	return len(d.used)
}

// Size returns roughly how many bytes of memory are kept for the next batch.
func (d *Delta) Size() int {
	width := d.def.width()
	buckets := 0
	if e, ok := d.values.(*exponentials); ok {
		// Of the buckets that a series may have most batches fill few.
		width, buckets = exponentialHeader, e.held
	}
	return d.most*(width+12) + buckets + cap(d.huge)*24
}

// Reset empties the delta, sealed or not.
func (d *Delta) Reset() {
	if len(d.used) == 0 {
		d.Seal()
	}
	for _, tuple := range d.used {
		d.values.zero(tuple)
		if d.records != nil {
			d.records[tuple] = 0
		}
	}
	d.n, d.used, d.huge, d.exemplars = 0, d.used[:0], nil, nil
}

// EventTime returns the event time that a sample counts with: event, unless it is later
// than the arrival or unknown.
func EventTime(event, arrival pcommon.Timestamp) pcommon.Timestamp {
	if event == 0 || event > arrival {
		return arrival
	}
	return event
}
