// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"errors"
	"fmt"

	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/data"
	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/measure"
	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/rules"
	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/subject"
)

// contender is a subject and what it is to derive.
type contender struct {
	subject.Kind
	rules rules.Set
}

// contenders returns the kinds, all with the same rules.
func contenders(set rules.Set, kinds ...subject.Kind) []contender {
	all := make([]contender, 0, len(kinds))
	for _, k := range kinds {
		all = append(all, contender{k, set})
	}
	return all
}

// compare times the contenders on one load, in turns, and checks their totals. The times
// are of one pass over the data.
func compare(env Env, rounds measure.Rounds, shape data.Shape, size int, all []contender) (measure.Samples, error) {
	set, err := data.New(shape)
	if err != nil {
		return nil, err
	}
	load, err := subject.NewLoad(set, min(size, len(set.Records)))
	if err != nil {
		return nil, err
	}
	var subjects []subject.Subject
	var variants []measure.Variant
	for _, c := range all {
		s, err := c.New(load, c.rules)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w", c.Name, err), closeAll(subjects, all))
		}
		subjects = append(subjects, s)
		variants = append(variants, measure.Variant{Name: c.Name, Run: s.Pass})
	}
	samples, err := rounds.Interleave(variants...)
	if err = errors.Join(err, closeAll(subjects, all)); err != nil {
		return nil, err
	}
	for i, c := range all {
		env.Log("%s, %s, in batches of %d: %.1f ns a record", c.Name, c.rules.Name, size, nsPerRecord(samples.Median(i), shape.Records))
	}
	return samples, nil
}

func closeAll(subjects []subject.Subject, all []contender) error {
	var errs []error
	for i, s := range subjects {
		if err := s.Close(); err != nil {
			errs = append(errs, fmt.Errorf("%s, %s: %w", all[i].Name, all[i].rules.Name, err))
		}
	}
	return errors.Join(errs...)
}

func nsPerRecord(seconds float64, records int) float64 {
	return seconds * 1e9 / float64(records)
}
