// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package series

import "math"

// maxScale is the finest scale, as in the OpenTelemetry SDKs ("MaxScale" of the base2
// exponential bucket histogram aggregation in the specification): with it an index takes
// 31 bits, and OTLP has 32.
const maxScale = 20

// minScale is the scale at which all values are in two buckets, above 1 and not above 1.
const minScale = -10

// The indexes of the smallest and of the largest value at maxScale.
const (
	minIndex = -1022<<maxScale - 1
	maxIndex = 1024<<maxScale - 1
)

// indexOf returns the index at maxScale of the bucket of a finite v > 0: the i for which
// base**i < v <= base**(i+1), where base is 2**(2**-maxScale). At scale s the index is
// indexOf(v) >> (maxScale - s). Values below the smallest normal one are rounded up to it,
// as OpenTelemetry's data model permits, for many readers know no boundary below.
//
// The whole part of the binary logarithm comes from the exponent, so that no power of two
// is ever on the wrong side of its boundary, and all scales agree: a logarithm of the value
// alone rounds 2 less one ulp to 1.
func indexOf(v float64) int {
	fraction, exponent := math.Frexp(v) // v = fraction * 2**exponent, fraction in [0.5, 1)
	if exponent < -1021 {
		return minIndex
	}
	whole := (exponent - 1) << maxScale
	if fraction == 0.5 {
		return whole - 1 // a bucket includes its upper boundary
	}
	part := int(math.Log2(2*fraction) * (1 << maxScale))
	return whole + min(part, 1<<maxScale-1)
}

// buckets are the counts of the positive values of an exponential histogram. The zero
// buckets are empty.
//
// They are our own because those of github.com/lightstep/go-expohisto, which the tests
// compare with, panic on some pairs of values (0.75 and the float64 below 2**-40, at most 20
// buckets), multiply no counts, and can be made with no scale but the finest, so that what
// was stored cannot be restored.
type buckets struct {
	// scale is the finest one at which the values take no more than the most buckets; it
	// never rises. It has no meaning without counts.
	scale int32
	// offset is the index of the first of counts.
	offset int32
	// counts has neither a first nor a last one of 0. What is behind its length is garbage.
	counts []uint64
}

// add adds a value n times. It returns by how much the memory of b grew, in bytes.
func (b *buckets) add(v float64, n uint64, maxSize int) int {
	index := indexOf(v)
	if len(b.counts) > 0 {
		if at := index>>(maxScale-b.scale) - int(b.offset); uint(at) < uint(len(b.counts)) {
			b.counts[at] += n
			return 0
		}
	}
	grown := b.cover(maxScale, index, index, maxSize)
	b.counts[index>>(maxScale-b.scale)-int(b.offset)] += n
	return grown
}

// merge adds what from holds, times weight. It returns by how much the memory of b grew,
// in bytes.
func (b *buckets) merge(from *buckets, weight uint64, maxSize int) int {
	if len(from.counts) == 0 {
		return 0
	}
	first := int(from.offset)
	grown := b.cover(from.scale, first, first+len(from.counts)-1, maxSize)
	shift := from.scale - b.scale
	for i, n := range from.counts {
		b.counts[(first+i)>>shift-int(b.offset)] += n * weight
	}
	return grown
}

// cover makes b hold the buckets low to high of a scale as well, at the finest scale that
// this allows, which is not above the given one. Those at the ends may be empty and must
// be filled. It returns by how much the memory of b grew, in bytes.
func (b *buckets) cover(scale int32, low, high, maxSize int) int {
	old := len(b.counts)
	if old == 0 {
		b.scale = scale
	} else {
		first, last := int(b.offset), int(b.offset)+old-1
		common := min(scale, b.scale)
		low = min(low>>(scale-common), first>>(b.scale-common))
		high = max(high>>(scale-common), last>>(b.scale-common))
		scale = common
	}
	for high-low >= maxSize {
		low, high, scale = low>>1, high>>1, scale-1
	}
	b.downscale(b.scale - scale)
	front, size, grown := 0, high-low+1, 0
	old = len(b.counts)
	if old > 0 {
		front = int(b.offset) - low
	}
	if size <= cap(b.counts) {
		b.counts = b.counts[:size]
		copy(b.counts[front:], b.counts[:old])
		clear(b.counts[:front])
		clear(b.counts[front+old:])
	} else {
		// Doubled, so that growing bucket by bucket costs each a constant on average.
		counts := make([]uint64, size, min(maxSize, max(size, 4, 2*cap(b.counts))))
		copy(counts[front:], b.counts[:old])
		grown = 8 * (cap(counts) - cap(b.counts))
		b.counts = counts
	}
	b.offset = int32(low)
	return grown
}

// downscale makes every 2**by buckets one.
func (b *buckets) downscale(by int32) {
	if by == 0 {
		return
	}
	b.scale -= by
	if len(b.counts) == 0 {
		return
	}
	first := int(b.offset)
	offset := first >> by
	size := (first+len(b.counts)-1)>>by - offset + 1
	for i := 1; i < len(b.counts); i++ {
		n := b.counts[i]
		b.counts[i] = 0
		b.counts[(first+i)>>by-offset] += n // at i or before it
	}
	b.offset, b.counts = int32(offset), b.counts[:size]
}

// copyTo makes to an equal copy.
func (b *buckets) copyTo(to *buckets) {
	to.scale, to.offset = b.scale, b.offset
	to.counts = append(to.counts[:0], b.counts...)
}
