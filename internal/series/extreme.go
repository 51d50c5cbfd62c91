// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package series

import (
	"math"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// extremes are gauges of the smallest or of the largest value since the previous point.
type extremes struct {
	// neutral is what a slot without values holds, and what no value equals: +Inf for
	// the smallest, -Inf for the largest.
	neutral float64
	value   []float64
}

func newExtremes(t Type) *extremes {
	if t == MinGauge {
		return &extremes{neutral: math.Inf(1)}
	}
	return &extremes{neutral: math.Inf(-1)}
}

func (e *extremes) grow(n int) {
	old := len(e.value)
	e.value = resize(e.value, n)
	for i := old; i < len(e.value); i++ {
		e.value[i] = e.neutral
	}
}

func (e *extremes) add(s Sample, _ uint64) bool {
	e.put(s.Slot, s.Value)
	return true
}

func (e *extremes) put(slot uint32, v float64) {
	if e.neutral > 0 && v < e.value[slot] || e.neutral < 0 && v > e.value[slot] {
		e.value[slot] = v
	}
}

func (e *extremes) addEach(slots []uint32, values []float64, _ []pcommon.Timestamp) {
	for i, slot := range slots {
		e.put(slot, values[i])
	}
}

func (e *extremes) fold(targets []uint32, from accumulator, sources []uint32, _ uint64, failed []int) []int {
	value := from.(*extremes).value
	for i, target := range targets {
		e.put(target, value[sources[i]])
	}
	return failed
}

func (e *extremes) zero(slot uint32) { e.value[slot] = e.neutral }

func (e *extremes) copyTo(to accumulator, n int) { copyInto(&to.(*extremes).value, e.value, n) }

func (e *extremes) size() int { return numberSize }

func (e *extremes) describe(m pmetric.Metric, _ pmetric.AggregationTemporality) {
	m.SetEmptyGauge()
}

func (e *extremes) write(slot uint32, m pmetric.Metric, p point) {
	dp := m.Gauge().DataPoints().AppendEmpty()
	p.start = 0 // a gauge has no start
	p.number(dp)
	if !p.end {
		dp.SetDoubleValue(e.value[slot])
	}
}

func (e *extremes) save(slot uint32, to *Values) { to.number(e.value[slot]) }

func (e *extremes) restore(slot uint32, from *Values) bool {
	v, ok := from.takeNumber()
	ok = ok && (v == e.neutral || isFinite(v))
	e.value[slot] = e.neutral
	if ok {
		e.value[slot] = v
	}
	return ok
}
