// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package measure

import (
	"fmt"
	"runtime"
	"slices"
	"time"
)

// Rounds say how to measure.
type Rounds struct {
	// N is the number of rounds.
	N int
	// Section is how long a variant runs at least in each round.
	Section time.Duration
}

// Variant is one of the things that are compared.
type Variant struct {
	Name string
	Run  func() error
}

// Samples are the seconds that one run of each variant took, by variant and round.
type Samples [][]float64

// Interleave runs each variant in each round, in turns, and every second round in reverse
// order: what disturbs the machine for some time disturbs all, and what one leaves behind
// for the next is not always left for the same. Garbage of the variant before is
// collected first, outside of the time that is taken.
func (r Rounds) Interleave(variants ...Variant) (Samples, error) {
	runs := make([]int, len(variants))
	samples := make(Samples, len(variants))
	for i, v := range variants {
		// The first run is slower than all others: it makes series, pools and tables.
		if _, err := timed(v, 1); err != nil {
			return nil, err
		}
		runs[i] = 1
		if r.Section > 0 {
			once, err := timed(v, 1)
			if err != nil {
				return nil, err
			}
			runs[i] = max(1, int(r.Section.Seconds()/once+0.5))
		}
	}
	order := make([]int, len(variants))
	for i := range order {
		order[i] = i
	}
	for range r.N {
		for _, i := range order {
			runtime.GC()
			seconds, err := timed(variants[i], runs[i])
			if err != nil {
				return nil, err
			}
			samples[i] = append(samples[i], seconds)
		}
		slices.Reverse(order)
	}
	return samples, nil
}

// timed returns the seconds that one of so many runs takes.
func timed(v Variant, runs int) (float64, error) {
	start := time.Now()
	for range runs {
		if err := v.Run(); err != nil {
			return 0, fmt.Errorf("%s: %w", v.Name, err)
		}
	}
	return time.Since(start).Seconds() / float64(runs), nil
}

// Ratio returns the median over the rounds of the time of variant a divided by that of
// variant b.
func (s Samples) Ratio(a, b int) float64 {
	ratios := make([]float64, len(s[a]))
	for i := range ratios {
		ratios[i] = s[a][i] / s[b][i]
	}
	return Median(ratios)
}

// Median returns the median over the rounds of variant a.
func (s Samples) Median(a int) float64 {
	return Median(s[a])
}

// Difference returns the median over the rounds of the time of variant a less that of
// variant b, and the standard error of that median.
func (s Samples) Difference(a, b int) (median, standardError float64) {
	differences := make([]float64, len(s[a]))
	for i := range differences {
		differences[i] = s[a][i] - s[b][i]
	}
	return Median(differences), MedianError(differences)
}

// Join appends the rounds of more, which must have the same variants.
func (s Samples) Join(more Samples) Samples {
	if s == nil {
		return more
	}
	for i := range s {
		s[i] = append(s[i], more[i]...)
	}
	return s
}
