// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package series

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
)

// storable are definitions of every type.
func storable() []Definition {
	return []Definition{
		{Type: Counter},
		{Type: ValueCounter},
		{Type: UpDownCounter},
		{Type: Gauge},
		{Type: MinGauge},
		{Type: MaxGauge},
		{Type: Histogram, Boundaries: []float64{0, 1, 10}},
		{Type: Histogram, Boundaries: []float64{-1, 1}},
		{Type: ExponentialHistogram, MaxSize: 20},
		{Type: ExponentialHistogram, MaxSize: 160},
	}
}

// fill adds random values to a slot.
func fill(r *rand.Rand, def *Definition, a accumulator, slot uint32, n int) {
	for _, v := range randomValues(r, n) {
		if def.AllowsNegative() && r.IntN(2) == 0 {
			v = -v
		}
		a.add(Sample{Slot: slot, Value: v, Time: pcommon.Timestamp(r.Uint64())}, 1+r.Uint64N(3))
	}
}

// clone returns independent Values, bit by bit the same.
func (v *Values) clone() Values {
	return Values{Counts: slices.Clone(v.Counts), Numbers: slices.Clone(v.Numbers)}
}

// requireSame compares bit by bit, so that 0 and -0 differ.
func requireSame(t *testing.T, want, got Values) {
	t.Helper()
	require.Equal(t, fmt.Sprintf("%d %b", want.Counts, want.Numbers), fmt.Sprintf("%d %b", got.Counts, got.Numbers))
	for i := range want.Numbers {
		require.Equal(t, math.Float64bits(want.Numbers[i]), math.Float64bits(got.Numbers[i]))
	}
}

// What was saved is restored, slot after slot, and goes on as if nothing had happened.
func TestRestoreWhatWasSaved(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for _, def := range storable() {
		for range 20 {
			const slots = 4
			a, b := def.newAccumulator(), def.newAccumulator()
			a.grow(slots)
			b.grow(slots)
			var saved Values
			for slot := range uint32(slots) {
				fill(r, &def, a, slot, r.IntN(3)*r.IntN(50))
				fill(r, &def, b, slot, r.IntN(2)*r.IntN(50)) // what is there does not matter
				a.save(slot, &saved)
			}
			rest := saved.clone()
			for slot := range uint32(slots) {
				require.True(t, b.restore(slot, &rest), "%+v", def)
			}
			require.Empty(t, rest.Counts)
			require.Empty(t, rest.Numbers)
			seed := r.Uint64()
			for slot := range uint32(slots) {
				require.Equal(t, pointOf(a, slot), pointOf(b, slot))
				fill(rand.New(rand.NewPCG(seed, 0)), &def, a, slot, 20)
				fill(rand.New(rand.NewPCG(seed, 0)), &def, b, slot, 20)
				require.Equal(t, pointOf(a, slot), pointOf(b, slot))
				var again, want Values
				a.save(slot, &want)
				b.save(slot, &again)
				requireSame(t, want, again)
			}
		}
	}
}

// What was restored is not what it was restored from: either may change.
func TestRestoredIsIndependent(t *testing.T) {
	for _, def := range storable() {
		a := def.newAccumulator()
		a.grow(1)
		a.add(Sample{Value: 1, Time: 1}, 1)
		var saved Values
		a.save(0, &saved)
		from := saved.clone()
		require.True(t, a.restore(0, &from))
		want := pointOf(a, 0)
		whole := saved.clone()
		from = whole
		require.True(t, a.restore(0, &from))
		clear(whole.Counts)
		clear(whole.Numbers)
		assert.Equal(t, want, pointOf(a, 0))
	}
}

// Whatever is restored never panics; what is not accepted leaves the slot without values,
// and what is accepted is what save writes.
func TestRestoreCorrupt(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	counts := []uint64{0, 1, 2, 19, 20, 21, 1 << 31, 1 << 32, 1 << 60, math.MaxInt64, math.MaxInt64 + 1, math.MaxUint64}
	numbers := []float64{0, math.Copysign(0, -1), 1, -1, math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, math.SmallestNonzeroFloat64}
	for _, def := range storable() {
		var zero Values
		a := def.newAccumulator()
		a.grow(1)
		a.save(0, &zero)
		refused, taken := 0, 0
		for range 1000 {
			fill(r, &def, a, 0, r.IntN(20))
			var saved Values
			a.save(0, &saved)
			for range 1 + r.IntN(2) {
				switch n := r.IntN(6); {
				case n == 0:
					saved.Counts = saved.Counts[:r.IntN(len(saved.Counts)+1)]
				case n == 1:
					saved.Numbers = saved.Numbers[:r.IntN(len(saved.Numbers)+1)]
				case n < 4 && len(saved.Counts) > 0:
					saved.Counts[r.IntN(len(saved.Counts))] = counts[r.IntN(len(counts))]
				case len(saved.Numbers) > 0:
					saved.Numbers[r.IntN(len(saved.Numbers))] = numbers[r.IntN(len(numbers))]
				}
			}
			from := saved.clone()
			var again Values
			if !a.restore(0, &from) {
				refused++
				a.save(0, &again)
				requireSame(t, zero, again)
				continue
			}
			taken++
			a.save(0, &again)
			requireSame(t, Values{
				Counts:  saved.Counts[:len(saved.Counts)-len(from.Counts)],
				Numbers: saved.Numbers[:len(saved.Numbers)-len(from.Numbers)],
			}, again)
			pointOf(a, 0)
		}
		assert.Positive(t, refused, "%+v", def)
		assert.Positive(t, taken, "%+v", def)
	}
}

// Each rule that what is restored must keep.
func TestRestoreRefuses(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	explicit := Definition{Type: Histogram, Boundaries: []float64{1, 10}}
	negative := Definition{Type: Histogram, Boundaries: []float64{-1, 10}}
	exponential := Definition{Type: ExponentialHistogram, MaxSize: 20}
	many := make([]uint64, 21)
	for i := range many {
		many[i] = 1
	}
	// 1 and 2 at scale 0: buckets -1 and 0.
	lowest := uint64(-1 - minIndex>>maxScale)
	for _, test := range []struct {
		name string
		def  Definition
		from Values
		want bool
	}{
		{"counter", Definition{}, Values{Counts: []uint64{5}}, true},
		{"counter, none", Definition{}, Values{Numbers: []float64{5}}, false},
		{"counter, negative", Definition{}, Values{Counts: []uint64{1 << 63}}, false},
		{"sum, NaN", Definition{Type: ValueCounter}, Values{Numbers: []float64{nan}}, false},
		{"sum, infinite", Definition{Type: UpDownCounter}, Values{Numbers: []float64{-inf}}, false},
		{"sum, negative", Definition{Type: ValueCounter}, Values{Numbers: []float64{-1}}, false},
		{"updowncounter, negative", Definition{Type: UpDownCounter}, Values{Numbers: []float64{-1}}, true},
		{"gauge", Definition{Type: Gauge}, Values{Numbers: []float64{-1}, Counts: []uint64{9}}, true},
		{"gauge, no time", Definition{Type: Gauge}, Values{Numbers: []float64{-1}}, false},
		{"gauge, NaN", Definition{Type: Gauge}, Values{Numbers: []float64{nan}, Counts: []uint64{9}}, false},
		{"min, without values", Definition{Type: MinGauge}, Values{Numbers: []float64{inf}}, true},
		{"min, of a max", Definition{Type: MinGauge}, Values{Numbers: []float64{-inf}}, false},
		{"max, NaN", Definition{Type: MaxGauge}, Values{Numbers: []float64{nan}}, false},
		{"histogram", explicit, Values{Numbers: []float64{5}, Counts: []uint64{3, 1, 0, 1}}, true},
		{"histogram, other boundaries", explicit, Values{Numbers: []float64{5}, Counts: []uint64{2, 1, 0, 1}}, false},
		{"histogram, too short", explicit, Values{Numbers: []float64{5}, Counts: []uint64{3, 1, 0}}, false},
		{"histogram, sum of nothing", explicit, Values{Numbers: []float64{5}, Counts: []uint64{3, 0, 0, 0}}, false},
		{"histogram, infinite", explicit, Values{Numbers: []float64{inf}, Counts: []uint64{3, 1, 0, 1}}, false},
		{"histogram, too many", explicit, Values{Numbers: []float64{5}, Counts: []uint64{3, 1 << 63, 0, 1 << 63}}, false},
		{"histogram, a sum that it has not", negative, Values{Numbers: []float64{5}, Counts: []uint64{3, 1, 0, 1}}, false},
		{"exponential", exponential, Values{Numbers: []float64{3, 1, 2}, Counts: []uint64{0, 2, 20, lowest, 1, 1}}, true},
		{"exponential, zeros", exponential, Values{Numbers: []float64{0, 0, 0}, Counts: []uint64{7, 0}}, true},
		{"exponential, both", exponential, Values{Numbers: []float64{3, 0, 2}, Counts: []uint64{7, 2, 20, lowest, 1, 1}}, true},
		{"exponential, no zeros but a minimum of 0", exponential, Values{Numbers: []float64{3, 0, 2}, Counts: []uint64{0, 2, 20, lowest, 1, 1}}, false},
		{"exponential, zeros but no minimum of 0", exponential, Values{Numbers: []float64{3, 1, 2}, Counts: []uint64{7, 2, 20, lowest, 1, 1}}, false},
		{"exponential, minimum elsewhere", exponential, Values{Numbers: []float64{3, 1.5, 2}, Counts: []uint64{0, 2, 20, lowest, 1, 1}}, false},
		{"exponential, maximum elsewhere", exponential, Values{Numbers: []float64{3, 1, 2.5}, Counts: []uint64{0, 2, 20, lowest, 1, 1}}, false},
		{"exponential, minimum above maximum", exponential, Values{Numbers: []float64{3, 2, 1}, Counts: []uint64{0, 2, 20, lowest, 1, 1}}, false},
		{"exponential, sum below maximum", exponential, Values{Numbers: []float64{1, 1, 2}, Counts: []uint64{0, 2, 20, lowest, 1, 1}}, false},
		{"exponential, NaN", exponential, Values{Numbers: []float64{nan, 1, 2}, Counts: []uint64{0, 2, 20, lowest, 1, 1}}, false},
		{"exponential, first bucket empty", exponential, Values{Numbers: []float64{2, 1, 2}, Counts: []uint64{0, 2, 20, lowest, 0, 1}}, false},
		{"exponential, last bucket empty", exponential, Values{Numbers: []float64{2, 1, 2}, Counts: []uint64{0, 2, 20, lowest, 1, 0}}, false},
		{"exponential, too coarse", exponential, Values{Numbers: []float64{3, 1, 2}, Counts: []uint64{0, 2, 31, lowest, 1, 1}}, false},
		{"exponential, scale of another type", exponential, Values{Numbers: []float64{3, 1, 2}, Counts: []uint64{0, 2, math.MaxUint64, lowest, 1, 1}}, false},
		{"exponential, offset too high", exponential, Values{Numbers: []float64{3, 1, 2}, Counts: []uint64{0, 2, 20, math.MaxUint64, 1, 1}}, false},
		{"exponential, more buckets than may be", exponential, Values{Numbers: []float64{3, 1, 2}, Counts: append([]uint64{0, 21, 20, lowest}, many...)}, false},
		{"exponential, more buckets than there are", exponential, Values{Numbers: []float64{3, 1, 2}, Counts: []uint64{0, 3, 20, lowest, 1, 1}}, false},
		{"exponential, absurdly many", exponential, Values{Numbers: []float64{3, 1, 2}, Counts: []uint64{0, 1 << 60, 20, lowest, 1, 1}}, false},
		{"exponential, too many values", exponential, Values{Numbers: []float64{3, 0, 2}, Counts: []uint64{math.MaxUint64, 2, 20, lowest, 1, 1}}, false},
		{"exponential, nothing", exponential, Values{}, false},
	} {
		a := test.def.newAccumulator()
		a.grow(1)
		assert.Equal(t, test.want, a.restore(0, &test.from), test.name)
	}
}
