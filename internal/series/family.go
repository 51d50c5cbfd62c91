// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package series

import (
	"math"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/hold"
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

	mu       hold.Mutex
	blocks   []*block
	n        uint32   // slots
	free     []uint32 // those of them that are vacant
	slots    slots
	series   int // without the overflow series
	overflow uint32
	birth    pcommon.Timestamp // when series that come now start
	ending   int               // how many are expired
	ends     int64             // how many have ever been
	targets  [labels.Bite]uint32
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

// at returns the block of a slot, and the slot's position in it.
func (f *Family) at(slot uint32) (*block, uint32) {
	return f.blocks[slot>>f.bits], slot & (1<<f.bits - 1)
}

// place returns the slots that take what came with the tuples of a bite: the series' own
// if there is one or the limit allows it, else the overflow series'.
func (f *Family) place(ids []uint32, tuples *labels.Tuples) []uint32 {
	known := tuples.Known()
	targets := f.targets[:len(ids)]
	isNew := false
	for i, id := range ids {
		targets[i] = f.slots.of(known[id])
		isNew = isNew || targets[i] == noSlot
	}
	if isNew {
		f.create(ids, targets, tuples)
	}
	if f.ending > 0 {
		for _, target := range targets {
			if b, local := f.at(target); b.states[local]&expired != 0 {
				f.revive(b, local)
			}
		}
	}
	return targets
}

// revive begins a new life of an expired series: it does not need the point that ends it
// any more.
func (f *Family) revive(b *block, local uint32) {
	f.ending--
	b.values.zero(local)
	f.begin(b, local)
}

// begin begins the life of a series whose values are zero.
func (f *Family) begin(b *block, local uint32) {
	b.starts[local], b.states[local] = f.birth, 0
	if f.def.startsWithZero() {
		b.states[local] = fresh
	}
}

// create finds a slot for the tuples that have none.
func (f *Family) create(ids, targets []uint32, tuples *labels.Tuples) {
	var unknown []uint32
	for i, id := range ids {
		if targets[i] == noSlot {
			unknown = append(unknown, id)
		}
	}
	if f.hasRoom() {
		f.table.Intern(tuples, unknown, (*taker)(f))
	} else {
		f.table.ResolveAgain(tuples, unknown)
	}
	for i, id := range ids {
		if targets[i] != noSlot {
			continue
		}
		if targets[i] = f.slots.of(tuples.Known()[id]); targets[i] == noSlot {
			if f.overflow == noSlot {
				f.overflow = f.add(labels.NoID)
			}
			targets[i] = f.overflow
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
	f.slots.set(tuple, f.add(tuple))
	f.series++
}

// add adds a series and returns its slot.
func (f *Family) add(tuple uint32) uint32 {
	slot := f.vacancy()
	b, local := f.at(slot)
	b.tuples[local] = tuple
	f.begin(b, local)
	return slot
}

// vacancy returns a slot without a series, whose values are zero.
func (f *Family) vacancy() uint32 {
	if n := len(f.free); n > 0 {
		slot := f.free[n-1]
		f.free = f.free[:n-1]
		return slot
	}
	slot := f.n
	if int(slot>>f.bits) == len(f.blocks) {
		b := &block{values: f.def.newAccumulator()}
		if f.def.ExpireAfter > 0 {
			b.seen = []Tick{}
		}
		if len(f.blocks) > 0 {
			// Only the first block begins small: a family that has filled it is large.
			b.grow(1 << f.bits)
		}
		f.blocks = append(f.blocks, b)
	}
	b, local := f.at(slot)
	b.grow(int(local) + 1)
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
