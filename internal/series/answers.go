// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package series

// MarkUnsent says that the points of these slots, from a snapshot, were not accepted and
// will not be sent again.
func (f *Family) MarkUnsent(slots []uint32) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, slot := range slots {
		b, local := f.at(slot)
		b.mark(local)
		b.dirty = true
	}
}

// MarkBegun says that the zeros with which the series in these slots begin were accepted, or
// refused for good: the next points say what came since.
func (f *Family) MarkBegun(slots []uint32) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, slot := range slots {
		b, local := f.at(slot)
		b.states[local] &^= fresh
		b.dirty = true
	}
}

// Remove ends the series in these slots, at most labels.Bite, whose last points were
// accepted, or refused for good, unless something has been committed to them meanwhile. It
// must be called by Store.Exclusive.
func (f *Family) Remove(slots []uint32) {
	f.mu.Lock()
	defer f.mu.Unlock()
	tuples := make([]uint32, 0, len(slots))
	for _, slot := range slots {
		b, local := f.at(slot)
		if b.states[local]&expired == 0 {
			continue
		}
		f.ending--
		b.values.zero(local)
		b.states[local] = vacant
		b.dirty = true
		f.free = append(f.free, slot)
		if slot == f.overflow {
			f.overflow = noSlot
			continue
		}
		f.series--
		f.slots.clear(b.tuples[local])
		tuples = append(tuples, b.tuples[local])
	}
	f.table.Release(tuples)
}

// Expired returns how many series have expired.
func (f *Family) Expired() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.ends
}
