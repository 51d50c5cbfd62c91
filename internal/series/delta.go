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

// Delta is what one batch adds to one family, by the IDs of the batch's tuples. It
// belongs to one goroutine.
type Delta struct {
	def     *Definition
	values  accumulator
	records []int64  // by tuple, how many samples are in values
	used    []uint32 // the tuples with records, in the order of their first
	huge    []Sample
}

// NewDelta returns an empty delta for families of def.
func NewDelta(def *Definition) *Delta {
	return &Delta{def: def, values: def.newAccumulator()}
}

// Grow makes room for the tuples below n.
func (d *Delta) Grow(n int) {
	d.values.grow(n)
	d.records = resize(d.records, n)
}

// Add adds one sample, whose slot is the ID of its tuple.
func (d *Delta) Add(s Sample) {
	if d.def.Type != Gauge && math.Abs(s.Value) >= huge {
		d.huge = append(d.huge, s)
		return
	}
	d.values.add(s)
	if d.records[s.Slot] == 0 {
		d.used = append(d.used, s.Slot)
	}
	d.records[s.Slot]++
}

// maxKept is the most tuples for which a delta keeps its memory for the next batch.
const maxKept = 4096

// Reset empties the delta.
func (d *Delta) Reset() {
	if len(d.records) > maxKept {
		*d = *NewDelta(d.def)
		return
	}
	for _, slot := range d.used {
		d.values.zero(slot)
		d.records[slot] = 0
	}
	d.used = d.used[:0]
	d.huge = nil
}

// EventTime returns the event time that a sample counts with: event, unless it is later
// than the arrival or unknown.
func EventTime(event, arrival pcommon.Timestamp) pcommon.Timestamp {
	if event == 0 || event > arrival {
		return arrival
	}
	return event
}
