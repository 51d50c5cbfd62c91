// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// point is one data point of any type.
type point struct {
	metric string
	// series is `metric{label="text",...}`, sorted; resource attributes are among the
	// labels, with `resource.` before their names.
	series      string
	temporality pmetric.AggregationTemporality
	start, time pcommon.Timestamp
	// value is the number, or the sum of a histogram.
	value   float64
	count   uint64
	buckets []uint64
}

// points lists all data points of md.
func points(md pmetric.Metrics) []point {
	var list []point
	for _, rm := range md.ResourceMetrics().All() {
		for _, sm := range rm.ScopeMetrics().All() {
			for _, m := range sm.Metrics().All() {
				list = append(list, pointsOf(rm.Resource().Attributes(), m)...)
			}
		}
	}
	return list
}

func pointsOf(resource pcommon.Map, m pmetric.Metric) []point {
	var list []point
	number := func(dps pmetric.NumberDataPointSlice, temporality pmetric.AggregationTemporality) {
		for _, dp := range dps.All() {
			value := dp.DoubleValue()
			if dp.ValueType() == pmetric.NumberDataPointValueTypeInt {
				value = float64(dp.IntValue())
			}
			list = append(list, point{
				metric: m.Name(), series: seriesName(m.Name(), resource, dp.Attributes()), temporality: temporality,
				start: dp.StartTimestamp(), time: dp.Timestamp(), value: value,
			})
		}
	}
	switch m.Type() {
	case pmetric.MetricTypeSum:
		number(m.Sum().DataPoints(), m.Sum().AggregationTemporality())
	case pmetric.MetricTypeGauge:
		number(m.Gauge().DataPoints(), pmetric.AggregationTemporalityUnspecified)
	case pmetric.MetricTypeHistogram:
		for _, dp := range m.Histogram().DataPoints().All() {
			list = append(list, point{
				metric: m.Name(), series: seriesName(m.Name(), resource, dp.Attributes()),
				temporality: m.Histogram().AggregationTemporality(),
				start:       dp.StartTimestamp(), time: dp.Timestamp(),
				value: dp.Sum(), count: dp.Count(), buckets: dp.BucketCounts().AsRaw(),
			})
		}
	default:
		panic("no points of type " + m.Type().String())
	}
	return list
}

func seriesName(metric string, resource, attributes pcommon.Map) string {
	var labels []string
	for name, v := range resource.All() {
		labels = append(labels, fmt.Sprintf("resource.%s=%q", name, v.AsString()))
	}
	for name, v := range attributes.All() {
		labels = append(labels, fmt.Sprintf("%s=%q", name, v.AsString()))
	}
	slices.Sort(labels)
	return metric + "{" + strings.Join(labels, ",") + "}"
}

// record keeps all metrics that arrive somewhere. It is safe for concurrent use.
type record struct {
	mu       sync.Mutex
	payloads []pmetric.Metrics
	sums     map[string]float64 // kept up to date, since tests poll it
}

func (r *record) add(md pmetric.Metrics) {
	r.mu.Lock()
	defer r.mu.Unlock()
	own := pmetric.NewMetrics()
	md.CopyTo(own)
	r.payloads = append(r.payloads, own)
	if r.sums == nil {
		r.sums = map[string]float64{}
	}
	for _, p := range points(own) {
		if p.temporality == pmetric.AggregationTemporalityDelta {
			r.sums[p.series] += p.value
		} else {
			r.sums[p.series] = p.value
		}
	}
}

// all returns the payloads, in the order in which they arrived.
func (r *record) all() []pmetric.Metrics {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.payloads)
}

// points returns the data points, in the order in which they arrived.
func (r *record) points() []point {
	var list []point
	for _, md := range r.all() {
		list = append(list, points(md)...)
	}
	return list
}

// last returns the last point of each series.
func (r *record) last() map[string]point {
	last := map[string]point{}
	for _, p := range r.points() {
		last[p.series] = p
	}
	return last
}

// totals returns the value of each series: the last one, or the sum of the deltas.
func (r *record) totals() map[string]float64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.sums == nil {
		return map[string]float64{}
	}
	return maps.Clone(r.sums)
}

// has reports whether the series' totals are exactly these.
func (r *record) has(totals map[string]float64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Equal(r.sums, totals)
}

func (r *record) String() string {
	return fmt.Sprintf("%d payloads with the totals %v", len(r.all()), r.totals())
}

// clear forgets everything.
func (r *record) clear() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.payloads, r.sums = nil, nil
}
