// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package labels

import "math/bits"

// quickTable finds strings by a hash of their first and last eight bytes, which takes less
// time than a look-up by maphash: 9 ns against 14 ns with 4 values, 11 ns against 15 ns with
// 20. It holds one string for each hash, the last, so that those who choose values that
// collide only make it useless, which costs no more than a comparison.
type quickTable [quickSize]uint32 // a position plus 1, or 0

const (
	quickBits = 10
	quickSize = 1 << quickBits
	// maxQuick is the most strings for which the table pays: with many, most look-ups
	// find another one, and read its text for nothing.
	maxQuick = quickSize / 2
)

func (t *quickTable) position(quick uint64) (int, bool) {
	p := t[quick%quickSize]
	return int(p) - 1, p != 0
}

func (t *quickTable) put(quick uint64, position int) {
	t[quick%quickSize] = uint32(position) + 1
}

// quickHash hashes the beginning, the end and the length of a string that is not empty.
func quickHash(s string) uint64 {
	var h uint64
	switch n := len(s); {
	case n >= 8:
		h = load64(s) ^ bits.RotateLeft64(load64(s[n-8:]), 29)
	case n >= 4:
		h = load32(s) | load32(s[n-4:])<<32
	default:
		h = uint64(s[0]) | uint64(s[n>>1])<<8 | uint64(s[n-1])<<16
	}
	// Fibonacci hashing: the upper bits of the product depend on all bits of h.
	return (h + uint64(len(s))) * 0x9E3779B97F4A7C15 >> (64 - quickBits)
}

// load64 compiles to one instruction.
func load64(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

func load32(s string) uint64 {
	_ = s[3]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24
}
