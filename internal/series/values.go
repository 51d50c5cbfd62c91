// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package series

import (
	"math"
	"math/bits"
)

// Values are what series hold, in a form that can be stored: what some slots of a
// definition saved, one after the other. It takes the same definition to restore them,
// and the same order. Counts are records, buckets and times (nanoseconds since 1970),
// Numbers are in the unit of the metric; which is which only the definition knows. The
// zero Values are empty. They belong to one goroutine.
type Values struct {
	Counts  []uint64
	Numbers []float64
}

func (v *Values) count(n ...uint64)   { v.Counts = append(v.Counts, n...) }
func (v *Values) number(n ...float64) { v.Numbers = append(v.Numbers, n...) }

// takeCount removes the first count. It returns false if there is none.
func (v *Values) takeCount() (uint64, bool) {
	if len(v.Counts) == 0 {
		return 0, false
	}
	n := v.Counts[0]
	v.Counts = v.Counts[1:]
	return n, true
}

// takeNumber removes the first number. It returns false if there is none.
func (v *Values) takeNumber() (float64, bool) {
	if len(v.Numbers) == 0 {
		return 0, false
	}
	n := v.Numbers[0]
	v.Numbers = v.Numbers[1:]
	return n, true
}

// takeSum removes the first number. It returns false if there is none, or if it cannot
// be the sum of values that are not negative.
func (v *Values) takeSum() (float64, bool) {
	n, ok := v.takeNumber()
	return n, ok && n >= 0 && isFinite(n)
}

// takeCounts removes the first n counts, which stay in the memory of v. It returns false
// if there are fewer.
func (v *Values) takeCounts(n uint64) ([]uint64, bool) {
	if n > uint64(len(v.Counts)) {
		return nil, false
	}
	taken := v.Counts[:n:n]
	v.Counts = v.Counts[n:]
	return taken, true
}

// total adds up counts. It returns false if the sum does not fit.
func total(counts []uint64) (uint64, bool) {
	var sum, carry uint64
	for _, n := range counts {
		if sum, carry = bits.Add64(sum, n, 0); carry != 0 {
			return 0, false
		}
	}
	return sum, true
}

func isFinite(v float64) bool {
	return !math.IsInf(v, 0) && !math.IsNaN(v)
}
