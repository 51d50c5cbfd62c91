// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"errors"
	"math"
	"runtime"

	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/measure"
	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/rules"
	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/subject"
)

func allocations() Scenario {
	cases := []struct {
		kind subject.Kind
		set  rules.Set
		size int
	}{
		{subject.EngineKind, rules.Base(), 10_000},
		{subject.EngineKind, rules.Distinct(), 10_000},
		{subject.EngineKind, rules.Histograms(), 10_000},
		{subject.EngineKind, rules.Base(), 1},
		{subject.AnnotationMetricsKind, rules.Base(), 10_000},
		{subject.IdleKind, rules.Base(), 10_000},
	}
	return Scenario{
		Name: "allocations",
		About: "Allocations of the engine for each batch that is staged and committed, once all series are known; rounded down, as Go's benchmarks do. Through " +
			"the processor come those of the Collector's processorhelper; the last row is a processor that only it makes up.",
		Figures: []Figure{
			{What: "allocations a batch in steady state: rules of `base`, batches of 10,000", Unit: Allocations, Goal: 0, Gate: 2},
			{What: "allocations a batch: rules of `distinct`, batches of 10,000", Unit: Allocations, Goal: 0, Gate: 2},
			{What: "allocations a batch: rules of `histograms`, batches of 10,000", Unit: Allocations, Goal: 0, Gate: 2},
			{What: "allocations a batch: rules of `base`, batches of 1", Unit: Allocations, Goal: 0, Gate: 2},
			{What: "allocations a batch through the processor, with processorhelper: rules of `base`, batches of 10,000", Unit: Allocations, Goal: None, Gate: None},
			{What: "allocations a batch of a processor that does nothing, batches of 10,000", Unit: Allocations, Goal: None, Gate: None},
		},
		Run: func(env Env) ([]float64, error) {
			var values []float64
			for _, c := range cases {
				n, err := allocationsPerBatch(env, c.kind, c.set, c.size)
				if err != nil {
					return nil, err
				}
				values = append(values, n)
			}
			return values, nil
		},
	}
}

// allocationsPerBatch returns the median over the rounds.
func allocationsPerBatch(env Env, kind subject.Kind, set rules.Set, size int) (float64, error) {
	load, err := newLoad(env, size)
	if err != nil {
		return 0, err
	}
	s, err := kind.New(load, set)
	if err != nil {
		return 0, err
	}
	const passes = 5
	var samples []float64
	var before, after runtime.MemStats
	err = s.Pass()
	for range env.rounds().N {
		runtime.ReadMemStats(&before)
		for range passes {
			err = errors.Join(err, s.Pass())
		}
		runtime.ReadMemStats(&after)
		samples = append(samples, math.Floor(float64(after.Mallocs-before.Mallocs)/float64(passes*len(load.Batches))))
	}
	return measure.Median(samples), errors.Join(err, s.Close())
}
