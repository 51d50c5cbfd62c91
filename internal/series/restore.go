// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package series

import (
	"slices"
	"time"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/labels"
)

// Geometry says how a family's slots are split into blocks: what was saved under another one
// must be saved anew, block by block.
type Geometry struct {
	Blocks int
	Bits   uint
}

const (
	// maxBits is more than the bits of any geometry: blocks are copied under a lock.
	maxBits = 20
	// roomyBlocks is how many blocks of vacant slots a family may have whatever is in them.
	roomyBlocks = 4
)

// Geometry returns the family's.
func (f *Family) Geometry() Geometry {
	f.mu.Lock()
	defer f.mu.Unlock()
	return Geometry{Blocks: len(f.blocks), Bits: f.bits}
}

// Restored says what became of the series of a block.
type Restored struct {
	// Series are in the family again.
	Series int
	// Excess are over its limit, Invalid are not what was saved of such a family. Neither is
	// in the family.
	Excess, Invalid int
	// Moved series are in other slots than they were: every block must be saved anew.
	Moved int
}

// Restore puts what was saved back into a family that nobody else uses yet. After the last
// block EndRestore must follow.
func (f *Family) Restore(saved *Saved, from Geometry, now Moment) Restored {
	if !saved.isOf(from) {
		return Restored{Invalid: max(1, len(saved.Slots))}
	}
	var done Restored
	resources := make([]*labels.Resource, 0, len(saved.Resources))
	for _, attrs := range saved.Resources {
		resources = append(resources, labels.NewResource(attrs))
	}
	down := time.Duration(0)
	if now.Time > saved.Time {
		down = time.Duration(now.Time - saved.Time)
	}
	values := saved.Values
	for i, slot := range saved.Slots {
		slot = f.home(slot, len(saved.Slots), &done)
		b, local := f.at(slot)
		if !b.values.restore(local, &values) {
			// Nobody knows where the next one begins.
			done.Invalid += len(saved.Slots) - i
			break
		}
		if !f.adopt(saved, i, slot, resources, &done) {
			b.values.zero(local)
			b.states[local] = vacant
			b.dirty = true
			continue
		}
		if g, ok := b.values.(*gauges); ok {
			// A clock that was ahead and is right again must not shut out what comes now.
			g.time[local] = min(g.time[local], now.Time)
		}
		b.starts[local] = saved.Starts[i]
		st := f.known(state(saved.States[i]))
		if st&expired != 0 {
			st = expired
			f.ending++
		}
		if st&changed != 0 {
			b.unsent++
		}
		b.states[local] = st
		if b.seen != nil {
			b.seen[local] = TickOf(now.Clock)
			if i < len(saved.Idle) {
				b.seen[local] = ago(saved.Idle[i], down, now.Clock)
			}
		}
		done.Series++
	}
	return done
}

// isOf reports whether s is a block that a family of this geometry has saved.
func (s *Saved) isOf(from Geometry) bool {
	n := len(s.Slots)
	if from.Bits > maxBits || n > 1<<from.Bits || len(s.Overflows) > 1 {
		return false
	}
	if len(s.Resource) != n || len(s.Texts) != n || len(s.Starts) != n || len(s.States) != n {
		return false
	}
	for i, slot := range s.Slots {
		if slot>>from.Bits != uint32(s.Block) || i > 0 && slot <= s.Slots[i-1] {
			return false
		}
	}
	return true
}

// known leaves of a state what it can be in this family: what it was restored from may have
// begun with a zero, and the family does not.
func (f *Family) known(st state) state {
	if !f.def.startsWithZero() {
		st &^= fresh
	}
	return st & (changed | fresh | expired)
}

// home returns a vacant slot for a series that had this one: the same, unless another one has
// moved there, or unless most of the slots below would be vacant. They would take memory for
// nothing.
func (f *Family) home(slot uint32, more int, done *Restored) uint32 {
	most := 2*(f.series+more) + roomyBlocks<<f.bits
	taken := false
	if slot < f.n {
		b, local := f.at(slot)
		taken = b.states[local]&vacant == 0
	}
	if taken || int64(slot) > int64(most) {
		slot = f.n
		done.Moved++
	}
	f.reach(slot)
	return slot
}

// adopt makes series i of a block that of a slot.
func (f *Family) adopt(saved *Saved, i int, slot uint32, resources []*labels.Resource, done *Restored) bool {
	b, local := f.at(slot)
	if slices.Contains(saved.Overflows, saved.Slots[i]) {
		if f.overflow != noSlot {
			done.Invalid++
			return false
		}
		b.tuples[local], f.overflow = labels.NoID, slot
		return true
	}
	if int(saved.Resource[i]) >= len(resources) || !f.table.List().IsText(saved.Texts[i]) {
		done.Invalid++
		return false
	}
	if !f.hasRoom() {
		done.Excess++
		return false
	}
	tuple := f.table.List().Tuple(resources[saved.Resource[i]], saved.Texts[i])
	id := f.table.Keep(&tuple)
	if f.slots.of(id) != noSlot {
		f.table.Release([]uint32{id})
		done.Invalid++
		return false
	}
	b.tuples[local] = id
	f.slots.set(id, slot)
	f.series++
	return true
}

// reach makes vacant slots up to this one.
func (f *Family) reach(slot uint32) {
	for f.n <= slot {
		b, local := f.at(f.vacancy())
		b.states[local] = vacant
	}
}

// EndRestore makes the slots that no series was restored to those of new series. If anew is
// true, every block counts as changed since it was last saved.
func (f *Family) EndRestore(anew bool) {
	for _, b := range f.blocks {
		b.dirty = b.dirty || anew
	}
	for slot := range f.n {
		if b, local := f.at(slot); b.states[local]&vacant != 0 {
			f.free = append(f.free, slot)
		}
	}
}
