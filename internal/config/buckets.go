// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package config // import "github.com/annotationmetrics/annotationmetricsprocessor/internal/config"

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

const (
	// DefaultMaxSize is the default of the base2 exponential bucket histogram aggregation
	// in the OpenTelemetry specification (metrics SDK).
	DefaultMaxSize = 160
	// MinMaxSize is the least that `max_size` may be.
	MinMaxSize = 20
	// MaxMaxSize is the most.
	MaxMaxSize = 1000
)

var (
	// millisecondBoundaries are the default boundaries of the explicit bucket histogram
	// aggregation in the OpenTelemetry specification (metrics SDK), made for
	// milliseconds: https://opentelemetry.io/docs/specs/otel/metrics/sdk/#explicit-bucket-histogram-aggregation
	millisecondBoundaries = []float64{0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000}

	// secondBoundaries are those that OpenTelemetry's semantic conventions advise for
	// http.server.request.duration, in seconds:
	// https://opentelemetry.io/docs/specs/semconv/http/http-metrics/#metric-httpserverrequestduration
	secondBoundaries = []float64{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10}
)

// Boundaries returns the upper boundaries (inclusive) of a histogram's buckets: those
// that are set, else the usual ones of the unit. It is nil for other types, and for a
// unit without usual boundaries. The caller owns the result.
func (a *Annotation) Boundaries() []float64 {
	switch {
	case a.Type != TypeHistogram:
		return nil
	case a.Buckets != nil:
		return slices.Clone(a.Buckets)
	case a.Unit == "ms":
		return slices.Clone(millisecondBoundaries)
	case a.Unit == "s":
		return slices.Clone(secondBoundaries)
	}
	return nil
}

// EffectiveMaxSize returns the most buckets of an exponential histogram: 160 if none is
// set. It is 0 for other types.
func (a *Annotation) EffectiveMaxSize() int {
	switch {
	case a.Type != TypeExponentialHistogram:
		return 0
	case a.MaxSize == nil:
		return DefaultMaxSize
	}
	return *a.MaxSize
}

func checkMaxSize(size *int) error {
	if size != nil && (*size < MinMaxSize || *size > MaxMaxSize) {
		return fmt.Errorf("`max_size` must be between %d and %d, found %d", MinMaxSize, MaxMaxSize, *size)
	}
	return nil
}

// checkBuckets reports the first boundary that breaks the rule: in a list that is out
// of order they tend to be many.
func checkBuckets(buckets []float64) error {
	if buckets != nil && len(buckets) == 0 {
		return errors.New("`buckets` must not be empty, found []")
	}
	for i, b := range buckets {
		if math.IsNaN(b) || math.IsInf(b, 0) {
			return fmt.Errorf("`buckets` must be finite, found %v at index %d", b, i)
		}
		if i > 0 && b <= buckets[i-1] {
			return fmt.Errorf("`buckets` must be strictly ascending, found %v after %v at index %d", b, buckets[i-1], i)
		}
	}
	return nil
}
