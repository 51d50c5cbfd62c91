// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package series

import (
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// sums are counters and updowncounters of values.
type sums struct {
	monotonic bool
	sum       []float64
}

func (s *sums) grow(n int) { s.sum = resize(s.sum, n) }

func (s *sums) add(v Sample, weight uint64) bool {
	return addFinite(&s.sum[v.Slot], v.Value*float64(weight))
}

func (s *sums) addEach(slots []uint32, values []float64, _ []pcommon.Timestamp) {
	for i, slot := range slots {
		s.sum[slot] += values[i]
	}
}

func (s *sums) fold(targets []uint32, from accumulator, sources []uint32, weight uint64, failed []int) []int {
	sum := from.(*sums).sum
	for i, target := range targets {
		if !addFinite(&s.sum[target], sum[sources[i]]*float64(weight)) {
			failed = append(failed, i)
		}
	}
	return failed
}

func (s *sums) zero(slot uint32) { s.sum[slot] = 0 }

func (s *sums) copyTo(to accumulator, n int) { copyInto(&to.(*sums).sum, s.sum, n) }

func (s *sums) save(slot uint32, to *Values) { to.number(s.sum[slot]) }

func (s *sums) restore(slot uint32, from *Values) bool {
	v, ok := from.takeNumber()
	if ok = ok && isFinite(v) && (v >= 0 || !s.monotonic); !ok {
		v = 0
	}
	s.sum[slot] = v
	return ok
}

func (s *sums) size() int { return numberSize }

func (s *sums) describe(m pmetric.Metric, temporality pmetric.AggregationTemporality) {
	sum := m.SetEmptySum()
	sum.SetIsMonotonic(s.monotonic)
	sum.SetAggregationTemporality(temporality)
}

func (s *sums) write(slot uint32, m pmetric.Metric, p point) {
	dp := m.Sum().DataPoints().AppendEmpty()
	p.number(dp)
	if !p.end {
		dp.SetDoubleValue(s.sum[slot])
	}
}

// addFinite adds v to sum, unless the sum would stop being finite.
func addFinite(sum *float64, v float64) bool {
	total := *sum + v
	if !isFinite(total) {
		return false
	}
	*sum = total
	return true
}
