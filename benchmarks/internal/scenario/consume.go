// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/data"
	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/rules"
	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/subject"
)

// whole is the batch size of comparisons that are not about batch sizes.
const whole = 10_000

const doors = "annotation_metrics is the processor with its receiver, made from the factories that a Collector uses. "

func base() Scenario {
	return Scenario{
		Name: "base",
		About: doors + "10 counters with 4 conditions (comparisons on status, duration, severity and method; each matches between 54% and 95% of the records, 81% on average) and one " +
			"list of 2 labels, on 10,000 records in one batch. The walk reads every attribute of every record once: the length of its key and its value. " +
			"The peers derive the same metrics from the same conditions and labels, and emit for each batch, as is their design; annotation_metrics emits once " +
			"in an interval, which is not part of its time: the row `flush` has that. What peers take rises with the records that match: the table `matches` has fewer.",
		Figures: []Figure{
			{What: "10 annotations, 4 conditions, one label list: against the walk", Goal: 3, Gate: 4.5},
			{What: "10 annotations, 4 conditions, one label list: faster than signal_to_metrics", Goal: 75, Gate: 50, Higher: true},
			{What: "10 annotations, 4 conditions, one label list: faster than count", Goal: 75, Gate: 50, Higher: true},
		},
		Run: func(env Env) ([]float64, error) {
			s, err := compare(env, env.rounds(), env.narrow(), whole, contenders(rules.Base(),
				subject.AnnotationMetricsKind, subject.WalkKind, subject.SignalToMetricsKind, subject.CountKind))
			if err != nil {
				return nil, err
			}
			return []float64{s.Ratio(0, 1), s.Ratio(2, 0), s.Ratio(3, 0)}, nil
		},
	}
}

func distinct() Scenario {
	return Scenario{
		Name:  "distinct",
		About: doors + "10 counters with 10 different conditions and 10 different lists of 2 labels, on 10,000 records in one batch.",
		Figures: []Figure{
			{What: "10 annotations, all distinct: against the walk", Goal: 8, Gate: 12},
			{What: "10 annotations, all distinct: faster than the better of signal_to_metrics and count", Goal: 25, Gate: 15, Higher: true},
		},
		Run: func(env Env) ([]float64, error) {
			s, err := compare(env, env.rounds(), env.narrow(), whole, contenders(rules.Distinct(),
				subject.AnnotationMetricsKind, subject.WalkKind, subject.SignalToMetricsKind, subject.CountKind))
			if err != nil {
				return nil, err
			}
			return []float64{s.Ratio(0, 1), min(s.Ratio(2, 0), s.Ratio(3, 0))}, nil
		},
	}
}

func one() Scenario {
	return againstPeers("one", "One counter with one condition and 2 labels, on 10,000 records in one batch.",
		Figure{What: "one annotation: faster than the better of signal_to_metrics and count", Goal: 10, Gate: 6, Higher: true},
		rules.One(), whole)
}

func single() Scenario {
	return againstPeers("single", "The rules of `base` on batches of a single record, with all that the Collector's own processorhelper does for each batch.",
		Figure{What: "batches of one record: faster than the better of signal_to_metrics and count", Goal: 6, Gate: 4, Higher: true},
		rules.Base(), 1)
}

func againstPeers(name, about string, figure Figure, set rules.Set, size int) Scenario {
	return Scenario{
		Name: name, About: doors + about, Figures: []Figure{figure},
		Run: func(env Env) ([]float64, error) {
			s, err := compare(env, env.rounds(), env.narrow(), size, contenders(set,
				subject.AnnotationMetricsKind, subject.SignalToMetricsKind, subject.CountKind))
			if err != nil {
				return nil, err
			}
			return []float64{min(s.Ratio(1, 0), s.Ratio(2, 0))}, nil
		},
	}
}

func resources() Scenario {
	return againstWalk("resources", "The rules of `base` on 10,000 records of 1,000 resources, 10 of each, in one batch. The walk is over the same records.",
		Figure{What: "1,000 resources x 10 records: against the walk", Goal: 6, Gate: 10},
		rules.Base(), func(env Env) data.Shape {
			shape := env.narrow()
			shape.Resources = shape.Records / 10
			return shape
		})
}

func tuples() Scenario {
	return againstWalk("tuples", "The rules of `base` with a list of 2 labels whose values are another pair for each of the 10,000 records. All pairs are known "+
		"from the passes before.",
		Figure{What: "10,000 known tuples: against the walk", Goal: 7, Gate: 10},
		rules.Unique(), func(env Env) data.Shape {
			shape := env.narrow()
			shape.Unique = true
			return shape
		})
}

func histograms() Scenario {
	return againstWalk("histograms", "The rules of `base` as histograms of the duration, with the usual 14 boundaries.",
		Figure{What: "10 histograms: against the walk", Goal: 4, Gate: 6},
		rules.Histograms(), Env.narrow)
}

func againstWalk(name, about string, figure Figure, set rules.Set, shape func(Env) data.Shape) Scenario {
	return Scenario{
		Name: name, About: doors + about, Figures: []Figure{figure},
		Run: func(env Env) ([]float64, error) {
			s, err := compare(env, env.rounds(), shape(env), whole, contenders(set, subject.AnnotationMetricsKind, subject.WalkKind))
			if err != nil {
				return nil, err
			}
			return []float64{s.Ratio(0, 1)}, nil
		},
	}
}

func added() Scenario {
	const n = 100
	return Scenario{
		Name: "added",
		About: doors + "One counter, 100 counters that share its condition and its labels, and 100 counters none of which shares its condition or its list " +
			"of 2 labels, on 10,000 records in one batch. What 99 more cost, divided by 99 and by what the first costs.",
		Figures: []Figure{
			{What: "an added annotation, 1 to 100, shared: in terms of the first", Unit: Fraction, Goal: 1.0 / 100, Gate: 1.0 / 50},
			{What: "an added annotation, 1 to 100, distinct: in terms of the first", Unit: Fraction, Goal: 1.0 / 6, Gate: 1.0 / 4},
		},
		Run: func(env Env) ([]float64, error) {
			s, err := compare(env, env.rounds(), env.narrow(), whole, []contender{
				{subject.AnnotationMetricsKind, rules.ManyShared(1)},
				{subject.AnnotationMetricsKind, rules.ManyShared(n)},
				{subject.AnnotationMetricsKind, rules.ManyDistinct(n)},
			})
			if err != nil {
				return nil, err
			}
			return []float64{(s.Ratio(1, 0) - 1) / (n - 1), (s.Ratio(2, 0) - 1) / (n - 1)}, nil
		},
	}
}

func uncompilable() Scenario {
	return Scenario{
		Name: "uncompilable",
		About: doors + "One counter without labels whose condition calls a converter and so needs the OTTL library, on 10,000 records in one batch; alone, and " +
			"behind a comparison that 5% of the records pass. The OTTL library alone evaluates the same text on each record and does nothing else.",
		Figures: []Figure{
			{What: "one uncompilable condition: against the OTTL library alone", Goal: 1.05, Gate: 1.15},
			{What: "one uncompilable condition behind a selective compiled term: against the OTTL library alone", Goal: 0.5, Gate: 0.75},
		},
		Run: func(env Env) ([]float64, error) {
			s, err := compare(env, env.rounds(), env.narrow(), whole, append(
				contenders(rules.Uncompilable(), subject.AnnotationMetricsKind, subject.OTTLKind),
				contenders(rules.UncompilableBehind(), subject.AnnotationMetricsKind, subject.OTTLKind)...))
			if err != nil {
				return nil, err
			}
			return []float64{s.Ratio(0, 1), s.Ratio(2, 3)}, nil
		},
	}
}
