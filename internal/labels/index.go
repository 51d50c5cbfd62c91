// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package labels

const (
	// indexParts is how many parts an index has.
	indexParts = 256
	// minPart is how many slots a part begins with.
	minPart = 8
)

// index finds IDs by hash. It is split into parts that grow each alone, so that growing
// never moves more than a 256th of it at once, and only a part that is used has memory.
type index [indexParts]part

// part is a hash table with linear probing.
type part struct {
	slots []partSlot
	n     int
}

// partSlot is 0 where it is free; else 32 bits of the hash, and the ID plus 1: growing
// reads nothing but slots.
type partSlot uint64

func (s partSlot) matches(hash uint64) bool { return uint32(s>>32) == uint32(hash) }
func (s partSlot) id() uint32               { return uint32(s) - 1 }

// part uses other bits of the hash than the slots of a part do.
func (x *index) part(hash uint64) *part { return &x[hash>>56] }

func (p *part) start(hash uint64) int { return int(uint32(hash)) & (len(p.slots) - 1) }
func (p *part) next(at int) int       { return (at + 1) & (len(p.slots) - 1) }

// add adds an ID that is not in the part.
func (p *part) add(hash uint64, id uint32) {
	// At most three quarters are full, which keeps probes short.
	if p.n++; 4*p.n > 3*len(p.slots) {
		p.resize(max(minPart, 2*len(p.slots)))
	}
	p.put(partSlot(uint64(uint32(hash))<<32 | uint64(id+1)))
}

// remove takes out an ID that is in the part.
func (p *part) remove(hash uint64, id uint32) {
	hole := p.start(hash)
	for p.slots[hole].id() != id {
		hole = p.next(hole)
	}
	// What follows moves up into the hole, unless it would then lie before its start: a
	// probe ends at the first free slot and must not end too early.
	mask := len(p.slots) - 1
	for at := p.next(hole); p.slots[at] != 0; at = p.next(at) {
		s := p.slots[at]
		if (at-p.start(uint64(s>>32)))&mask >= (at-hole)&mask {
			p.slots[hole], hole = s, at
		}
	}
	p.slots[hole] = 0
	if p.n--; len(p.slots) > minPart && 8*p.n < len(p.slots) {
		p.resize(len(p.slots) / 2)
	}
}

func (p *part) resize(size int) {
	old := p.slots
	p.slots = make([]partSlot, size)
	for _, s := range old {
		if s != 0 {
			p.put(s)
		}
	}
}

func (p *part) put(s partSlot) {
	at := p.start(uint64(s >> 32))
	for p.slots[at] != 0 {
		at = p.next(at)
	}
	p.slots[at] = s
}
