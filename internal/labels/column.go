// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package labels

const (
	pageBits = 12
	// pageSize is how many elements a page of a column has.
	pageSize = 1 << pageBits
	// minPage is how many the first page begins with.
	minPage = 16
)

// column is an array that grows page by page: growing copies nothing but, at first, a
// page that is not full yet, and so never holds a lock for long. A copy of a column is a
// view of it: what it holds for the elements that existed then may be read while the
// column grows, if nobody writes to those elements.
type column[T any] struct {
	pages [][]T
}

func (c *column[T]) at(i uint32) *T {
	return &c.pages[i>>pageBits][i&(pageSize-1)]
}

// grow makes room for the elements below n.
func (c *column[T]) grow(n uint32) {
	if len(c.pages) == 0 || len(c.pages[0]) < pageSize {
		c.growFirst(n)
	}
	for uint64(len(c.pages))<<pageBits < uint64(n) && n > pageSize {
		c.pages = append(c.pages, make([]T, pageSize))
	}
}

// growFirst doubles the first page, so that a small column stays small.
func (c *column[T]) growFirst(n uint32) {
	size := 0
	if len(c.pages) > 0 {
		size = len(c.pages[0])
	}
	if uint64(n) <= uint64(size) {
		return
	}
	size = max(size, minPage)
	for size < int(min(n, pageSize)) {
		size *= 2
	}
	first := make([]T, size)
	if len(c.pages) > 0 {
		copy(first, c.pages[0])
	}
	// A new list of pages: views go on to read the old one.
	c.pages = [][]T{first}
}
