// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package series

import (
	"math"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// counts are counters of records.
type counts struct {
	n []int64
}

func (c *counts) grow(n int) { c.n = resize(c.n, n) }

func (c *counts) add(s Sample, weight uint64) bool {
	c.n[s.Slot] += int64(weight)
	return true
}

func (c *counts) addEach(slots []uint32, _ []float64, _ []pcommon.Timestamp) {
	for _, slot := range slots {
		c.n[slot]++
	}
}

func (c *counts) fold(targets []uint32, from accumulator, sources []uint32, weight uint64, failed []int) []int {
	n := from.(*counts).n
	for i, target := range targets {
		c.n[target] += n[sources[i]] * int64(weight)
	}
	return failed
}

func (c *counts) zero(slot uint32) { c.n[slot] = 0 }

func (c *counts) copyTo(to accumulator, n int) { copyInto(&to.(*counts).n, c.n, n) }

func (c *counts) save(slot uint32, to *Values) { to.count(uint64(c.n[slot])) }

func (c *counts) restore(slot uint32, from *Values) bool {
	n, ok := from.takeCount()
	if ok = ok && n <= math.MaxInt64; !ok {
		n = 0
	}
	c.n[slot] = int64(n)
	return ok
}

func (c *counts) size() int { return numberSize }

func (c *counts) describe(m pmetric.Metric, temporality pmetric.AggregationTemporality) {
	sum := m.SetEmptySum()
	sum.SetIsMonotonic(true)
	sum.SetAggregationTemporality(temporality)
}

func (c *counts) write(slot uint32, m pmetric.Metric, p point) {
	dp := m.Sum().DataPoints().AppendEmpty()
	p.number(dp)
	if !p.end {
		dp.SetIntValue(c.n[slot])
	}
}
