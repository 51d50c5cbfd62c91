// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package sampling

import (
	"math"
	"math/rand/v2"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/columns"
)

// Sampler chooses one record in N on average.
//
// It draws how many records it passes over before the next choice. That number is
// geometrically distributed, and comes from one uniform number by inversion: the whole part
// of log(U) / log(1-1/N) (L. Devroye, Non-Uniform Random Variate Generation, 1986, chapter
// X.2; for choosing records so, C. T. Fan, M. E. Muller and I. Rezucha, Development of
// Sampling Plans by Using Sequential (Item by Item) Selection Techniques and Digital
// Computers, JASA 57, 1962). U is a multiple of 2^-53 above 0 and at most 1. That and the
// rounding of float64 move the probability of a record by less than one part in 10^13,
// for every N up to 2^53.
type Sampler struct {
	random *rand.Rand
	// scale is 1/log(1-1/N).
	scale float64
	// skip is how many records are passed over before the next choice. A gap is at most
	// 53 * log(2) * 2^53 < 2^59, so that nothing here comes near the end of a uint64.
	skip uint64
}

// New returns a sampler that chooses one record in n, which is at least 1 and at most 2^53.
// With 1 it chooses all. Samplers with equal seeds make equal choices.
func New(n, seed1, seed2 uint64) *Sampler {
	s := &Sampler{random: rand.New(rand.NewPCG(seed1, seed2)), scale: 1 / math.Log1p(-1/float64(n))}
	s.skip = s.gap()
	return s
}

// Next returns which of the next records, columns.Size at most, are chosen. The choices do
// not depend on how a sequence of records is cut into calls.
func (s *Sampler) Next(records int) columns.Set {
	var chosen columns.Set
	n := uint64(records)
	for s.skip < n {
		chosen.Add(int(s.skip))
		s.skip += 1 + s.gap()
	}
	s.skip -= n
	return chosen
}

// gap draws how many records are passed over after one that is chosen.
func (s *Sampler) gap() uint64 {
	u := 1 - s.random.Float64() // never 0, whose logarithm is infinite
	return uint64(math.Log(u) * s.scale)
}
