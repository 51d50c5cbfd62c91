// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package series

import (
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// exponentials count values by boundaries that are powers of a base which follows the
// values, as OpenTelemetry's data model describes ("ExponentialHistogram"). Values are
// not negative.
type exponentials struct {
	maxSize int
	// withExtremes is false if points have no minimum and maximum.
	withExtremes  bool
	sum, min, max []float64
	count, zeros  []uint64 // all values; those that are 0
	positive      []buckets
	// held is the bytes that the counts of positive take. A copy does not know it.
	held int
}

func newExponentials(maxSize int, withExtremes bool) *exponentials {
	// At 1 no scale holds values on both sides of 1.
	return &exponentials{maxSize: max(2, maxSize), withExtremes: withExtremes}
}

// exponentialHeader is the bytes of a slot without its buckets.
const exponentialHeader = 3*8 + 2*8 + 32

// exponentialWidth is the most bytes that a slot takes.
func exponentialWidth(maxSize int) int {
	return exponentialHeader + 8*maxSize
}

func (e *exponentials) grow(n int) {
	e.sum = resize(e.sum, n)
	e.min = resize(e.min, n)
	e.max = resize(e.max, n)
	e.count = resize(e.count, n)
	e.zeros = resize(e.zeros, n)
	e.growBuckets(n)
}

// growBuckets makes room as resize does, but keeps the memory of slots that were there
// before.
func (e *exponentials) growBuckets(n int) {
	old := len(e.positive)
	if n <= old || n > cap(e.positive) {
		e.positive = resize(e.positive, n)
		return
	}
	e.positive = e.positive[:n]
	for i := old; i < n; i++ {
		e.positive[i].counts = e.positive[i].counts[:0]
	}
}

func (e *exponentials) add(s Sample, weight uint64) bool {
	if !addFinite(&e.sum[s.Slot], s.Value*float64(weight)) {
		return false
	}
	e.put(s.Slot, s.Value, weight)
	return true
}

func (e *exponentials) addEach(slots []uint32, values []float64, _ []pcommon.Timestamp) {
	for i, slot := range slots {
		e.sum[slot] += values[i]
		e.put(slot, values[i], 1)
	}
}

// put adds a value to all but the sum.
func (e *exponentials) put(slot uint32, v float64, n uint64) {
	if v == 0 {
		v = 0 // not -0
		e.zeros[slot] += n
	} else {
		e.held += e.positive[slot].add(v, n, e.maxSize)
	}
	e.extend(slot, v, v)
	e.count[slot] += n
}

// extend says that there are values from low to high. It comes before they are counted.
func (e *exponentials) extend(slot uint32, low, high float64) {
	if e.count[slot] == 0 {
		e.min[slot], e.max[slot] = low, high
		return
	}
	e.min[slot], e.max[slot] = min(e.min[slot], low), max(e.max[slot], high)
}

func (e *exponentials) fold(targets []uint32, from accumulator, sources []uint32, weight uint64, failed []int) []int {
	f := from.(*exponentials)
	for i, target := range targets {
		source := sources[i]
		if f.count[source] == 0 {
			continue
		}
		if !addFinite(&e.sum[target], f.sum[source]*float64(weight)) {
			failed = append(failed, i)
			continue
		}
		e.extend(target, f.min[source], f.max[source])
		e.count[target] += f.count[source] * weight
		e.zeros[target] += f.zeros[source] * weight
		e.held += e.positive[target].merge(&f.positive[source], weight, e.maxSize)
	}
	return failed
}

func (e *exponentials) zero(slot uint32) {
	e.sum[slot], e.min[slot], e.max[slot] = 0, 0, 0
	e.count[slot], e.zeros[slot] = 0, 0
	p := &e.positive[slot]
	p.counts = p.counts[:0]
}

// save writes positive buckets, and their scale and offset, only if there are any.
func (e *exponentials) save(slot uint32, to *Values) {
	to.number(e.sum[slot], e.min[slot], e.max[slot])
	p := &e.positive[slot]
	to.count(e.zeros[slot], uint64(len(p.counts)))
	if len(p.counts) > 0 {
		// Neither is ever negative, so that small numbers stay small where they are stored.
		to.count(uint64(maxScale-p.scale), uint64(int(p.offset)-minIndex>>(maxScale-p.scale)))
		to.count(p.counts...)
	}
}

func (e *exponentials) restore(slot uint32, from *Values) bool {
	e.zero(slot)
	if !e.load(slot, from) {
		e.zero(slot)
		return false
	}
	return true
}

// load is restore for a slot that is zero and may be left in any state.
func (e *exponentials) load(slot uint32, from *Values) bool {
	sum, ok1 := from.takeSum()
	low, ok2 := from.takeSum()
	high, ok3 := from.takeSum()
	zeros, ok4 := from.takeCount()
	size, ok5 := from.takeCount()
	if !ok1 || !ok2 || !ok3 || !ok4 || !ok5 || size > uint64(e.maxSize) {
		return false
	}
	p := &e.positive[slot]
	if size > 0 {
		coarser, ok1 := from.takeCount()
		above, ok2 := from.takeCount()
		counts, ok3 := from.takeCounts(size)
		if !ok1 || !ok2 || !ok3 || coarser > maxScale-minScale || above > maxIndex-minIndex {
			return false
		}
		p.scale = maxScale - int32(coarser)
		p.offset = int32(minIndex>>coarser + int(above))
		e.held -= 8 * cap(p.counts)
		p.counts = append(p.counts[:0], counts...)
		e.held += 8 * cap(p.counts)
		if p.counts[0] == 0 || p.counts[size-1] == 0 {
			return false
		}
	}
	positive, ok1 := total(p.counts)
	count, ok2 := total([]uint64{positive, zeros})
	if !ok1 || !ok2 || !p.hasExtremes(low, high, zeros > 0) || sum < high {
		return false
	}
	e.sum[slot], e.min[slot], e.max[slot] = sum, low, high
	e.count[slot], e.zeros[slot] = count, zeros
	return true
}

// hasExtremes reports whether low and high can be the smallest and the largest of what is
// in b and, if withZero, of 0.
func (b *buckets) hasExtremes(low, high float64, withZero bool) bool {
	if len(b.counts) == 0 {
		return low == 0 && high == 0
	}
	last := int(b.offset) + len(b.counts) - 1
	if low > high || high == 0 || indexOf(high)>>(maxScale-b.scale) != last {
		return false
	}
	if withZero {
		return low == 0
	}
	return low > 0 && indexOf(low)>>(maxScale-b.scale) == int(b.offset)
}

func (e *exponentials) copyTo(to accumulator, n int) {
	t := to.(*exponentials)
	copyInto(&t.sum, e.sum, n)
	copyInto(&t.min, e.min, n)
	copyInto(&t.max, e.max, n)
	copyInto(&t.count, e.count, n)
	copyInto(&t.zeros, e.zeros, n)
	t.growBuckets(n)
	t.positive = t.positive[:n]
	for slot := range n {
		e.positive[slot].copyTo(&t.positive[slot])
	}
}

// size: up to 10 bytes for each count, which is a varint; what else there is takes less
// than another numberSize.
func (e *exponentials) size() int { return 2*numberSize + 10*e.maxSize }

func (e *exponentials) describe(m pmetric.Metric, temporality pmetric.AggregationTemporality) {
	m.SetEmptyExponentialHistogram().SetAggregationTemporality(temporality)
}

func (e *exponentials) write(slot uint32, m pmetric.Metric, p point) {
	dp := m.ExponentialHistogram().DataPoints().AppendEmpty()
	dp.SetStartTimestamp(p.start)
	dp.SetTimestamp(p.time)
	dp.SetFlags(p.flags())
	p.putTo(dp.Attributes())
	dp.SetCount(e.count[slot])
	dp.SetSum(e.sum[slot])
	if e.withExtremes && e.count[slot] > 0 {
		dp.SetMin(e.min[slot])
		dp.SetMax(e.max[slot])
	}
	dp.SetZeroCount(e.zeros[slot])
	// Also without buckets: a scale that rises means to some readers that the series has
	// begun anew.
	dp.SetScale(maxScale)
	if b := &e.positive[slot]; len(b.counts) > 0 {
		dp.SetScale(b.scale)
		dp.Positive().SetOffset(b.offset)
		dp.Positive().BucketCounts().FromRaw(b.counts)
	}
}
