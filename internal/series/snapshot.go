// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package series

import (
	"slices"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/labels"
)

// overflowResource is the resource of every family's overflow series.
var overflowResource = &labels.Resource{}

// Snapshot is what a family has to say at one emission: its series at that time, whose
// numbers it copies block by block, so that neither its memory nor the time for which it
// holds the family's lock grows with the family. It belongs to one goroutine.
type Snapshot struct {
	family *Family
	at     Moment
	end    uint32 // the slots that existed when the snapshot was taken
	next   uint32 // the first slot that has not been copied
	ends   bool   // NextEnds has begun
	first  uint32 // the first slot of the copy
	copied block  // without unsent
	zero   accumulator
	n      uint32 // slots of the copy
	dirty  bool   // the block has changed since it was last saved
	whole  *block // what to save, if that is more than the copy
	view   labels.View
}

// Moment is when an emission takes place, and what it is to say.
type Moment struct {
	// Time is the time of its points, later than that of the emission before.
	Time pcommon.Timestamp
	// Clock is the monotonic clock, in nanoseconds, which tells how long series were idle.
	Clock int64
	// Unsent leaves out the series of which accepted emissions have said everything.
	Unsent bool
	// Saving says that Saved will be asked for.
	Saving bool
}

// NewSnapshot returns an empty snapshot of f, to be taken.
func NewSnapshot(f *Family) *Snapshot {
	return &Snapshot{family: f}
}

// Family returns the family that this is a snapshot of.
func (s *Snapshot) Family() *Family {
	return s.family
}

// Take begins an emission. Series that are born from here on start at its time and are not
// part of the snapshot.
func (s *Snapshot) Take(at Moment) {
	f := s.family
	*s = Snapshot{family: f, at: at}
	s.Release()
	s.zero = f.def.newAccumulator()
	s.zero.grow(1)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.birth, s.end = at.Time, f.n
}

// Next copies the next block and returns how many of its series hold something that no
// accepted emission has shown and that this one will show, or false if there is none left.
// From a transient family it takes the numbers away: what the copy then holds is nowhere else.
// What is committed between Take and Next is in the copy.
func (s *Snapshot) Next() (unsent int, ok bool) {
	if s.next == s.end {
		return 0, false
	}
	s.advance() // not under the lock
	unsent = s.copy()
	s.view = s.family.table.View() // the tuples of the copy are in it
	return unsent, true
}

// advance makes room for the next block.
func (s *Snapshot) advance() {
	s.first = s.next
	s.n = min(s.end-s.first, 1<<s.family.bits)
	s.next += s.n
	s.copied.grow(int(s.n))
}

func (s *Snapshot) copy() (unsent int) {
	f := s.family
	f.mu.Lock()
	defer f.mu.Unlock()
	b, _ := f.at(s.first)
	f.expire(b, s.n, s.at)
	late := s.copyStates(b)
	for _, st := range s.copied.states[:s.n] {
		if st&(changed|fresh) == changed {
			unsent++
		}
	}
	b.unsent -= unsent
	// What is fresh says nothing yet that there could be an exemplar of, and what is not in the
	// copy says nothing.
	s.copied.exemplars = b.exemplars.take(func(slot uint32) bool {
		return slot >= s.n || s.copied.states[slot]&(fresh|vacant) != 0
	})
	s.dirty, b.dirty = b.dirty, false
	s.whole = nil
	late = late || s.n < 1<<f.bits && s.first+s.n < f.n
	if late && s.at.Saving && (s.dirty || f.def.Transient()) {
		// Series that were born since Take are in the block, too. They are not in the copy, but
		// what is saved must not lack them.
		s.whole = &block{values: f.def.newAccumulator()}
		if f.def.Transient() {
			defer func() { s.whole.take(b, f.slotsOf(s.first)) }() // once it lacks what the copy has
		} else {
			s.whole.take(b, f.slotsOf(s.first))
		}
	}
	if f.def.Transient() {
		if unsent == 0 && !s.dirty {
			return 0 // nothing of it will be read
		}
		s.dirty = true // what is taken away must go from what was saved, too
	}
	for local, st := range s.copied.states[:s.n] {
		if st&(fresh|vacant) == 0 { // what is fresh says only that it exists
			b.states[local] &^= changed
		}
	}
	b.values.copyTo(s.copied.values, int(s.n))
	copy(s.copied.starts, b.starts[:s.n])
	copy(s.copied.tuples, b.tuples[:s.n])
	if b.seen != nil && s.at.Saving {
		copyInto(&s.copied.seen, b.seen, int(s.n))
	}
	if !f.def.Transient() {
		return unsent
	}
	for local, st := range s.copied.states[:s.n] {
		if st&changed != 0 {
			b.values.zero(uint32(local))
			// The next point of this series begins where this one ends, however long the
			// series is idle in between.
			b.starts[local] = s.at.Time
		}
	}
	return unsent
}

// copyStates copies the states of a block, and reports whether there are lives in it that
// have begun since Take: in slots that were vacant, or of series that had expired. They start
// at the time of the emission, and so a point of theirs at that time would have no duration.
// In the copy their slots are vacant.
func (s *Snapshot) copyStates(b *block) (late bool) {
	copy(s.copied.states, b.states[:s.n])
	for local, start := range b.starts[:s.n] {
		if start >= s.at.Time && s.copied.states[local]&vacant == 0 {
			s.copied.states[local] = vacant
			late = true
		}
	}
	return late
}

// expire marks the series of a block that have been idle for too long. What no accepted
// emission has shown does not expire, nor does a life that this one will not show.
func (f *Family) expire(b *block, n uint32, at Moment) {
	if f.def.ExpireAfter > 0 {
		for local, st := range b.states[:n] {
			if st == 0 && b.starts[local] < at.Time && b.seen[local].idleFor(f.def.ExpireAfter, at.Clock) {
				b.states[local] = expired
				b.dirty = true
				f.ending++
				f.ends++
			}
		}
	}
	if f.ending > 0 {
		// A life begins later than the one before has ended. It may have been restored: then
		// it ends also if series do not expire any more.
		f.birth = at.Time + 1
	}
}

// Point is a series that a snapshot has something to say of.
type Point struct {
	// Slot is the series' slot in its family.
	Slot uint32
	// Resource is what the series belongs to.
	Resource *labels.Resource
	// Unsent points say something that no accepted emission has said.
	Unsent bool
	// Fresh points are the zeros with which series begin.
	Fresh bool
}

// Points calls yield for each series of the copy that has a point to send: every one of a
// cumulative family or a gauge, and those of a transient family that something was committed
// to.
func (s *Snapshot) Points(yield func(Point)) {
	onlyChanged := s.at.Unsent || s.family.def.Transient()
	for local, st := range s.copied.states[:s.n] {
		if st&(expired|vacant) != 0 || onlyChanged && st&changed == 0 {
			continue
		}
		yield(Point{
			Slot:     s.first + uint32(local),
			Resource: s.resource(local),
			Unsent:   st&(changed|fresh) == changed,
			Fresh:    st&fresh != 0,
		})
	}
}

// NextEnd copies the next block in which series have expired, once Next has returned false.
// It returns false if there is none left.
func (s *Snapshot) NextEnd() bool {
	if !s.ends {
		s.ends, s.next = true, 0
	}
	for s.next < s.end {
		if !s.copyEnds() {
			return false
		}
		if slices.ContainsFunc(s.copied.states[:s.n], func(st state) bool { return st&expired != 0 }) {
			return true
		}
	}
	return false
}

// copyEnds returns false if no series of the family has expired.
func (s *Snapshot) copyEnds() bool {
	f := s.family
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ending == 0 {
		return false
	}
	s.advance()
	b, _ := f.at(s.first)
	copy(s.copied.states, b.states[:s.n])
	copy(s.copied.starts, b.starts[:s.n])
	copy(s.copied.tuples, b.tuples[:s.n])
	return true
}

// Ends calls yield for each series of the copy that has expired.
func (s *Snapshot) Ends(yield func(Point)) {
	for local, st := range s.copied.states[:s.n] {
		if st&expired != 0 {
			yield(Point{Slot: s.first + uint32(local), Resource: s.resource(local)})
		}
	}
}

func (s *Snapshot) resource(local int) *labels.Resource {
	if id := s.copied.tuples[local]; id != labels.NoID {
		return s.view.Resource(id)
	}
	return overflowResource
}

// Release lets go of the copy, so that it does not stay in memory until it is needed again.
func (s *Snapshot) Release() {
	s.copied = block{values: s.family.def.newAccumulator()}
}

// Transient reports whether the snapshot holds what the family no longer has, so that
// its points must be kept until they are accepted.
func (s *Snapshot) Transient() bool {
	return s.family.def.Transient()
}

// EndsSilently reports whether series end without a point that says so: delta points say by
// themselves that they do not go on.
func (s *Snapshot) EndsSilently() bool {
	return s.family.def.delta()
}

// Describe gives an empty metric its name, kind and description.
func (s *Snapshot) Describe(m pmetric.Metric) {
	def := s.family.def
	m.SetName(def.Name)
	m.SetDescription(def.Description)
	m.SetUnit(def.Unit)
	s.copied.values.describe(m, def.temporality())
}

// MetricSize returns an upper estimate of the bytes of what Describe writes.
func (s *Snapshot) MetricSize() int {
	def := s.family.def
	return len(def.Name) + len(def.Description) + len(def.Unit) + 64
}

// PointSize returns an upper estimate of the bytes of a point of the copy.
func (s *Snapshot) PointSize(of Point) int {
	size := s.copied.values.size()
	if exemplars := s.copied.exemplars[of.Slot-s.first]; exemplars != nil {
		size += len(exemplars.cells) * exemplarSize
	}
	if id := s.copied.tuples[of.Slot-s.first]; id != labels.NoID {
		return size + s.family.table.List().Size(s.view.Text(id))
	}
	return size + len(OverflowAttribute) + 32
}

// Write appends a point of the copy to m, which Describe has described.
func (s *Snapshot) Write(of Point, m pmetric.Metric) {
	p := s.point(of)
	if of.Fresh {
		s.zero.write(0, m, p)
		return
	}
	local := of.Slot - s.first
	s.copied.values.write(local, m, p)
	if exemplars := s.copied.exemplars[local]; exemplars != nil {
		exemplars.writeTo(exemplarsOf(m), s.at.Time, s.family.def)
	}
}

// WriteEnd appends the point that says that a series of the copy has ended.
func (s *Snapshot) WriteEnd(of Point, m pmetric.Metric) {
	p := s.point(of)
	p.end = true
	s.zero.write(0, m, p)
}

func (s *Snapshot) point(of Point) point {
	local := of.Slot - s.first
	p := point{start: s.copied.starts[local], time: s.at.Time}
	if id := s.copied.tuples[local]; id != labels.NoID {
		p.list, p.text = s.family.table.List(), s.view.Text(id)
	}
	return p
}
