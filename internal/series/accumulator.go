// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package series

import (
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/labels"
)

// Type is the kind of instrument of a family.
type Type uint8

// The types.
const (
	// Counter is a monotonic sum of records, in int64.
	Counter Type = iota
	// ValueCounter is a monotonic sum of values, in float64.
	ValueCounter
	// UpDownCounter is a non-monotonic sum of values, always cumulative.
	UpDownCounter
	// Gauge keeps the value with the latest event time.
	Gauge
	// Histogram counts values by explicit boundaries.
	Histogram
	// MinGauge and MaxGauge keep the smallest and the largest value since the previous
	// point.
	MinGauge
	MaxGauge
	// ExponentialHistogram counts values by boundaries that follow the values.
	ExponentialHistogram
)

// Definition describes the metric of a family.
type Definition struct {
	Name, Description, Unit string
	Type                    Type
	// Delta makes counters and histograms emit what came since their previous point.
	Delta bool
	// Boundaries are a histogram's upper bounds, inclusive and strictly ascending.
	Boundaries []float64
	// MaxSize is the most buckets of an exponential histogram, at least 2.
	MaxSize int
	// Limit is the most series of the family, 0 for no limit.
	Limit int
	// ExpireAfter is for how long a series may be idle before it expires; 0 is forever.
	ExpireAfter time.Duration
	// InitialZero makes the first point of a cumulative counter's or histogram's series a
	// zero.
	InitialZero bool
	// Exemplars makes points carry them.
	Exemplars bool
	// Weight is how many records each sample stands for; 0 is 1. Only counters and
	// histograms have another one.
	Weight uint64
}

// delta reports whether the temporality of a sum or histogram is delta.
func (d *Definition) delta() bool {
	switch d.Type {
	case Counter, ValueCounter, Histogram, ExponentialHistogram:
		return d.Delta
	default:
		return false
	}
}

// Transient reports whether points say what came since the previous point: there is none
// for a series that is idle, and what one has said is nowhere else.
func (d *Definition) Transient() bool {
	return d.delta() || d.Type == MinGauge || d.Type == MaxGauge
}

// isGauge reports whether values replace each other and do not add up.
func (d *Definition) isGauge() bool {
	return d.Type == Gauge || d.Type == MinGauge || d.Type == MaxGauge
}

// startsWithZero reports whether the first point of a series is a zero.
func (d *Definition) startsWithZero() bool {
	switch d.Type {
	case Counter, ValueCounter, Histogram, ExponentialHistogram:
		return d.InitialZero && !d.Delta
	default:
		return false
	}
}

// AllowsNegative reports whether values below zero make sense for the type. A histogram
// allows them if it has a negative boundary.
func (d *Definition) AllowsNegative() bool {
	switch d.Type {
	case UpDownCounter, Gauge, MinGauge, MaxGauge:
		return true
	case Histogram:
		return len(d.Boundaries) > 0 && d.Boundaries[0] < 0
	default:
		return false
	}
}

// weight is how many records a sample stands for.
func (d *Definition) weight() uint64 {
	return max(1, d.Weight)
}

// width is the most bytes that the values of one series take.
func (d *Definition) width() int {
	switch d.Type {
	case Histogram:
		return 8 * (len(d.Boundaries) + 2)
	case ExponentialHistogram:
		return exponentialWidth(d.MaxSize)
	default:
		return 16
	}
}

// newAccumulator is the one place that knows every type.
func (d *Definition) newAccumulator() accumulator {
	switch d.Type {
	case ValueCounter, UpDownCounter:
		return &sums{monotonic: d.Type == ValueCounter}
	case Gauge:
		return &gauges{}
	case Histogram:
		return newHistograms(d.Boundaries, !d.AllowsNegative())
	case MinGauge, MaxGauge:
		return newExtremes(d.Type)
	case ExponentialHistogram:
		// Of records that are sampled nobody knows the smallest and largest value.
		return newExponentials(d.MaxSize, d.weight() == 1)
	default:
		return &counts{}
	}
}

// temporality is what points of the type say of themselves.
func (d *Definition) temporality() pmetric.AggregationTemporality {
	if d.delta() {
		return pmetric.AggregationTemporalityDelta
	}
	return pmetric.AggregationTemporalityCumulative
}

// Sample is one measurement for the series in a slot.
type Sample struct {
	Slot  uint32
	Value float64
	// Time is the event time, not later than the arrival.
	Time pcommon.Timestamp
}

// accumulator holds the running values of series by slot. A new slot is as zero leaves it:
// without values. It is not safe for concurrent use. One holds what a block or a delta does.
type accumulator interface {
	// grow makes room for the slots below n.
	grow(n int)
	// add adds one sample weight times. It returns false, and adds nothing, if a sum would
	// stop being finite.
	add(s Sample, weight uint64) bool
	// addEach adds the values, which are not huge, to the slots at the same positions.
	// times may be nil, but for a Gauge.
	addEach(slots []uint32, values []float64, times []pcommon.Timestamp)
	// fold adds what from, of the same type, holds in each of the slots sources, weight
	// times, to the slot at the same position in targets. It appends to failed the positions
	// at which that would make a sum stop being finite, and adds nothing there.
	fold(targets []uint32, from accumulator, sources []uint32, weight uint64, failed []int) []int
	// zero empties a slot.
	zero(slot uint32)
	// save appends what a slot holds to to, so that it can be stored.
	save(slot uint32, to *Values)
	// restore replaces what a slot holds by what save appended, which it removes from the
	// front of from. If that is not what save of this definition writes, it returns false,
	// the slot is zero, and how much of from is left is undefined.
	restore(slot uint32, from *Values) bool
	// copyTo makes to, of the same type, an equal copy for the slots below n.
	copyTo(to accumulator, n int)
	// describe gives an empty metric its kind.
	describe(m pmetric.Metric, temporality pmetric.AggregationTemporality)
	// write appends the value in slot to m as a data point.
	write(slot uint32, m pmetric.Metric, p point)
	// size is an upper estimate of the bytes of a point in OTLP, without its attributes.
	size() int
}

// numberSize is more than the tags, times, value and flags of a data point take.
const numberSize = 64

// point is what all data points have in common.
type point struct {
	start, time pcommon.Timestamp
	// end makes it the point that says that the series has ended: it has no value.
	end bool
	// text is the tuple's, with the labels of list; a nil list makes it the overflow
	// series'.
	list *labels.List
	text string
}

func (p *point) putTo(m pcommon.Map) {
	if p.list == nil {
		m.PutBool(OverflowAttribute, true)
		return
	}
	p.list.PutTo(m, p.text)
}

func (p *point) number(dp pmetric.NumberDataPoint) {
	if p.start != 0 {
		dp.SetStartTimestamp(p.start)
	}
	dp.SetTimestamp(p.time)
	dp.SetFlags(p.flags())
	p.putTo(dp.Attributes())
}

// flags follow the OpenTelemetry data model: NoRecordedValue says that a series has ended.
func (p *point) flags() pmetric.DataPointFlags {
	return pmetric.DefaultDataPointFlags.WithNoRecordedValue(p.end)
}

// resize returns s with length n; what is new is zero.
func resize[T any](s []T, n int) []T {
	if n <= len(s) {
		return s
	}
	if n <= cap(s) {
		grown := s[:n]
		clear(grown[len(s):])
		return grown
	}
	// Doubled, so that growing series by series costs each a constant on average.
	grown := make([]T, n, max(n, 2*cap(s)))
	copy(grown, s)
	return grown
}

// copyInto copies the first n of from into to, which it grows as needed.
func copyInto[T any](to *[]T, from []T, n int) {
	*to = append((*to)[:0], from[:n]...)
}
