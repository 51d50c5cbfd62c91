// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package series

import (
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/labels"
)

// Snapshot is a copy of what a family has to say at one emission. Its memory is used
// again for the next one. It belongs to one goroutine.
type Snapshot struct {
	family     *Family
	time       pcommon.Timestamp
	identities []*identity
	values     accumulator
	starts     []pcommon.Timestamp
	changed    []bool
	n          int
}

// NewSnapshot returns an empty snapshot of f, to be taken.
func NewSnapshot(f *Family) *Snapshot {
	return &Snapshot{family: f, values: f.def.newAccumulator()}
}

// Family returns the family that this is a snapshot of.
func (s *Snapshot) Family() *Family {
	return s.family
}

// Take copies the family's numbers for an emission at now, which must be later than the
// emission before. From a delta family it takes them away: what the snapshot then holds
// is nowhere else.
func (s *Snapshot) Take(now pcommon.Timestamp) {
	f := s.family
	f.mu.Lock()
	defer f.mu.Unlock()
	s.n, s.time = len(f.identities), now
	// No copy: slots are only ever added, and what they hold does not change.
	s.identities = f.identities[:s.n:s.n]
	f.values.copyTo(s.values, s.n)
	copyInto(&s.starts, f.starts, s.n)
	copyInto(&s.changed, f.changed, s.n)
	clear(f.changed)
	f.last = now
	if !f.def.delta() {
		return
	}
	for slot, changed := range s.changed {
		if changed {
			f.values.zero(uint32(slot))
			// The next point of this series begins where this one ends, however long the
			// series is idle in between.
			f.starts[slot] = now
		}
	}
}

// Slots calls yield for each slot that has a point to send, with the resource that it
// belongs to: every series of a cumulative family or a gauge, and those of a delta
// family that something was committed to.
func (s *Snapshot) Slots(yield func(slot uint32, r *labels.Resource, changed bool)) {
	delta := s.family.def.delta()
	for slot := range s.n {
		if delta && !s.changed[slot] {
			continue
		}
		yield(uint32(slot), s.identities[slot].resource, s.changed[slot])
	}
}

// Transient reports whether the snapshot holds what the family no longer has, so that
// its points must be kept until they are accepted.
func (s *Snapshot) Transient() bool {
	return s.family.def.delta()
}

// Describe gives an empty metric its name, kind and description.
func (s *Snapshot) Describe(m pmetric.Metric) {
	def := s.family.def
	m.SetName(def.Name)
	m.SetDescription(def.Description)
	m.SetUnit(def.Unit)
	s.values.describe(m, def.temporality())
}

// MetricSize returns an upper estimate of the bytes of what Describe writes.
func (s *Snapshot) MetricSize() int {
	def := s.family.def
	return len(def.Name) + len(def.Description) + len(def.Unit) + 64
}

// PointSize returns an upper estimate of the bytes of the point in slot.
func (s *Snapshot) PointSize(slot uint32) int {
	return s.values.size() + labels.Size(s.identities[slot].attributes)
}

// Write appends the point in slot to m, which Describe has described.
func (s *Snapshot) Write(slot uint32, m pmetric.Metric) {
	s.values.write(slot, m, point{start: s.starts[slot], time: s.time, identity: s.identities[slot]})
}

func (p point) number(dp pmetric.NumberDataPoint) {
	if p.start != 0 {
		dp.SetStartTimestamp(p.start)
	}
	dp.SetTimestamp(p.time)
	p.identity.putTo(dp.Attributes())
}
