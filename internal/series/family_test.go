// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package series

import (
	"math"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/labels"
)

// At the limit new labels share one series, totals stay exact, and what has a series
// keeps it (B15).
func TestB15Limit(t *testing.T) {
	f := newTestFamily(t, Definition{Type: ValueCounter, Limit: 2})
	assert.Equal(t, Committed{Matched: 3, Overflowed: 1}, commit(f, sample{"a", 1, 0}, sample{"b", 2, 0}, sample{"c", 4, 0}))
	assert.Equal(t, Committed{Matched: 3, Overflowed: 2}, commit(f, sample{"d", 8, 0}, sample{"a", 16, 0}, sample{"c", 32, 0}))
	assert.Equal(t, 2, f.Series())
	assert.Equal(t, map[string]float64{"a": 17, "b": 2, "overflow": 44}, values(emit(f, 1)))
}

// However many labels come, the family holds limit + 1 series and no more keys (B15).
func TestB15LimitBoundsMemory(t *testing.T) {
	f := newTestFamily(t, Definition{Limit: 10})
	const n = 5000
	for i := range n {
		commit(f, sample{user: strconv.Itoa(i)})
	}
	assert.Equal(t, 10, f.Series())
	assert.Equal(t, 10, f.table.Len())
	assert.Equal(t, uint32(11), f.n)
	require.Len(t, f.blocks, 1)
	assert.LessOrEqual(t, cap(f.blocks[0].values.(*counts).n), 32)
	var sum float64
	for _, v := range values(emit(f, 1)) {
		sum += v
	}
	assert.InDelta(t, n, sum, 0)
}

// Cut labels are counted for each record that has them.
func TestTruncatedLabelsAreCounted(t *testing.T) {
	f := newTestFamily(t, Definition{})
	d := NewDelta(f.def)
	d.Grow(2)
	for _, id := range []uint32{0, 1, 0} {
		d.Add(Sample{Slot: id})
	}
	tuples := []labels.Tuple{tupleOf(shop, "long"), tupleOf(shop, "a")}
	tuples[0].Truncated = 1
	assert.Equal(t, Committed{Matched: 3, Truncated: 2, Unsent: 2}, commitDelta(f, d, tuples))
}

// A sum stays finite, also against what came in earlier batches, and only the value that
// would end that is left out.
func TestSumsStayFinite(t *testing.T) {
	for _, def := range []Definition{
		{Type: ValueCounter},
		{Type: UpDownCounter},
		{Type: Histogram, Boundaries: []float64{1}},
		{Type: ExponentialHistogram, MaxSize: 20},
	} {
		f := newTestFamily(t, def)
		const most = math.MaxFloat64
		assert.Equal(t, Committed{Matched: 2, Invalid: 1}, commit(f, sample{"a", most, 0}, sample{"a", 1, 0}, sample{"a", most, 0}))
		assert.Equal(t, Committed{Matched: 3, Invalid: 1}, commit(f, sample{"a", 2, 0}, sample{"a", most, 0}, sample{"b", most, 0}, sample{"a", 3, 0}))
		// Also among values of every other magnitude.
		assert.Equal(t, Committed{Matched: 4, Invalid: 1}, commit(f, sample{"a", 1, 0}, sample{"a", 0x1p999, 0}, sample{"a", 2, 0}, sample{"a", 0x1p899, 0}, sample{"a", 3, 0}))
		if def.Type == UpDownCounter {
			assert.Equal(t, Committed{Matched: 2}, commit(f, sample{"a", -most, 0}, sample{"a", most, 0}))
		}
	}
	// A gauge has no sum, nor has a histogram of negative values.
	for _, def := range []Definition{{Type: Gauge}, {Type: MinGauge}, {Type: MaxGauge}, {Type: Histogram, Boundaries: []float64{-1}}} {
		f := newTestFamily(t, def)
		assert.Equal(t, int64(2), commit(f, sample{"a", math.MaxFloat64, 0}, sample{"a", math.MaxFloat64, 0}).Matched)
	}
}

// The buckets of a histogram sum to its count, and a value equal to a boundary is below
// it (B14).
func TestB14Buckets(t *testing.T) {
	f := newTestFamily(t, Definition{Type: Histogram, Boundaries: []float64{0, 1, 10}})
	values := []float64{math.Copysign(0, -1), 0, math.SmallestNonzeroFloat64, 1, math.Nextafter(1, 2), 10, math.Nextafter(10, 11), math.MaxFloat64}
	var samples []sample
	for _, v := range values {
		samples = append(samples, sample{"a", v, 0})
	}
	commit(f, samples...)
	dp := emit(f, 1).Histogram().DataPoints().At(0)
	assert.Equal(t, []uint64{2, 2, 2, 2}, dp.BucketCounts().AsRaw())
	assert.Equal(t, uint64(len(values)), dp.Count())
	assert.Equal(t, []float64{0, 1, 10}, dp.ExplicitBounds().AsRaw())
	assert.True(t, dp.HasSum())
	assert.InDelta(t, math.MaxFloat64, dp.Sum(), 0)
}

// OTLP has no sum for a histogram of values that may be negative.
func TestHistogramOfNegativeValuesHasNoSum(t *testing.T) {
	f := newTestFamily(t, Definition{Type: Histogram, Boundaries: []float64{-1, 0}})
	commit(f, sample{"a", -5, 0}, sample{"a", 5, 0})
	assert.False(t, emit(f, 1).Histogram().DataPoints().At(0).HasSum())
}

func TestAllowsNegative(t *testing.T) {
	for _, test := range []struct {
		def  Definition
		want bool
	}{
		{Definition{Type: Counter}, false},
		{Definition{Type: ValueCounter}, false},
		{Definition{Type: UpDownCounter}, true},
		{Definition{Type: Gauge}, true},
		{Definition{Type: MinGauge}, true},
		{Definition{Type: MaxGauge}, true},
		{Definition{Type: ExponentialHistogram, MaxSize: 20}, false},
		{Definition{Type: Histogram}, false},
		{Definition{Type: Histogram, Boundaries: []float64{0, 1}}, false},
		{Definition{Type: Histogram, Boundaries: []float64{-1, 1}}, true},
	} {
		assert.Equal(t, test.want, test.def.AllowsNegative(), "%+v", test.def)
	}
}

// Of two batches in flight the gauge keeps the value with the later event time, whichever
// is committed first.
func TestGaugeKeepsLatest(t *testing.T) {
	for _, order := range [][]sample{
		{{"a", 1, 10}, {"a", 2, 20}},
		{{"a", 2, 20}, {"a", 1, 10}},
	} {
		f := newTestFamily(t, Definition{Type: Gauge})
		for _, s := range order {
			commit(f, s)
		}
		dp := emit(f, 30).Gauge().DataPoints().At(0)
		assert.InDelta(t, 2, dp.DoubleValue(), 0)
		assert.Equal(t, pcommon.Timestamp(30), dp.Timestamp())
		assert.Zero(t, dp.StartTimestamp())
	}
}

func TestEventTime(t *testing.T) {
	const arrival = 100
	assert.Equal(t, pcommon.Timestamp(99), EventTime(99, arrival))
	assert.Equal(t, pcommon.Timestamp(arrival), EventTime(0, arrival))
	assert.Equal(t, pcommon.Timestamp(arrival), EventTime(101, arrival))
	assert.Equal(t, pcommon.Timestamp(arrival), EventTime(math.MaxUint64, arrival))
}

// A cumulative series starts at the emission before its first record; a delta point
// where the series' previous one ended, however long ago.
func TestStarts(t *testing.T) {
	type span struct{ start, time pcommon.Timestamp }
	spans := func(m pmetric.Metric) map[string]span {
		found := map[string]span{}
		for _, dp := range m.Sum().DataPoints().All() {
			user, _ := dp.Attributes().Get("user")
			found[user.Str()] = span{dp.StartTimestamp(), dp.Timestamp()}
		}
		return found
	}
	for _, delta := range []bool{false, true} {
		def := Definition{Name: "m", Delta: delta}
		store := NewStore([]*Family{NewFamily(&def, newTable(t, "user"))})
		store.Start(5)
		f := store.Families()[0]
		commit(f, sample{user: "a"})
		assert.Equal(t, map[string]span{"a": {5, 10}}, spans(emit(f, 10)))
		emit(f, 20)
		emit(f, 30)
		commit(f, sample{user: "a"}, sample{user: "b"})
		want := map[string]span{"a": {5, 40}, "b": {30, 40}}
		if delta {
			want = map[string]span{"a": {10, 40}, "b": {30, 40}}
		}
		assert.Equal(t, want, spans(emit(f, 40)))
	}
}

// What a snapshot holds does not change while the family goes on, and a delta family
// gives it away.
func TestSnapshotIsACopy(t *testing.T) {
	for _, delta := range []bool{false, true} {
		f := newTestFamily(t, Definition{Type: Histogram, Boundaries: []float64{1}, Delta: delta})
		commit(f, sample{"a", 1, 0})
		s := NewSnapshot(f)
		s.Take(Moment{Time: 1})
		unsent, ok := s.Next()
		assert.True(t, ok)
		assert.Equal(t, 1, unsent)
		commit(f, sample{"a", 1, 0}, sample{"b", 1, 0})
		m := pmetric.NewMetric()
		s.Describe(m)
		s.Points(func(p Point) {
			assert.True(t, p.Unsent)
			s.Write(p, m)
		})
		_, ok = s.Next()
		assert.False(t, ok)
		s.Release()
		require.Equal(t, 1, m.Histogram().DataPoints().Len())
		assert.Equal(t, uint64(1), m.Histogram().DataPoints().At(0).Count())

		next := emit(f, 2).Histogram().DataPoints()
		require.Equal(t, 2, next.Len())
		want := uint64(2)
		if delta {
			want = 1
		}
		assert.Equal(t, want, next.At(0).Count())
	}
}

// Unsent counts the series that no emission has shown, until one is accepted.
func TestUnsent(t *testing.T) {
	f := newTestFamily(t, Definition{})
	assert.Equal(t, 2, commitBatch(f, sample{user: "a"}, sample{user: "b"}, sample{user: "a"}).Unsent)
	assert.Equal(t, 1, commitBatch(f, sample{user: "a"}, sample{user: "c"}).Unsent, "a was unsent before")
	assert.Equal(t, 3, f.Unsent())
	emit(f, 1)
	assert.Equal(t, 0, f.Unsent())
	f.MarkUnsent([]uint32{1})
	assert.Equal(t, 1, f.Unsent())
	commit(f, sample{user: "b"})
	assert.Equal(t, 1, f.Unsent())
}

func TestFamilyConcurrentSafe(t *testing.T) {
	f := newTestFamily(t, Definition{Delta: true, Limit: 7})
	const goroutines, batches = 6, 200
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			for i := range batches {
				commit(f, sample{user: strconv.Itoa(i % 10)}, sample{user: strconv.Itoa(g)})
			}
		})
	}
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	var sum float64
	add := func(now pcommon.Timestamp) {
		for _, v := range values(emit(f, now)) {
			sum += v
		}
	}
	for now := pcommon.Timestamp(1); ; now++ {
		add(now)
		select {
		case <-done:
			add(now + 1)
			assert.InDelta(t, goroutines*batches*2, sum, 0)
			return
		default:
		}
	}
}

// After Reset a delta is as good as new, also where it shrinks.
func TestDeltaReset(t *testing.T) {
	for _, typ := range []Type{Counter, ValueCounter, UpDownCounter, Gauge, MinGauge, MaxGauge, Histogram, ExponentialHistogram} {
		def := &Definition{Type: typ, Boundaries: []float64{1}, MaxSize: 20}
		d := NewDelta(def)
		for _, tuples := range []int{3, 20_000} {
			d.Grow(tuples)
			for slot := range uint32(tuples) {
				d.Add(Sample{Slot: slot, Value: 2, Time: 9})
				d.Add(Sample{Slot: slot, Value: math.MaxFloat64, Time: 9})
			}
			d.Reset()
			assert.GreaterOrEqual(t, d.Size(), tuples*16, "what is kept is told")
			assert.Empty(t, d.recordsOf())
			assert.Empty(t, d.huge)
			d.Grow(3)
			fresh := NewDelta(def)
			fresh.Grow(3)
			assert.Equal(t, fresh.recordsOf(), d.recordsOf())
			m, want := pmetric.NewMetric(), pmetric.NewMetric()
			var p point
			d.values.describe(m, 0)
			d.values.write(2, m, p)
			fresh.values.describe(want, 0)
			fresh.values.write(2, want, p)
			assert.Equal(t, want, m)
		}
	}
}

// Equal labels of two resources are two series, and equal resources are one.
func TestSeriesOfResources(t *testing.T) {
	def := &Definition{Name: "m"}
	f := NewFamily(def, newTable(t))
	for range 2 {
		d := NewDelta(def)
		var tuples []labels.Tuple
		for i, host := range []string{"a", "b", strings.Repeat("c", 1000)} {
			tuples = append(tuples, tupleOf(resourceOf(host)))
			d.Grow(len(tuples))
			d.Add(Sample{Slot: uint32(i)})
		}
		require.Equal(t, int64(3), commitDelta(f, d, tuples).Matched)
	}
	assert.Equal(t, 3, f.Series())
	for _, dp := range emit(f, 1).Sum().DataPoints().All() {
		assert.Equal(t, int64(2), dp.IntValue())
	}
}
