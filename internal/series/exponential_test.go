// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package series

import (
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/lightstep/go-expohisto/structure"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// edgeValues are those at which mappings break.
func edgeValues() []float64 {
	values := []float64{0, math.Copysign(0, -1), math.SmallestNonzeroFloat64, 0x1p-1030, 0x1p-1022, math.MaxFloat64, math.Sqrt2, 1e-300, 1e300}
	for _, exponent := range []int{-1022, -1021, -975, -40, -1, 0, 1, 2, 10, 52, 1022, 1023} {
		power := math.Ldexp(1, exponent)
		values = append(values, math.Nextafter(power, 0), power, math.Nextafter(power, math.Inf(1)), 1.5*power)
	}
	return values
}

// anyValue returns a positive float64 of any magnitude.
func anyValue(r *rand.Rand) float64 {
	return math.Ldexp(1+r.Float64(), r.IntN(2046)-1022)
}

// The mapping is that of OpenTelemetry's data model: base**i < v <= base**(i+1). For base
// 2**(1/n) that is 2**i < v**n <= 2**(i+1), which is computed exactly here.
func TestIndexOf(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	values := edgeValues()[4:] // but 0 and those that are rounded up
	for range 1000 {
		values = append(values, anyValue(r), 1+r.Float64(), math.Ldexp(1+r.Float64(), r.IntN(40)-20))
	}
	for _, v := range values {
		if v < 0x1p-1022 {
			continue
		}
		index := indexOf(v)
		require.GreaterOrEqual(t, index, minIndex, "%b", v)
		require.LessOrEqual(t, index, maxIndex, "%b", v)
		for scale := minScale; scale <= 4; scale++ {
			i, power := index>>(maxScale-scale), new(big.Float).SetPrec(1000).SetFloat64(v)
			for range scale {
				power.Mul(power, power)
			}
			width := 1
			if scale < 0 {
				width = 1 << -scale
			}
			one := new(big.Float).SetPrec(1000).SetInt64(1)
			lower := new(big.Float).SetMantExp(one, i*width)
			upper := new(big.Float).SetMantExp(one, (i+1)*width)
			require.Negative(t, lower.Cmp(power), "%b at scale %d: %d", v, scale, i)
			require.LessOrEqual(t, power.Cmp(upper), 0, "%b at scale %d: %d", v, scale, i)
		}
		position := math.Log2(v) * (1 << maxScale)
		require.InDelta(t, position, float64(index)+0.5, 0.500001, "%b", v)
	}
	for _, v := range []float64{math.SmallestNonzeroFloat64, 0x1p-1023, 0x1p-1022} {
		assert.Equal(t, minIndex, indexOf(v), "%b", v)
	}
	assert.Equal(t, maxIndex, indexOf(math.MaxFloat64))
	assert.Equal(t, []int{-1, 0, 1<<maxScale - 1, 1 << maxScale},
		[]int{indexOf(1), indexOf(math.Nextafter(1, 2)), indexOf(2), indexOf(math.Nextafter(2, 3))})
}

// oneOf returns an exponential histogram in slot 0.
func oneOf(maxSize int, values ...float64) *exponentials {
	e := newExponentials(maxSize, true)
	e.grow(1)
	for _, v := range values {
		e.add(Sample{Value: v}, 1)
	}
	return e
}

// pointOf returns the point of a slot.
func pointOf(a accumulator, slot uint32) pmetric.Metric {
	m := pmetric.NewMetric()
	a.describe(m, pmetric.AggregationTemporalityCumulative)
	a.write(slot, m, point{time: 1})
	return m
}

// check compares slot 0 with a plain list of values, each of which came weight times.
func check(t *testing.T, e *exponentials, values []float64, weight uint64) {
	t.Helper()
	dp := pointOf(e, 0).ExponentialHistogram().DataPoints().At(0)
	counts := dp.Positive().BucketCounts().AsRaw()
	want := make([]uint64, len(counts))
	var zeros uint64
	var sum float64
	low, high := math.MaxInt, math.MinInt
	for _, v := range values {
		sum += v * float64(weight)
		if v == 0 {
			zeros += weight
			continue
		}
		index := indexOf(v)
		low, high = min(low, index), max(high, index)
		at := index>>(maxScale-dp.Scale()) - int(dp.Positive().Offset())
		require.Contains(t, makeRange(len(counts)), at, "%v is in a bucket", v)
		want[at] += weight
	}
	require.Equal(t, want, append([]uint64{}, counts...))
	require.LessOrEqual(t, len(counts), e.maxSize)
	require.Equal(t, zeros, dp.ZeroCount())
	require.Equal(t, uint64(len(values))*weight, dp.Count())
	require.InEpsilon(t, sum+1, dp.Sum()+1, 1e-9)
	require.Equal(t, len(values) > 0, dp.HasMin() && dp.HasMax())
	if len(values) > 0 {
		require.InDelta(t, slices.Min(values), dp.Min(), 0)
		require.InDelta(t, slices.Max(values), dp.Max(), 0)
	}
	// Finer by one step the buckets would be too many.
	if dp.Scale() < maxScale && len(counts) > 0 {
		finer := maxScale - dp.Scale() - 1
		require.Greater(t, high>>finer-low>>finer+1, e.maxSize)
	}
}

func makeRange(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// randomValues returns values of one of several kinds of distribution.
func randomValues(r *rand.Rand, n int) []float64 {
	kind, center := r.IntN(4), anyValue(r)
	values := make([]float64, n)
	for i := range values {
		switch kind {
		case 0:
			values[i] = anyValue(r) / 0x1p60 // so that they add up
		case 1:
			values[i] = math.Exp(r.NormFloat64() * 3)
		case 2:
			values[i] = float64(r.IntN(50))
		default:
			values[i] = center / 0x1p60 * (1 + r.Float64())
		}
	}
	return values
}

// Values in any split, added at any weight, make the histogram that adding all makes.
func TestExponentialMerge(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		maxSize := []int{20, 21, 160, 1000}[r.IntN(4)]
		weight := []uint64{1, 1, 2, 10, 1 << 40}[r.IntN(5)]
		values := randomValues(r, r.IntN(200))
		parts := newExponentials(maxSize, true)
		parts.grow(5)
		all := newExponentials(maxSize, true)
		all.grow(1)
		for _, v := range values {
			require.True(t, all.add(Sample{Value: v}, weight))
			parts.addEach([]uint32{uint32(r.IntN(5))}, []float64{v}, nil)
		}
		check(t, all, values, weight)
		merged := newExponentials(maxSize, true)
		merged.grow(1)
		targets, sources := make([]uint32, 5), []uint32{3, 1, 4, 0, 2}
		require.Empty(t, merged.fold(targets, parts, sources, weight, nil))
		check(t, merged, values, weight)
	}
}

// The library that other components use comes to the same buckets.
func TestExponentialAsTheLibrary(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 200 {
		maxSize := []int{20, 160, 1000}[r.IntN(3)]
		var library structure.Float64
		library.Init(structure.NewConfig(structure.WithMaxSize(int32(maxSize))))
		ours := oneOf(maxSize)
		for _, v := range randomValues(r, 1+r.IntN(300)) {
			weight := uint64(1 + r.IntN(3))
			library.UpdateByIncr(v, weight)
			ours.add(Sample{Value: v}, weight)
		}
		dp := pointOf(ours, 0).ExponentialHistogram().DataPoints().At(0)
		require.Equal(t, library.Count(), dp.Count())
		require.Equal(t, library.ZeroCount(), dp.ZeroCount())
		if dp.Positive().BucketCounts().Len() == 0 {
			continue // its scale is 0 then
		}
		require.Equal(t, library.Scale(), dp.Scale())
		require.Equal(t, library.Positive().Offset(), dp.Positive().Offset())
		counts := make([]uint64, library.Positive().Len())
		for i := range counts {
			counts[i] = library.Positive().At(uint32(i))
		}
		require.Equal(t, counts, dp.Positive().BucketCounts().AsRaw())
	}
}

// No pair of values breaks a histogram, in either order, added or merged. The library
// panics on some of them.
func TestExponentialEdges(t *testing.T) {
	for _, maxSize := range []int{2, 20, 160} {
		for _, a := range edgeValues() {
			for _, b := range edgeValues() {
				e := oneOf(maxSize)
				values := []float64{a, 1, b}
				added := values[:0:0]
				for _, v := range values {
					if e.add(Sample{Value: v}, 1) {
						added = append(added, v)
					}
				}
				check(t, e, added, 1)
				e.zero(0)
				for _, v := range added {
					require.Empty(t, e.fold([]uint32{0}, oneOf(maxSize, v), []uint32{0}, 1, nil))
				}
				check(t, e, added, 1)
			}
		}
	}
	check(t, oneOf(20, 0.75, math.Nextafter(0x1p-40, 0)), []float64{0.75, math.Nextafter(0x1p-40, 0)}, 1)
}

// A value that would make the sum infinite leaves nothing, added or merged.
func TestExponentialSumStaysFinite(t *testing.T) {
	most := math.MaxFloat64
	e := oneOf(20, most, 1)
	assert.False(t, e.add(Sample{Value: most}, 1))
	assert.False(t, e.add(Sample{Value: 0x1p1000}, 1<<40))
	assert.Equal(t, []int{1}, e.fold([]uint32{0, 0, 0}, oneOf(20, most/2), []uint32{0, 0, 0}, 0, []int{1}), "times 0 adds nothing")
	e = oneOf(20, most, 1)
	from := newExponentials(20, true)
	from.grow(2)
	from.add(Sample{Slot: 0, Value: most}, 1)
	from.add(Sample{Slot: 1, Value: 5}, 1)
	assert.Equal(t, []int{0, 2}, e.fold([]uint32{0, 0, 0}, from, []uint32{0, 1, 0}, 1, nil))
	check(t, e, []float64{most, 1, 5}, 1)
}

// Points of a family: cumulative ones go on, deltas begin anew, at the finest scale, and
// a copy is independent of what comes later.
func TestExponentialPoints(t *testing.T) {
	for _, delta := range []bool{false, true} {
		f := newTestFamily(t, Definition{Type: ExponentialHistogram, MaxSize: 20, Delta: delta})
		at := func(now pcommon.Timestamp) pmetric.ExponentialHistogramDataPoint {
			return emit(f, now).ExponentialHistogram().DataPoints().At(0)
		}
		commit(f, sample{"a", 0, 0})
		dp := at(1)
		assert.Equal(t, int32(maxScale), dp.Scale())
		assert.Equal(t, []uint64{1, 1}, []uint64{dp.Count(), dp.ZeroCount()})
		assert.True(t, dp.HasMin() && dp.HasMax())
		assert.Zero(t, dp.ZeroThreshold())
		commit(f, sample{"a", 1, 0}, sample{"a", 1e6, 0})
		dp = at(2)
		assert.Less(t, dp.Scale(), int32(maxScale))
		commit(f, sample{"a", 7, 0})
		s := NewSnapshot(f)
		s.Take(Moment{Time: 3})
		_, ok := s.Next()
		require.True(t, ok)
		commit(f, sample{"a", 1e300, 0})
		dp = pointOf(s.copied.values, 0).ExponentialHistogram().DataPoints().At(0)
		if delta {
			assert.Equal(t, int32(maxScale), dp.Scale())
			assert.Equal(t, []uint64{1, 0}, []uint64{dp.Count(), dp.ZeroCount()})
			assert.Equal(t, []float64{7, 7, 7}, []float64{dp.Sum(), dp.Min(), dp.Max()})
		} else {
			assert.Equal(t, []uint64{4, 1}, []uint64{dp.Count(), dp.ZeroCount()})
			assert.Equal(t, []float64{1000008, 0, 1e6}, []float64{dp.Sum(), dp.Min(), dp.Max()})
		}
		assert.Equal(t, s.Transient(), delta)
	}
}

// What a sample of the records says of the smallest and the largest is not true of all.
func TestExponentialOfSampledRecordsHasNoExtremes(t *testing.T) {
	f := newTestFamily(t, Definition{Type: ExponentialHistogram, MaxSize: 20, Weight: 10})
	commit(f, sample{"a", 2, 0}, sample{"a", 4, 0})
	dp := emit(f, 1).ExponentialHistogram().DataPoints().At(0)
	assert.False(t, dp.HasMin() || dp.HasMax())
	assert.Equal(t, uint64(20), dp.Count())
	assert.InDelta(t, 60, dp.Sum(), 0)
}

// A delta that has seen such batches before takes no memory for records.
func TestExponentialAllocatesNothing(t *testing.T) {
	def := &Definition{Type: ExponentialHistogram, MaxSize: 160}
	d := NewDelta(def)
	f := def.newAccumulator()
	f.grow(100)
	r := rand.New(rand.NewPCG(7, 8))
	slots, values := make([]uint32, 1000), make([]float64, 1000)
	for i := range slots {
		slots[i], values[i] = uint32(i%100), math.Exp(r.NormFloat64())
	}
	assert.Zero(t, testing.AllocsPerRun(10, func() {
		d.Grow(100)
		d.AddEach(slots, values, nil)
		d.Seal()
		f.fold(d.used, d.values, d.used, 3, nil)
		d.Reset()
	}))
	held := 0
	for _, p := range d.values.(*exponentials).positive {
		held += 8 * cap(p.counts)
	}
	assert.Equal(t, held, d.values.(*exponentials).held)
}

// A point is never larger than its size says.
func TestExponentialSize(t *testing.T) {
	e := oneOf(20)
	for i := range 20 {
		e.add(Sample{Value: math.Ldexp(1.5, i-900)}, math.MaxUint64/21)
	}
	e.add(Sample{Value: 0}, math.MaxUint64/21)
	m := pointOf(e, 0)
	dp := m.ExponentialHistogram().DataPoints().At(0)
	assert.Equal(t, 20, dp.Positive().BucketCounts().Len())
	dp.SetStartTimestamp(math.MaxUint64)
	dp.SetTimestamp(math.MaxUint64)
	dp.SetFlags(pmetric.DefaultDataPointFlags.WithNoRecordedValue(true))
	md := pmetric.NewMetrics()
	to := md.ResourceMetrics().AppendEmpty().ScopeMetrics().AppendEmpty().Metrics().AppendEmpty()
	m.MoveTo(to)
	var sizer pmetric.ProtoMarshaler
	whole := sizer.MetricsSize(md)
	to.SetEmptyExponentialHistogram()
	assert.LessOrEqual(t, whole-sizer.MetricsSize(md), e.size())
}
