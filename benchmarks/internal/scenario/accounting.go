// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"time"

	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/measure"
	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/rules"
	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/subject"
)

// accounting tells what it costs to know what everything costs.
func accounting() Scenario {
	sizes := []int{10_000, 100, 1}
	return Scenario{
		Name: "accounting",
		About: "The engine alone, with the rules of `base`, against the same engine that reads no clock and adds no times. Five pairs of engines one after " +
			"the other, since where an engine's tables lie in memory makes as much of a difference as what is measured.",
		Figures: []Figure{
			{What: "accounting adds, against none, batches of 10,000", Unit: Percent, Goal: 0.01, Gate: 0.02},
			{What: "accounting adds, batches of 100", Unit: Percent, Goal: 0.03, Gate: 0.05},
			{What: "accounting adds, batches of 1", Unit: Percent, Goal: 0.20, Gate: 0.30},
		},
		Run: func(env Env) ([]float64, error) {
			var values []float64
			for _, size := range sizes {
				s, err := comparePairs(env, size, contenders(rules.Base(), subject.EngineKind, subject.SilentEngineKind))
				if err != nil {
					return nil, err
				}
				values = append(values, s.Ratio(0, 1)-1)
			}
			return values, nil
		},
	}
}

// comparePairs compares what differs by a few percent: with more and shorter rounds, and
// with subjects that are made anew several times.
func comparePairs(env Env, size int, all []contender) (measure.Samples, error) {
	pairs, rounds := 5, measure.Rounds{N: env.Rounds, Section: 10 * time.Millisecond}
	if env.Smoke {
		pairs, rounds = 1, env.rounds()
	}
	var samples measure.Samples
	for range pairs {
		s, err := compare(env, rounds, env.narrow(), size, all)
		if err != nil {
			return nil, err
		}
		samples = samples.Join(s)
	}
	return samples, nil
}

func seedDesigns() Scenario {
	return Scenario{
		Name: "seed",
		About: "What accounting costs per record of a batch of 10,000: the difference that it makes to the engine (see `accounting`) plus the standard error of " +
			"that difference, so that noise never flatters; against the designs of the program that this project goes back to, which timed 21 steps a record " +
			"with 10 annotations and added each time at once: under a lock, or with one atomic (a load, a saturating addition, a store). All read the same clock.",
		Figures: []Figure{
			{What: "accounting per record, cheaper than a lock for each of 21 timings", Goal: 900, Gate: 300, Higher: true},
			{What: "accounting per record, cheaper than an atomic for each of 21 timings", Goal: 700, Gate: 300, Higher: true},
		},
		Run: func(env Env) ([]float64, error) {
			s, err := comparePairs(env, whole, contenders(rules.Base(),
				subject.EngineKind, subject.SilentEngineKind, subject.LockPerCallKind, subject.AtomicPerCallKind))
			if err != nil {
				return nil, err
			}
			difference, standardError := s.Difference(0, 1)
			ours := max(difference, 0) + max(standardError, 1e-9) // a clock tells no less than a nanosecond
			env.Log("accounting: %.2f ns a record, give or take %.2f", nsPerRecord(difference, env.records()), nsPerRecord(standardError, env.records()))
			return []float64{s.Median(2) / ours, s.Median(3) / ours}, nil
		},
	}
}

func truth() Scenario {
	sizes := []int{10_000, 1_000, 100, 1}
	return Scenario{
		Name: "truth",
		About: "The sum of the self-metric `overhead_time` over all stages but the flush, against a stopwatch around the component, from which the time of the " +
			"next consumer (2 µs for each batch) is taken off; with the rules of `base`. The rows with a gate are of the engine, with the stopwatch around Stage and " +
			"around Commit. Through the processor the stopwatch also counts what the Collector's processorhelper does for each batch, which is not the " +
			"component's and not in its stages.",
		Figures: []Figure{
			{What: "truth: the stages' sum against a stopwatch, batches of 10,000", Unit: Percent, Goal: 0.995, Gate: 0.99, Higher: true},
			{What: "truth, batches of 1,000", Unit: Percent, Goal: 0.995, Gate: 0.99, Higher: true},
			{What: "truth, batches of 100", Unit: Percent, Goal: 0.98, Gate: 0.95, Higher: true},
			{What: "truth, batches of 1", Unit: Percent, Goal: 0.90, Gate: 0.85, Higher: true},
			{What: "truth through the processor, with processorhelper, batches of 10,000", Unit: Percent, Goal: None, Gate: None, Higher: true},
			{What: "truth through the processor, batches of 1,000", Unit: Percent, Goal: None, Gate: None, Higher: true},
			{What: "truth through the processor, batches of 100", Unit: Percent, Goal: None, Gate: None, Higher: true},
			{What: "truth through the processor, batches of 1", Unit: Percent, Goal: None, Gate: None, Higher: true},
		},
		Run: func(env Env) ([]float64, error) {
			var values []float64
			for _, create := range []func(subject.Load, rules.Set) (*subject.Watched, error){subject.NewWatchedEngine, subject.NewWatchedDoor} {
				for _, size := range sizes {
					share, err := watch(env, size, create)
					if err != nil {
						return nil, err
					}
					values = append(values, share)
				}
			}
			return values, nil
		},
	}
}
