// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package labels

// cellIndex is a hash index over positions in some slice: open addressing with linear probing,
// at most half full. An entry keeps 32 bits of the hash, so that growing never hashes again.
type cellIndex struct {
	slots []indexEntry
	n     int
}

// indexEntry is 0 where the slot is free; else 32 bits of a hash, and a position plus 1.
type indexEntry uint64

// minSlots is the size of a new index.
const minSlots = 32

func newCellIndex() cellIndex {
	return cellIndex{slots: make([]indexEntry, minSlots)}
}

// start returns the slot at which a search for h begins.
func (x *cellIndex) start(h uint64) int {
	return int(h>>32) & (len(x.slots) - 1)
}

func (x *cellIndex) next(at int) int {
	return (at + 1) & (len(x.slots) - 1)
}

func (e indexEntry) matches(h uint64) bool {
	return uint64(e)>>32 == h>>32
}

func (e indexEntry) position() int {
	return int(uint32(e)) - 1
}

// add adds a position that is not in the index.
func (x *cellIndex) add(h uint64, position int) {
	if x.n++; 2*x.n > len(x.slots) {
		old := x.slots
		x.slots = make([]indexEntry, 2*len(old))
		for _, e := range old {
			if e != 0 {
				x.put(e)
			}
		}
	}
	x.put(indexEntry(h>>32<<32 | uint64(uint32(position)+1)))
}

func (x *cellIndex) put(e indexEntry) {
	at := x.start(uint64(e))
	for x.slots[at] != 0 {
		at = x.next(at)
	}
	x.slots[at] = e
}
