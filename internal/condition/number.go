// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package condition

import (
	"math"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/columns"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/syntax"
)

// numberTest compares a path with a number. For every operator the integers, and the
// doubles, for which it is true are one range or all but one range, so that one loop does
// for all. NaN is in no range.
type numberTest struct {
	slot int
	// The integers are those from first on, and as many more as span says.
	first int64
	span  uint64
	// The doubles are those from low to high.
	low, high float64
	// invert means that what is in the range does not match, and all else does, values
	// that are no numbers included. It is what != is.
	invert bool
	// noInts means that no integer is in the range.
	noInts bool
}

func newIntTest(slot int, operator syntax.Operator, n int64) *numberTest {
	t := newDoubleTest(slot, operator, float64(n))
	// Two integers compare exactly, not as doubles.
	t.setInts(operator, func(i int64) int {
		switch {
		case i < n:
			return -1
		case i > n:
			return 1
		}
		return 0
	})
	return t
}

func newDoubleTest(slot int, operator syntax.Operator, f float64) *numberTest {
	t := &numberTest{slot: slot, low: math.Inf(-1), high: math.Inf(1)}
	switch operator {
	case syntax.Less:
		t.high = math.Nextafter(f, math.Inf(-1))
	case syntax.LessEqual:
		t.high = f
	case syntax.Greater:
		t.low = math.Nextafter(f, math.Inf(1))
	case syntax.GreaterEqual:
		t.low = f
	default:
		t.low, t.high = f, f
		t.invert = operator == syntax.NotEqual
	}
	t.setInts(operator, func(i int64) int {
		switch g := float64(i); {
		case g < f:
			return -1
		case g > f:
			return 1
		}
		return 0
	})
	return t
}

// setInts sets the range of integers. The function compare tells where an integer stands
// and never falls as integers rise.
func (t *numberTest) setInts(operator syntax.Operator, compare func(int64) int) {
	below, isBelow := lastInt(func(i int64) bool { return compare(i) < 0 })
	upTo, isUpTo := lastInt(func(i int64) bool { return compare(i) <= 0 })
	low, high := int64(math.MinInt64), int64(math.MaxInt64)
	none := false
	switch operator {
	case syntax.Less:
		high, none = below, !isBelow
	case syntax.LessEqual:
		high, none = upTo, !isUpTo
	case syntax.Greater:
		if isUpTo {
			low, none = upTo+1, upTo == math.MaxInt64
		}
	case syntax.GreaterEqual:
		if isBelow {
			low, none = below+1, below == math.MaxInt64
		}
	default:
		if isBelow {
			low = below + 1
		}
		high, none = upTo, isBelow == isUpTo && below == upTo
	}
	t.first, t.span, t.noInts = low, uint64(high)-uint64(low), none
}

// lastInt returns the last integer for which f is true; f is true up to some integer, and
// not after it. It returns false if f is true for none.
func lastInt(f func(int64) bool) (int64, bool) {
	// The search runs over integers from the least one on: 0 stands for it.
	const least = uint64(1) << 63
	if !f(math.MinInt64) {
		return 0, false
	}
	var n uint64
	for step := least; step > 0; step >>= 1 {
		if f(int64((n + step) ^ least)) {
			n += step
		}
	}
	return int64(n ^ least), true
}

func (t *numberTest) run(chunk *columns.Chunk, want columns.Set) (match, odd columns.Set) {
	c := chunk.Column(t.slot)
	for word, w := range want {
		if w == 0 {
			continue
		}
		ints := ofKind(c, word, w, columns.Int)
		doubles := ofKind(c, word, w, columns.Double)
		odd[word] = ofKind(c, word, w, columns.Failed)
		numbers := (*[wordSize]uint64)(c.Number[word*wordSize:])
		var in uint64
		if ints != 0 && !t.noInts {
			in = t.inInts(numbers, ints)
		}
		if doubles != 0 {
			in |= t.inDoubles(numbers, doubles)
		}
		match[word] = (in ^ mask(t.invert)) & w &^ odd[word]
	}
	return match, odd
}

// inInts returns which of ints are in the range.
func (t *numberTest) inInts(numbers *[wordSize]uint64, ints uint64) uint64 {
	from, span := uint64(t.first), t.span
	var in uint64
	if isFew(ints) {
		for rest := ints; rest != 0; rest &= rest - 1 {
			i := first(rest) % wordSize
			in |= bit(numbers[i]-from <= span) << i
		}
		return in
	}
	for i, n := range numbers {
		in |= bit(n-from <= span) << i
	}
	return in & ints
}

// inDoubles returns which of doubles are in the range.
func (t *numberTest) inDoubles(numbers *[wordSize]uint64, doubles uint64) uint64 {
	low, high := t.low, t.high
	var in uint64
	if isFew(doubles) {
		for rest := doubles; rest != 0; rest &= rest - 1 {
			i := first(rest) % wordSize
			f := math.Float64frombits(numbers[i])
			in |= bit(f >= low) & bit(f <= high) << i
		}
		return in
	}
	for i, n := range numbers {
		f := math.Float64frombits(n)
		in |= bit(f >= low) & bit(f <= high) << i
	}
	return in & doubles
}
