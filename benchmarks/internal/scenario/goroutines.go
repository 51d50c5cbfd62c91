// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"errors"
	"sync"

	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/measure"
	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/rules"
	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/subject"
)

func goroutines() Scenario {
	return Scenario{
		Name: "goroutines",
		About: "Two goroutines that stage and commit their own batches, with the rules of `base`: the records that they take in a second on one engine, " +
			"against two engines, one for each. 1x says that nobody waits for anybody.",
		Figures: []Figure{
			{What: "two goroutines on one engine: throughput against two engines, batches of 1,000", Goal: 1, Gate: 0.95, Higher: true},
			{What: "two goroutines, the same, batches of 10,000", Goal: 1, Gate: 0.95, Higher: true},
		},
		Run: func(env Env) ([]float64, error) {
			var values []float64
			for _, size := range []int{1_000, 10_000} {
				ratio, err := sharing(env, size)
				if err != nil {
					return nil, err
				}
				values = append(values, ratio)
			}
			return values, nil
		},
	}
}

// sharing returns the throughput of two goroutines on one engine in terms of that on two.
func sharing(env Env, size int) (float64, error) {
	first, err := newLoad(env, size)
	if err != nil {
		return 0, err
	}
	second, err := newLoad(env, size) // the same records, decoded again
	if err != nil {
		return 0, err
	}
	var engines []*subject.Engine
	for _, load := range []subject.Load{first, second, first} {
		e, err := subject.NewEngine(load, rules.Base())
		if err != nil {
			return 0, err
		}
		engines = append(engines, e)
	}
	shared := engines[2]
	samples, err := env.rounds().Interleave(
		measure.Variant{Name: "two engines", Run: both(engines[0], engines[1])},
		measure.Variant{Name: "one engine", Run: both(shared, shared.Beside(second))},
	)
	for _, e := range engines {
		err = errors.Join(err, e.Close())
	}
	if err != nil {
		return 0, err
	}
	return samples.Ratio(0, 1), nil
}

// both has both take some passes at the same time.
func both(a, b *subject.Engine) func() error {
	const passes = 5
	return func() error {
		var running sync.WaitGroup
		errs := make([]error, 2)
		for i, e := range []*subject.Engine{a, b} {
			running.Go(func() {
				for range passes {
					errs[i] = errors.Join(errs[i], e.Pass())
				}
			})
		}
		running.Wait()
		return errors.Join(errs...)
	}
}
