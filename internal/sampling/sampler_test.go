// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package sampling

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/columns"
)

// z is how many standard deviations a statistic may be off. The seeds are fixed, so that a
// test passes always or never; with others, a sampler without fault exceeds z on one side in
// one case of 1,700,000, and on either side in one of 850,000.
const z = 4.86

// choose returns which of so many records a sampler chooses, in chunks of varying sizes.
func choose(s *Sampler, records int) []bool {
	chosen := make([]bool, 0, records)
	sizes := rand.New(rand.NewPCG(1, 2))
	for len(chosen) < records {
		n := min(records-len(chosen), sizes.IntN(columns.Size+1))
		set := s.Next(n)
		for i := range n {
			chosen = append(chosen, set.Has(i))
		}
	}
	return chosen
}

// chiSquareLimit returns what a chi-square statistic exceeds with the same probability as a
// normal one exceeds z (E. B. Wilson and M. M. Hilferty, The Distribution of Chi-Square,
// PNAS 17, 1931; near enough from 3 degrees of freedom on).
func chiSquareLimit(degrees int) float64 {
	d := float64(degrees)
	return d * math.Pow(1-2/(9*d)+z*math.Sqrt(2/(9*d)), 3)
}

// term is what one cell adds to a chi-square statistic.
func term(observed int, expected float64) float64 {
	return (float64(observed) - expected) * (float64(observed) - expected) / expected
}

const records = 1_000_000

var rates = []uint64{2, 10, 1000}

func each(t *testing.T, test func(t *testing.T, n uint64, chosen []bool)) {
	for _, n := range rates {
		t.Run(fmt.Sprint("1/", n), func(t *testing.T) { test(t, n, choose(New(n, 3, n), records)) })
	}
}

// TestEstimate: N times the number of choices is the number of records, within z standard
// errors.
func TestEstimate(t *testing.T) {
	each(t, func(t *testing.T, n uint64, chosen []bool) {
		count := 0
		for _, c := range chosen {
			if c {
				count++
			}
		}
		estimate := float64(count) * float64(n)
		assert.InDelta(t, records, estimate, z*math.Sqrt(records*float64(n-1)))
	})
}

// TestGaps: the numbers of records between choices are geometrically distributed, which is
// the same as that records are chosen independently.
func TestGaps(t *testing.T) {
	each(t, func(t *testing.T, n uint64, chosen []bool) {
		p := 1 / float64(n)
		// Cells of about equal probability, the last one without end.
		var upTo []int
		for k := 1; k < 40; k++ {
			end := int(math.Log1p(-float64(k)/40) / math.Log1p(-p))
			if len(upTo) == 0 || end > upTo[len(upTo)-1] {
				upTo = append(upTo, end)
			}
		}
		counts := make([]int, len(upTo)+1)
		gaps, gap := 0, 0
		for _, c := range chosen {
			if !c {
				gap++
				continue
			}
			cell := 0
			for cell < len(upTo) && gap > upTo[cell] {
				cell++
			}
			counts[cell]++
			gaps++
			gap = 0
		}
		statistic, below := 0.0, 0.0 // below is the probability of the cells before
		for cell, count := range counts {
			up := 1.0
			if cell < len(upTo) {
				up = 1 - math.Pow(1-p, float64(upTo[cell]+1))
			}
			statistic += term(count, float64(gaps)*(up-below))
			below = up
		}
		require.GreaterOrEqual(t, len(upTo), 3)
		assert.Less(t, statistic, chiSquareLimit(len(upTo)))
	})
}

// TestNeighbors: whether a record is chosen says nothing of those near it.
func TestNeighbors(t *testing.T) {
	each(t, func(t *testing.T, n uint64, chosen []bool) {
		p := 1 / float64(n)
		for _, distance := range []int{1, 2, 3, 10, columns.Size} {
			both := 0
			pairs := len(chosen) - distance
			for i := range pairs {
				if chosen[i] && chosen[i+distance] {
					both++
				}
			}
			// The number of pairs has the variance of independent ones but for pairs that
			// share a record, of which each has two. Where one pair is expected it is Poisson's:
			// 12 more than that have a probability below 10^-10.
			expected := float64(pairs) * p * p
			variance := expected * (1 - p*p + 2*p*(1-p))
			assert.InDelta(t, expected, float64(both), max(z*math.Sqrt(variance), 12), "distance %d", distance)
		}
	})
}

// TestSuccessiveGaps: a gap says nothing of the next one.
func TestSuccessiveGaps(t *testing.T) {
	s := New(1000, 5, 6)
	const n, cells = 100_000, 4
	var counts [cells][cells]int
	var rows, columns [cells]int
	quarter := func(gap uint64) int {
		for i, end := range []float64{0.25, 0.5, 0.75} {
			if float64(gap) < math.Log1p(-end)/math.Log1p(-1.0/1000) {
				return i
			}
		}
		return cells - 1
	}
	before := quarter(s.gap())
	for range n {
		after := quarter(s.gap())
		counts[before][after]++
		rows[before]++
		columns[after]++
		before = after
	}
	statistic := 0.0
	for i := range counts {
		for k, count := range counts[i] {
			statistic += term(count, float64(rows[i])*float64(columns[k])/n)
		}
	}
	assert.Less(t, statistic, chiSquareLimit((cells-1)*(cells-1)))
}

// TestPositions: no position in a chunk is chosen more often than another.
func TestPositions(t *testing.T) {
	for _, n := range rates {
		s := New(n, 7, n)
		const chunks = 20_000
		var counts [columns.Size]int
		for range chunks {
			set := s.Next(columns.Size)
			for i := range set.All() {
				counts[i]++
			}
		}
		p := 1 / float64(n)
		statistic := 0.0
		for _, count := range counts {
			statistic += term(count, chunks*p) / (1 - p)
		}
		assert.Less(t, statistic, chiSquareLimit(columns.Size), "1/%d", n)
	}
}

// TestCutsDoNotMatter: the gap is carried over from call to call.
func TestCutsDoNotMatter(t *testing.T) {
	whole, cut := New(10, 8, 9), New(10, 8, 9)
	for range 1000 {
		all := whole.Next(columns.Size)
		for i := range columns.Size {
			one := cut.Next(1)
			require.Equal(t, all.Has(i), one.Has(0))
		}
		require.Zero(t, cut.Next(0))
	}
}

// TestSeeds: equal seeds make equal choices, others do not.
func TestSeeds(t *testing.T) {
	first := choose(New(10, 1, 2), 10_000)
	assert.Equal(t, first, choose(New(10, 1, 2), 10_000))
	assert.NotEqual(t, first, choose(New(10, 1, 3), 10_000))
	assert.NotEqual(t, first, choose(New(10, 2, 2), 10_000))
}

// TestOne: one in one is every record.
func TestOne(t *testing.T) {
	s := New(1, 1, 2)
	for n := range columns.Size + 1 {
		require.Equal(t, columns.First(n), s.Next(n))
	}
}

// TestLargestGaps: the mean of gaps is N-1 for every N, and no gap comes near the end of a
// uint64.
func TestLargestGaps(t *testing.T) {
	const draws = 100_000
	for _, n := range []uint64{3, 1e6, 1 << 32, 1<<32 + 1, 1e15, 1<<53 - 1, 1 << 53} {
		s := New(n, 10, n)
		sum := 0.0
		for range draws {
			gap := s.gap()
			require.Less(t, gap, uint64(1)<<59)
			sum += float64(gap)
		}
		mean := sum / draws / float64(n)
		p := 1 / float64(n)
		// The standard deviation of a gap is sqrt(1-p)/p.
		assert.InDelta(t, 1-p, mean, z*math.Sqrt((1-p)/draws), "N = %d", n)
	}
	// The ends of what the generator can yield.
	s := New(1<<53, 0, 0)
	assert.InEpsilon(t, 53*math.Ln2*(1<<53), math.Log(0x1p-53)*s.scale, 1e-12)
	assert.Equal(t, uint64(0), uint64(math.Log(1)*s.scale))
	assert.InDelta(t, 1, math.Log(1-0x1p-53)*s.scale, 1e-12, "the next number below 1 passes over one record")
}

// BenchmarkNext: the time goes with the records that are chosen.
func BenchmarkNext(b *testing.B) {
	for _, n := range []uint64{2, 10, 100, 1000} {
		b.Run(fmt.Sprint("1/", n), func(b *testing.B) {
			s := New(n, 1, 2)
			b.ReportAllocs()
			chosen := 0
			for b.Loop() {
				set := s.Next(columns.Size)
				chosen += set.Len()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/columns.Size, "ns/record")
			records := float64(b.N) * columns.Size
			require.InDelta(b, records, float64(chosen)*float64(n), max(10*math.Sqrt(records*float64(n-1)), 10*float64(n)))
		})
	}
}
