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
// Bytes that are written never change.
type arena struct {
	pages  [][]byte // with their full length from the beginning, so that their headers are written once
	page   uint32   // the one that is being filled, if there is one
	filled int      // bytes of it that are written
	size   int      // of it
}

// add keeps a copy of text.
func (a *arena) add(text string) place {
	n := uvarintLen(len(text)) + len(text)
	page, offset := a.page, a.filled
	switch {
	case n >= arenaOwn:
		page, offset = a.open(n), 0
	case offset+n > a.size:
		a.size = max(arenaMin, min(2*a.size, arenaMax))
		for a.size < n {
			a.size *= 2
		}
		a.page, a.filled = a.open(a.size), n
		page, offset = a.page, 0
	default:
		a.filled += n
	}
	to := a.pages[page][offset:]
	width := binary.PutUvarint(to, uint64(len(text)))
	copy(to[width:], text)
	return place(page)<<offsetBits | place(offset)
}

func (a *arena) open(size int) uint32 {
	a.pages = append(a.pages, make([]byte, size))
	return uint32(len(a.pages) - 1)
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
