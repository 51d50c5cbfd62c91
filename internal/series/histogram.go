// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package series

import (
	"sort"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// histograms count values by explicit boundaries. As in OTLP a bucket includes its upper
// boundary, and the last bucket has none.
type histograms struct {
	boundaries []float64
	// withSum is false if values may be negative: OTLP then demands that the sum is left
	// out, since it would not be monotonic.
	withSum bool
	sum     []float64
	// buckets holds len(boundaries)+1 counts for each slot, one slot after the other.
	buckets []uint64
}

func newHistograms(boundaries []float64, withSum bool) *histograms {
	return &histograms{boundaries: boundaries, withSum: withSum}
}

func (h *histograms) width() int { return len(h.boundaries) + 1 }

func (h *histograms) of(slot uint32) []uint64 {
	return h.buckets[int(slot)*h.width():][:h.width()]
}

func (h *histograms) grow(n int) {
	h.sum = resize(h.sum, n)
	h.buckets = resize(h.buckets, n*h.width())
}

func (h *histograms) add(s Sample, weight uint64) bool {
	if h.withSum && !addFinite(&h.sum[s.Slot], s.Value*float64(weight)) {
		return false
	}
	h.of(s.Slot)[h.bucket(s.Value)] += weight
	return true
}

func (h *histograms) addEach(slots []uint32, values []float64, _ []pcommon.Timestamp) {
	for i, slot := range slots {
		if h.withSum {
			h.sum[slot] += values[i]
		}
		h.buckets[int(slot)*h.width()+h.bucket(values[i])]++
	}
}

// maxCounted is the most boundaries for which it takes less time to compare with all of
// them than to search, whose branches nobody can predict: with the usual 14, 9 ns a value
// against 15 ns.
const maxCounted = 16

// bucket returns the position of the first boundary that is not below v.
func (h *histograms) bucket(v float64) int {
	if len(h.boundaries) > maxCounted {
		return sort.SearchFloat64s(h.boundaries, v)
	}
	n := 0
	for _, boundary := range h.boundaries {
		above := 0 // compiled without a branch
		if boundary < v {
			above = 1
		}
		n += above
	}
	return n
}

func (h *histograms) fold(targets []uint32, from accumulator, sources []uint32, weight uint64, failed []int) []int {
	f := from.(*histograms)
	for i, target := range targets {
		if h.withSum && !addFinite(&h.sum[target], f.sum[sources[i]]*float64(weight)) {
			failed = append(failed, i)
			continue
		}
		to := h.of(target)
		for k, n := range f.of(sources[i]) {
			to[k] += n * weight
		}
	}
	return failed
}

func (h *histograms) zero(slot uint32) {
	h.sum[slot] = 0
	clear(h.of(slot))
}

func (h *histograms) copyTo(to accumulator, n int) {
	t := to.(*histograms)
	copyInto(&t.sum, h.sum, n)
	copyInto(&t.buckets, h.buckets, n*h.width())
}

// save writes how many buckets there are, too: other boundaries would give the counts
// another meaning.
func (h *histograms) save(slot uint32, to *Values) {
	to.number(h.sum[slot])
	to.count(uint64(h.width()))
	to.count(h.of(slot)...)
}

func (h *histograms) restore(slot uint32, from *Values) bool {
	h.zero(slot)
	sum, ok := from.takeSum()
	width, counted := from.takeCount()
	if !ok || !counted || width != uint64(h.width()) {
		return false
	}
	counts, ok := from.takeCounts(width)
	if !ok {
		return false
	}
	if n, ok := total(counts); !ok || sum != 0 && (n == 0 || !h.withSum) {
		return false
	}
	h.sum[slot] = sum
	copy(h.of(slot), counts)
	return true
}

// size: 8 bytes for each count and boundary.
func (h *histograms) size() int { return numberSize + 16*h.width() }

func (h *histograms) describe(m pmetric.Metric, temporality pmetric.AggregationTemporality) {
	m.SetEmptyHistogram().SetAggregationTemporality(temporality)
}

func (h *histograms) write(slot uint32, m pmetric.Metric, p point) {
	dp := m.Histogram().DataPoints().AppendEmpty()
	dp.SetStartTimestamp(p.start)
	dp.SetTimestamp(p.time)
	dp.SetFlags(p.flags())
	p.putTo(dp.Attributes())
	dp.ExplicitBounds().FromRaw(h.boundaries)
	dp.BucketCounts().FromRaw(h.of(slot))
	var count uint64
	for _, n := range h.of(slot) {
		count += n
	}
	dp.SetCount(count)
	if h.withSum {
		dp.SetSum(h.sum[slot])
	}
}
