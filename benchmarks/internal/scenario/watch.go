// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"errors"
	"runtime"

	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/data"
	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/measure"
	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/rules"
	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/subject"
)

// newLoad returns the usual records in batches of so many.
func newLoad(env Env, size int) (subject.Load, error) {
	set, err := data.New(env.narrow())
	if err != nil {
		return subject.Load{}, err
	}
	return subject.NewLoad(set, min(size, len(set.Records)))
}

// watch returns the median share of the time that the stages of a subject account for.
func watch(env Env, size int, create func(subject.Load, rules.Set) (*subject.Watched, error)) (float64, error) {
	load, err := newLoad(env, size)
	if err != nil {
		return 0, err
	}
	w, err := create(load, rules.Base())
	if err != nil {
		return 0, err
	}
	var shares []float64
	if err = w.Pass(); err == nil {
		for range env.rounds().N {
			runtime.GC()
			var share float64
			if share, err = w.Truth(); err != nil {
				break
			}
			shares = append(shares, share)
		}
	}
	return measure.Median(shares), errors.Join(err, w.Close())
}
