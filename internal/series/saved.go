// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package series

import (
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/labels"
)

// Saved is a block of a family in a form that can be stored. It holds only what is exported,
// and of the series in columns, so that many of them are small. Fields are only ever added.
type Saved struct {
	family *Family
	// Epoch is for whoever stores it: blocks of two epochs do not belong together.
	Epoch uint64
	// Block is the number of the block in its family.
	Block int
	// Time is the wall clock when it was copied, from which Idle counts back.
	Time pcommon.Timestamp
	// Resources are those of the block's series.
	Resources [][]labels.Attribute
	// By series: the slot in the family; the position in Resources and the labels, both
	// without meaning for the overflow series; the start; where it is in its life; for how
	// many ticks nothing had been committed to it.
	Slots     []uint32
	Resource  []uint32
	Texts     []string
	Starts    []pcommon.Timestamp
	States    []byte
	Overflows []uint32 // the slots of overflow series
	Idle      []uint32
	// Values are what the series hold, in their order.
	Values Values
}

// saver copies blocks to be stored.
type saver struct {
	family *Family
	block  block
	n      uint32
	// emptied stands in for all values, if the copy has been taken away from the family.
	emptied accumulator
}

// Dirty calls yield with a copy of each block that has changed since it was last saved.
// What yield cannot save it must give to Unsaved. Dirty is safe for concurrent use, but not
// with Remove or Store.Compact.
func (f *Family) Dirty(now Moment, yield func(*Saved)) {
	f.mu.Lock()
	blocks := len(f.blocks)
	f.mu.Unlock()
	s := saver{family: f, block: block{values: f.def.newAccumulator()}}
	for i := range blocks {
		if s.copy(i) {
			yield(s.saved(i, f.table.View(), now))
		}
	}
}

func (s *saver) copy(i int) bool {
	f := s.family
	f.mu.Lock()
	defer f.mu.Unlock()
	b := f.blocks[i]
	if !b.dirty {
		return false
	}
	b.dirty = false
	n := f.slotsOf(uint32(i) << f.bits)
	s.n = uint32(n)
	s.block.take(b, n)
	return true
}

// slotsOf returns how many slots the block has that begins with this one.
func (f *Family) slotsOf(first uint32) int {
	return int(min(f.n-first, 1<<f.bits))
}

// take makes b a copy of the first n slots of from.
func (b *block) take(from *block, n int) {
	from.values.copyTo(b.values, n)
	copyInto(&b.starts, from.starts, n)
	copyInto(&b.states, from.states, n)
	copyInto(&b.tuples, from.tuples, n)
	if from.seen != nil {
		copyInto(&b.seen, from.seen, n)
	}
}

// saved puts the copy into a form that can be stored.
func (s *saver) saved(i int, view labels.View, now Moment) *Saved {
	f, b := s.family, &s.block
	saved := &Saved{family: f, Block: i, Time: now.Time}
	resources := map[*labels.Resource]uint32{}
	for local, st := range b.states[:s.n] {
		if st&vacant != 0 {
			continue
		}
		slot := uint32(i)<<f.bits + uint32(local)
		text, position := "", uint32(0)
		if id := b.tuples[local]; id == labels.NoID {
			saved.Overflows = append(saved.Overflows, slot)
		} else {
			r := view.Resource(id)
			var ok bool
			if position, ok = resources[r]; !ok {
				position = uint32(len(resources))
				resources[r] = position
				saved.Resources = append(saved.Resources, r.Attributes)
			}
			text = view.Text(id)
		}
		saved.Slots = append(saved.Slots, slot)
		saved.Resource = append(saved.Resource, position)
		saved.Texts = append(saved.Texts, text)
		start := b.starts[local]
		if s.emptied != nil {
			if st&changed != 0 {
				start = now.Time
			}
			st &^= changed
			s.emptied.save(0, &saved.Values)
		} else {
			b.values.save(uint32(local), &saved.Values)
		}
		saved.Starts = append(saved.Starts, start)
		saved.States = append(saved.States, byte(st))
		if b.seen != nil {
			saved.Idle = append(saved.Idle, b.seen[local].idle(now.Clock))
		}
	}
	return saved
}

// Saved returns the copy of a snapshot in a form that can be stored, as the family is once
// the snapshot has it: without what the copy has taken away. It returns nil if the block has
// not changed since it was last saved. The snapshot was taken with Moment.Saving.
func (s *Snapshot) Saved() *Saved {
	if !s.dirty {
		return nil
	}
	from := saver{family: s.family, block: s.copied, n: s.n}
	if s.whole != nil {
		from.block, from.n = *s.whole, uint32(len(s.whole.states))
	} else if s.Transient() {
		from.emptied = s.zero
	}
	return from.saved(int(s.first>>s.family.bits), s.view, s.at)
}

// Unsaved says that a block could not be saved.
func (s *Saved) Unsaved() {
	f := s.family
	f.mu.Lock()
	defer f.mu.Unlock()
	f.blocks[s.Block].dirty = true
}

// idle returns for how many ticks nothing has happened since t.
func (t Tick) idle(now int64) uint32 {
	return uint32(max(0, int32(Tick(now/int64(tick))-t)))
}

// ago returns the tick so many ticks, and then d, before now.
func ago(idle uint32, d time.Duration, now int64) Tick {
	ticks := int64(idle) + int64(max(0, d)/tick)
	return Tick(now/int64(tick)) - Tick(min(ticks, 1<<31-1))
}

// Metric returns the name of the metric that the block is of.
func (s *Saved) Metric() string {
	return s.family.def.Name
}
