// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package labels

import (
	"encoding/binary"
	"unsafe"
)

const (
	// arenaMin and arenaMax are the sizes of the first page and of the pages once there
	// are some.
	arenaMin = 1 << 10
	arenaMax = 1 << offsetBits
	// arenaOwn is the size from which on a text has a page of its own, so that what is
	// left empty at the end of a page is never more than a quarter of it.
	arenaOwn = arenaMax / 4

	offsetBits = 16
)

// place says where a text is: the number of its page and, in the lowest offsetBits, the
// offset there.
type place uint64

// arena keeps texts in pages of bytes, so that a million of them are a few hundred
// objects for the garbage collector instead of a million, and none costs a header.
// Bytes that are written never change; a page whose last text is dropped is given up.
type arena struct {
	pages  [][]byte // with their full length from the beginning, so that their headers are written once
	live   []int    // by page: the bytes of texts that have not been dropped
	sparse []bool   // by page: its texts are to move to other pages
	free   []uint32 // the numbers of pages that were given up
	page   uint32   // the one that is being filled, if size is not 0
	filled int      // bytes of it that are written
	size   int      // of it

	total, used int // bytes of all pages, and of the texts in them
}

// add keeps a copy of text.
func (a *arena) add(text string) place {
	n := uvarintLen(len(text)) + len(text)
	page, offset := a.page, a.filled
	switch {
	case n >= arenaOwn:
		page, offset = a.open(n), 0
	case offset+n > a.size:
		full, was := a.page, a.size > 0
		a.size = max(arenaMin, min(2*a.size, arenaMax))
		for a.size < n {
			a.size *= 2
		}
		a.page, a.filled = a.open(a.size), n
		page, offset = a.page, 0
		if was && a.live[full] == 0 {
			a.close(full)
		}
	default:
		a.filled += n
	}
	a.live[page] += n
	a.used += n
	to := a.pages[page][offset:]
	width := binary.PutUvarint(to, uint64(len(text)))
	copy(to[width:], text)
	return place(page)<<offsetBits | place(offset)
}

// drop forgets the text at p.
func (a *arena) drop(p place) {
	text := textAt(a.pages, p)
	n := uvarintLen(len(text)) + len(text)
	page := uint32(p >> offsetBits)
	a.live[page] -= n
	a.used -= n
	if a.live[page] == 0 && (a.size == 0 || page != a.page) {
		a.close(page)
	}
}

// arenaSlack is how many bytes may be of no use before it is worth the while to move texts.
const arenaSlack = 4 * arenaMax

// begin marks the pages that are less than half full for their texts to move, if more than
// half of all memory is of no use. Every text must then be moved.
func (a *arena) begin() bool {
	if a.total < 2*a.used+arenaSlack {
		return false
	}
	for page := range a.pages {
		a.sparse[page] = uint32(page) != a.page && 2*a.live[page] < len(a.pages[page])
	}
	return true
}

// move returns where the text at p is from now on.
func (a *arena) move(p place) place {
	if !a.sparse[p>>offsetBits] {
		return p
	}
	to := a.add(textAt(a.pages, p))
	a.drop(p)
	return to
}

func (a *arena) open(size int) uint32 {
	a.total += size
	if n := len(a.free); n > 0 {
		page := a.free[n-1]
		a.free = a.free[:n-1]
		a.pages[page] = make([]byte, size)
		return page
	}
	a.pages = append(a.pages, make([]byte, size))
	a.live = append(a.live, 0)
	a.sparse = append(a.sparse, false)
	return uint32(len(a.pages) - 1)
}

// close gives a page up. Who still reads a text of it keeps it alive.
func (a *arena) close(page uint32) {
	a.total -= len(a.pages[page])
	a.pages[page], a.sparse[page] = nil, false
	a.free = append(a.free, page)
}

// textAt returns the text at p. The string points into its page.
func textAt(pages [][]byte, p place) string {
	page := pages[p>>offsetBits][p&(1<<offsetBits-1):]
	n, width := binary.Uvarint(page)
	if n == 0 {
		return ""
	}
	page = page[width:][:n]
	// Not a copy: a flush hands every label of every series to pmetric, and copying them
	// would be one more allocation for each point. It is safe because written bytes never
	// change and because the string keeps its page alive.
	return unsafe.String(&page[0], len(page))
}

// uvarintLen returns how many bytes binary.PutUvarint writes for n.
func uvarintLen(n int) int {
	width := 1
	for n >= 0x80 {
		n >>= 7
		width++
	}
	return width
}
