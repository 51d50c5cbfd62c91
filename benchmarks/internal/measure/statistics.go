// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package measure

import (
	"math"
	"slices"
)

// Median returns the median, NaN of no values.
func Median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// Quantile returns the least value that is not below the share q of the values, NaN of no
// values.
func Quantile(values []float64, q float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[max(0, int(math.Ceil(q*float64(len(sorted))))-1)]
}

// MedianError estimates the standard error of the median from the median absolute
// deviation, so that a few outliers do not decide: 1.4826 makes that a standard deviation
// if the values are normal, and the median's error is then 1.2533 times the mean's
// (https://en.wikipedia.org/wiki/Median_absolute_deviation).
func MedianError(values []float64) float64 {
	median := Median(values)
	deviations := make([]float64, len(values))
	for i, v := range values {
		deviations[i] = math.Abs(v - median)
	}
	return 1.2533 * 1.4826 * Median(deviations) / math.Sqrt(float64(len(values)))
}
