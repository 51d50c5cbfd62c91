// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package columns

import (
	"iter"
	"math/bits"
)

// Set is a set of records of one chunk.
type Set [Size / 64]uint64

// First returns the set of the first n records.
func First(n int) Set {
	var s Set
	for i := range s {
		switch rest := n - i*64; {
		case rest >= 64:
			s[i] = ^uint64(0)
		case rest > 0:
			s[i] = 1<<rest - 1
		}
	}
	return s
}

// Add adds record i.
func (s *Set) Add(i int) {
	s[i/64] |= 1 << (i % 64)
}

// Has reports whether record i is in s.
func (s *Set) Has(i int) bool {
	return s[i/64]&(1<<(i%64)) != 0
}

// Union adds all of other.
func (s *Set) Union(other *Set) {
	for i := range s {
		s[i] |= other[i]
	}
}

// And returns what is in both.
func (s *Set) And(other *Set) Set {
	var both Set
	for i := range s {
		both[i] = s[i] & other[i]
	}
	return both
}

// IsEmpty reports whether no record is in s.
func (s *Set) IsEmpty() bool {
	return *s == Set{}
}

// Without returns what is in s and not in other.
func (s *Set) Without(other *Set) Set {
	var rest Set
	for i := range s {
		rest[i] = s[i] &^ other[i]
	}
	return rest
}

// Len returns how many records are in s.
func (s *Set) Len() int {
	n := 0
	for _, word := range s {
		n += bits.OnesCount64(word)
	}
	return n
}

// All yields the records in s in ascending order.
func (s *Set) All() iter.Seq[int] {
	return func(yield func(int) bool) {
		for i, word := range s {
			for ; word != 0; word &= word - 1 {
				if !yield(i*64 + bits.TrailingZeros64(word)) {
					return
				}
			}
		}
	}
}
