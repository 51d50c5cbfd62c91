// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package conservation

import (
	"errors"
	"fmt"

	"go.opentelemetry.io/collector/pdata/pmetric"
)

// Matched is the outcome of records that are in the metric.
const Matched = "matched"

// Records is what the self-metric `records` says: by annotation and outcome.
type Records map[string]map[string]int64

// Add adds the value of a point of the self-metric.
func (r Records) Add(annotation, outcome string, records int64) {
	if r[annotation] == nil {
		r[annotation] = map[string]int64{}
	}
	r[annotation][outcome] += records
}

// Check returns an error unless the outcomes of each annotation sum to the records of final
// calls.
func (r Records) Check(final int64, annotations ...string) error {
	var errs []error
	for _, annotation := range annotations {
		var sum int64
		for _, n := range r[annotation] {
			sum += n
		}
		if sum != final {
			errs = append(errs, fmt.Errorf("the outcomes of %s sum to %d, not to the %d records of final calls: %v", annotation, sum, final, r[annotation]))
		}
	}
	return errors.Join(errs...)
}

// CheckMatched returns an error unless a metric that counts records, a counter without `value`
// or a histogram, holds those that matched, weight times each.
func (l *Ledger) CheckMatched(r Records, metric string, weight int64) error {
	total := l.Metrics()[metric]
	counted := total.Sum
	if l.metrics[metric].of != pmetric.MetricTypeSum {
		counted = float64(total.Count)
	}
	if want := float64(weight * r[metric][Matched]); counted != want {
		return fmt.Errorf("%s counts %v records, but %v matched", metric, counted, want)
	}
	return nil
}
