// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package series

import (
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
	time   pcommon.Timestamp
	end    uint32 // the slots that existed when the snapshot was taken
	next   uint32 // the first slot that has not been copied
	first  uint32 // the first slot of the copy
	copied block  // without unsent
	n      uint32 // slots of the copy
	view   labels.View
}

// NewSnapshot returns an empty snapshot of f, to be taken.
func NewSnapshot(f *Family) *Snapshot {
	return &Snapshot{family: f}
}

// Family returns the family that this is a snapshot of.
func (s *Snapshot) Family() *Family {
	return s.family
}

// Take begins an emission at now, which must be later than the emission before. Series
// that are born from here on start at now and are not part of the snapshot.
func (s *Snapshot) Take(now pcommon.Timestamp) {
	f := s.family
	*s = Snapshot{family: f, time: now}
	s.copied.values = f.def.newAccumulator()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last, s.end = now, f.n
}

// Next copies the next block and returns how many of its series hold something that no
// accepted emission has shown, or false if there is none left. From a transient family it
// takes the numbers away: what the copy then holds is nowhere else. What is committed
// between Take and Next is in the copy.
func (s *Snapshot) Next() (unsent int, ok bool) {
	if s.next == s.end {
		return 0, false
	}
	f := s.family
	s.first = s.next
	s.n = min(s.end-s.first, 1<<f.bits)
	s.next += s.n
	s.copied.grow(int(s.n)) // not under the lock
	unsent = s.copy()
	s.view = f.table.View() // the tuples of the copy are in it
	return unsent, true
}

func (s *Snapshot) copy() (unsent int) {
	f := s.family
	f.mu.Lock()
	defer f.mu.Unlock()
	b, _ := f.at(s.first)
	copy(s.copied.changed, b.changed[:s.n])
	for _, changed := range b.changed[:s.n] {
		if changed {
			unsent++
		}
	}
	b.unsent -= unsent
	if f.def.transient() && unsent == 0 {
		return 0 // nothing of it will be read
	}
	clear(b.changed[:s.n])
	b.values.copyTo(s.copied.values, int(s.n))
	copy(s.copied.starts, b.starts[:s.n])
	copy(s.copied.tuples, b.tuples[:s.n])
	if !f.def.transient() {
		return unsent
	}
	for local, changed := range s.copied.changed[:s.n] {
		if changed {
			b.values.zero(uint32(local))
			// The next point of this series begins where this one ends, however long the
			// series is idle in between.
			b.starts[local] = s.time
		}
	}
	return unsent
}

// Slots calls yield for each slot of the copy that has a point to send, with the resource
// that it belongs to: every series of a family, but of a transient one those that
// something was committed to.
func (s *Snapshot) Slots(yield func(slot uint32, r *labels.Resource, changed bool)) {
	transient := s.family.def.transient()
	for local := range s.n {
		changed := s.copied.changed[local]
		if transient && !changed {
			continue
		}
		r := overflowResource
		if id := s.copied.tuples[local]; id != labels.NoID {
			r = s.view.Resource(id)
		}
		yield(s.first+local, r, changed)
	}
}

// End lets go of the copy, so that it does not stay in memory until the next emission.
func (s *Snapshot) End() {
	*s = Snapshot{family: s.family}
}

// Transient reports whether the snapshot holds what the family no longer has, so that
// its points must be kept until they are accepted.
func (s *Snapshot) Transient() bool {
	return s.family.def.transient()
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

// PointSize returns an upper estimate of the bytes of the point in slot, which the copy
// holds.
func (s *Snapshot) PointSize(slot uint32) int {
	size := s.copied.values.size()
	if id := s.copied.tuples[slot-s.first]; id != labels.NoID {
		return size + s.family.table.List().Size(s.view.Text(id))
	}
	return size + len(OverflowAttribute) + 32
}

// Write appends the point in slot, which the copy holds, to m, which Describe has
// described.
func (s *Snapshot) Write(slot uint32, m pmetric.Metric) {
	local := slot - s.first
	p := point{start: s.copied.starts[local], time: s.time}
	if id := s.copied.tuples[local]; id != labels.NoID {
		p.list, p.text = s.family.table.List(), s.view.Text(id)
	}
	s.copied.values.write(local, m, p)
}
