// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package series

import (
	"math"
	"sync"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/labels"
)

// OverflowAttribute is the only label of the series that takes what exceeds the limit,
// as the OpenTelemetry metrics SDK specification names it ("Overflow attribute").
const OverflowAttribute = "otel.metric.overflow"

// noSlot stands for a series that does not exist.
const noSlot = math.MaxUint32

// Family holds the series of one annotation. It is safe for concurrent use.
type Family struct {
	def   *Definition
	table *labels.Table
	// bits is the binary logarithm of the slots of a block.
	bits uint

	mu       sync.Mutex
	blocks   []*block
	n        uint32 // slots, with the overflow series'
	slots    slots
	series   int // without the overflow series
	overflow uint32
	last     pcommon.Timestamp // the previous emission, or the component's start
}

// NewFamily returns an empty family of def, whose tuples are in table. Families may share
// a table.
func NewFamily(def *Definition, table *labels.Table) *Family {
	return &Family{def: def, table: table, bits: blockBitsOf(def), overflow: noSlot}
}

// Definition returns the family's metric. It is read-only.
func (f *Family) Definition() *Definition {
	return f.def
}

// Committed says what became of the samples of one delta.
type Committed struct {
	// Matched samples are in the metric, Invalid ones would have made a sum non-finite.
	Matched, Invalid int64
	// Overflowed of the matched samples went to the overflow series.
	Overflowed int64
	// Truncated is how many label texts of the matched samples were cut.
	Truncated int64
	// Unsent is how many series now hold something unsent and did not before.
	Unsent int
}

// Commit folds a batch's delta into the family, under the limit. The family's table must
// have resolved tuples, which are the batch's. The delta is not changed, so that several
// families can take it.
//
// The lock is held for labels.Bite tuples at a time: an emission may show a part of a
// batch.
func (f *Family) Commit(d *Delta, tuples *labels.Tuples) Committed {
	c := committing{family: f, delta: d, tuples: tuples}
	var bite [labels.Bite]uint32
	records := d.recordsOf()
	for from := 0; from < len(records); {
		ids := bite[:0]
		for ; from < len(records) && len(ids) < len(bite); from++ {
			if records[from] != 0 {
				ids = append(ids, uint32(from))
			}
		}
		if len(ids) > 0 {
			c.fold(ids, records)
		}
	}
	for i := range d.huge {
		c.addHuge(d.huge[i])
	}
	return c.Committed
}

// committing is a delta on its way into a family.
type committing struct {
	family *Family
	delta  *Delta
	tuples *labels.Tuples
	Committed
}

// fold adds what the delta has for the tuples of a bite, in their order: of two gauge
// values with one time in one series the later stays.
func (c *committing) fold(ids []uint32, records []int64) {
	f := c.family
	f.mu.Lock()
	defer f.mu.Unlock()
	f.place(ids, c.tuples)
	known := c.tuples.Known()
	for _, id := range ids {
		target := f.target(known[id])
		b, local := f.at(target)
		c.count(target, id, records[id], b.values.fold(local, c.delta.values, id))
	}
}

// addHuge adds one sample alone, so that, if it cannot be added, it takes no other with it.
func (c *committing) addHuge(s Sample) {
	f := c.family
	f.mu.Lock()
	defer f.mu.Unlock()
	id := s.Slot
	f.place([]uint32{id}, c.tuples)
	target := f.target(c.tuples.Known()[id])
	b, local := f.at(target)
	s.Slot = local
	c.count(target, id, 1, b.values.add(s))
}

// count books n samples of a tuple that were added to target, or were not.
func (c *committing) count(target, id uint32, n int64, added bool) {
	if !added {
		c.Invalid += n
		return
	}
	c.Unsent += c.family.mark(target)
	c.Matched += n
	if target == c.family.overflow {
		c.Overflowed += n
	}
	if c.tuples.Truncated() {
		c.Truncated += n * int64(c.tuples.All()[id].Truncated)
	}
}

// mark says that the series in slot holds something unsent, and returns 1 if it did not
// before.
func (f *Family) mark(slot uint32) int {
	b, local := f.at(slot)
	if b.changed[local] {
		return 0
	}
	b.changed[local] = true
	b.unsent++
	return 1
}

// at returns the block of a slot, and the slot's position in it.
func (f *Family) at(slot uint32) (*block, uint32) {
	return f.blocks[slot>>f.bits], slot & (1<<f.bits - 1)
}

// target returns the slot that takes what came with a tuple, which has its place.
func (f *Family) target(tuple uint32) uint32 {
	if slot := f.slots.of(tuple); slot != noSlot {
		return slot
	}
	return f.overflow
}

// place sees to it that each tuple of a bite has a series: its own, if there is one or
// the limit allows it, else the overflow series.
func (f *Family) place(ids []uint32, tuples *labels.Tuples) {
	known := tuples.Known()
	var unknown []uint32
	for _, id := range ids {
		if f.slots.of(known[id]) == noSlot {
			unknown = append(unknown, id)
		}
	}
	if len(unknown) == 0 {
		return
	}
	if f.hasRoom() {
		f.table.Intern(tuples, unknown, (*taker)(f))
	} else {
		f.table.ResolveAgain(tuples, unknown)
	}
	for _, id := range unknown {
		if f.overflow == noSlot && f.slots.of(known[id]) == noSlot {
			f.overflow = f.create(labels.NoID)
		}
	}
}

func (f *Family) hasRoom() bool {
	return f.def.Limit == 0 || f.series < f.def.Limit
}

// taker is a locked family as the table sees it.
type taker Family

// Wants reports whether the family takes a new series for a tuple.
func (t *taker) Wants(tuple uint32) bool {
	f := (*Family)(t)
	return f.slots.of(tuple) == noSlot && f.hasRoom()
}

// Take makes a new series for a tuple.
func (t *taker) Take(tuple uint32) {
	f := (*Family)(t)
	f.slots.set(tuple, f.create(tuple))
	f.series++
}

// create makes a new series and returns its slot.
func (f *Family) create(tuple uint32) uint32 {
	slot := f.n
	if int(slot>>f.bits) == len(f.blocks) {
		b := &block{values: f.def.newAccumulator()}
		if len(f.blocks) > 0 {
			// Only the first block begins small: a family that has filled it is large.
			b.grow(1 << f.bits)
		}
		f.blocks = append(f.blocks, b)
	}
	b, local := f.at(slot)
	b.grow(int(local) + 1)
	b.starts[local], b.tuples[local] = f.last, tuple
	f.n++
	return slot
}

// Series returns how many series there are, without the overflow series.
func (f *Family) Series() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.series
}

// Unsent returns how many series hold something that no accepted emission has shown.
func (f *Family) Unsent() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, b := range f.blocks {
		n += b.unsent
	}
	return n
}

// MarkUnsent says that the points of these slots, from a snapshot, were not accepted and
// will not be sent again.
func (f *Family) MarkUnsent(slots []uint32) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, slot := range slots {
		f.mark(slot)
	}
}
