// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package series

import (
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// gauges keep the value with the latest event time; of two with one time, the one that
// arrived later.
type gauges struct {
	value []float64
	time  []pcommon.Timestamp
}

func (g *gauges) grow(n int) {
	g.value = resize(g.value, n)
	g.time = resize(g.time, n)
}

func (g *gauges) add(s Sample, _ uint64) bool {
	if s.Time >= g.time[s.Slot] {
		g.value[s.Slot], g.time[s.Slot] = s.Value, s.Time
	}
	return true
}

func (g *gauges) addEach(slots []uint32, values []float64, times []pcommon.Timestamp) {
	for i, slot := range slots {
		g.add(Sample{Slot: slot, Value: values[i], Time: times[i]}, 1)
	}
}

func (g *gauges) fold(targets []uint32, from accumulator, sources []uint32, _ uint64, failed []int) []int {
	f := from.(*gauges)
	for i, target := range targets {
		g.add(Sample{Slot: target, Value: f.value[sources[i]], Time: f.time[sources[i]]}, 1)
	}
	return failed
}

func (g *gauges) zero(slot uint32) { g.value[slot], g.time[slot] = 0, 0 }

func (g *gauges) copyTo(to accumulator, n int) {
	t := to.(*gauges)
	copyInto(&t.value, g.value, n)
	copyInto(&t.time, g.time, n)
}

func (g *gauges) save(slot uint32, to *Values) {
	to.number(g.value[slot])
	to.count(uint64(g.time[slot]))
}

func (g *gauges) restore(slot uint32, from *Values) bool {
	g.zero(slot)
	v, ok := from.takeNumber()
	t, timed := from.takeCount()
	if !ok || !timed || !isFinite(v) {
		return false
	}
	g.value[slot], g.time[slot] = v, pcommon.Timestamp(t)
	return true
}

func (g *gauges) size() int { return numberSize }

func (g *gauges) describe(m pmetric.Metric, _ pmetric.AggregationTemporality) {
	m.SetEmptyGauge()
}

func (g *gauges) write(slot uint32, m pmetric.Metric, p point) {
	dp := m.Gauge().DataPoints().AppendEmpty()
	p.start = 0 // a gauge has no start
	p.number(dp)
	if !p.end {
		dp.SetDoubleValue(g.value[slot])
	}
}
