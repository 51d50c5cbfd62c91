// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package series

import "go.opentelemetry.io/collector/pdata/pcommon"

const (
	// blockBits is the binary logarithm of the slots of a block: 4,096, if that is not
	// too much.
	blockBits = 12
	// maxBlockBytes is the most that a block's values take: what is copied under one hold
	// of the lock. A histogram with many buckets has smaller blocks.
	maxBlockBytes = 256 << 10
)

// block holds a run of a family's series, in columns: a series costs no header and no
// pointer, and copying a run is a few calls of memmove.
type block struct {
	values accumulator
	starts []pcommon.Timestamp
	states []state
	tuples []uint32 // the ID of the tuple in the family's table; labels.NoID: the overflow series
	seen   []Tick   // when something was last committed; nil if series do not expire
	unsent int      // how many are changed
	dirty  bool     // changed since it was last saved
	// exemplars are those for the next points, by slot.
	exemplars reservoirs
}

// state says where a series is in its life.
type state uint8

const (
	// changed: committed to since the last accepted emission.
	changed state = 1 << iota
	// fresh: its first point, a zero, has not been accepted yet.
	fresh
	// expired: idle for too long. It stays until the point that ends it has been accepted;
	// what is committed to it begins a new life.
	expired
	// vacant: no series.
	vacant
)

// grow makes room for the slots below n.
func (b *block) grow(n int) {
	b.values.grow(n)
	b.starts = resize(b.starts, n)
	b.states = resize(b.states, n)
	b.tuples = resize(b.tuples, n)
	if b.seen != nil {
		b.seen = resize(b.seen, n)
	}
}

// mark says that the series in slot holds something unsent, and returns 1 if it did not
// before.
func (b *block) mark(slot uint32) int {
	if b.states[slot]&changed != 0 {
		return 0
	}
	b.states[slot] |= changed
	b.unsent++
	return 1
}

// blockBitsOf returns the binary logarithm of the slots of a block for series of def.
func blockBitsOf(def *Definition) uint {
	bits := uint(blockBits)
	for bits > 4 && def.width()<<bits > maxBlockBytes {
		bits--
	}
	return bits
}

// slotsPerPage is small, for in a table that many families share one family may hold few
// of the tuples, far from each other.
const slotsPerPage = 512

// slots finds a family's slots by the IDs of their tuples.
type slots struct {
	pages []*[slotsPerPage]uint32 // the slot plus 1
}

// of returns the slot of a tuple, or noSlot.
func (s *slots) of(id uint32) uint32 {
	page := id / slotsPerPage
	if page >= uint32(len(s.pages)) || s.pages[page] == nil {
		return noSlot
	}
	return s.pages[page][id%slotsPerPage] - 1 // 0 becomes noSlot
}

func (s *slots) clear(id uint32) {
	s.pages[id/slotsPerPage][id%slotsPerPage] = 0
}

func (s *slots) set(id, slot uint32) {
	page := int(id / slotsPerPage)
	if page >= len(s.pages) {
		s.pages = append(s.pages, make([]*[slotsPerPage]uint32, page+1-len(s.pages))...)
	}
	if s.pages[page] == nil {
		s.pages[page] = new([slotsPerPage]uint32)
	}
	s.pages[page][id%slotsPerPage] = slot + 1
}
