// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package conservation

import (
	"fmt"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// point is a data point of any type.
type point struct {
	attributes  pcommon.Map
	start, time pcommon.Timestamp
	total       Total
	end         bool
	wrong       string
}

func kindOf(m pmetric.Metric) kind {
	switch m.Type() {
	case pmetric.MetricTypeSum:
		return kind{m.Type(), m.Sum().AggregationTemporality(), m.Sum().IsMonotonic()}
	case pmetric.MetricTypeHistogram:
		return kind{m.Type(), m.Histogram().AggregationTemporality(), true}
	case pmetric.MetricTypeExponentialHistogram:
		return kind{m.Type(), m.ExponentialHistogram().AggregationTemporality(), true}
	default:
		return kind{of: m.Type()}
	}
}

// eachPoint calls yield with each point of m.
func eachPoint(m pmetric.Metric, yield func(point)) {
	numbers := func(dps pmetric.NumberDataPointSlice) {
		for _, dp := range dps.All() {
			p := point{attributes: dp.Attributes(), start: dp.StartTimestamp(), time: dp.Timestamp(), end: dp.Flags().NoRecordedValue()}
			p.total.Sum = dp.DoubleValue()
			if dp.ValueType() == pmetric.NumberDataPointValueTypeInt {
				p.total.Sum = float64(dp.IntValue())
			}
			yield(p)
		}
	}
	switch m.Type() {
	case pmetric.MetricTypeSum:
		numbers(m.Sum().DataPoints())
	case pmetric.MetricTypeGauge:
		numbers(m.Gauge().DataPoints())
	case pmetric.MetricTypeHistogram:
		for _, dp := range m.Histogram().DataPoints().All() {
			p := point{attributes: dp.Attributes(), start: dp.StartTimestamp(), time: dp.Timestamp(), end: dp.Flags().NoRecordedValue()}
			p.total = Total{Count: dp.Count(), Sum: dp.Sum()}
			p.count(0, dp.BucketCounts())
			yield(p)
		}
	case pmetric.MetricTypeExponentialHistogram:
		for _, dp := range m.ExponentialHistogram().DataPoints().All() {
			p := point{attributes: dp.Attributes(), start: dp.StartTimestamp(), time: dp.Timestamp(), end: dp.Flags().NoRecordedValue()}
			p.total = Total{Count: dp.Count(), Sum: dp.Sum()}
			p.count(dp.ZeroCount(), dp.Positive().BucketCounts(), dp.Negative().BucketCounts())
			yield(p)
		}
	default:
		yield(point{attributes: pcommon.NewMap(), wrong: "metrics of type " + m.Type().String() + " are not known here"})
	}
}

// count compares the count with what the buckets and n say.
func (p *point) count(n uint64, buckets ...pcommon.UInt64Slice) {
	for _, b := range buckets {
		for _, k := range b.All() {
			n += k
		}
	}
	if n != p.total.Count {
		p.wrong = fmt.Sprintf("the buckets sum to %d, the count is %d", n, p.total.Count)
	}
}

func seriesName(metric string, resource, attributes pcommon.Map) string {
	labels := make([]string, 0, resource.Len()+attributes.Len())
	for name, v := range resource.All() {
		labels = append(labels, fmt.Sprintf("resource.%s=%q", name, v.AsString()))
	}
	for name, v := range attributes.All() {
		labels = append(labels, fmt.Sprintf("%s=%q", name, v.AsString()))
	}
	slices.Sort(labels)
	return metric + "{" + strings.Join(labels, ",") + "}"
}
