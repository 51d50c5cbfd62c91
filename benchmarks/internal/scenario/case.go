// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"strconv"

	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/data"
	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/rules"
	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/subject"
)

// Case is one line of a table of absolute figures: a load and rules for all subjects. The
// Go benchmarks run over the same cases.
type Case struct {
	Name  string
	Shape data.Shape
	Size  int // of a batch
	Rules rules.Set
}

// Kinds are the subjects of the cases.
var Kinds = []subject.Kind{
	subject.WalkKind, subject.OTTLKind, subject.AnnotationMetricsKind, subject.SignalToMetricsKind, subject.CountKind,
}

// Table is a number of cases that differ in one respect.
type Table struct {
	Name  string
	About string
	Cases []Case
}

// Tables returns the tables for data sets of so many records.
func Tables(records int) []Table {
	narrow := data.Shape{Records: records, Attributes: data.Narrow, Resources: 1}
	shape := func(attributes int, shuffled bool) data.Shape {
		s := narrow
		s.Attributes, s.Shuffled = attributes, shuffled
		return s
	}
	sizes := Table{Name: "batches", About: "By the number of records in a batch, with the rules of `base`."}
	for _, size := range []int{1, 100, 1_000, 10_000} {
		sizes.Cases = append(sizes.Cases, Case{strconv.Itoa(size), narrow, size, rules.Base()})
	}
	return []Table{
		sizes,
		{
			Name:  "matches",
			About: "By what matches: no record, some (each condition between 5% and 54%, 21% on average: errors), those of `base` (81% on average), or all, with 10 counters, 4 conditions and one list of 2 labels.",
			Cases: []Case{
				{"no match", narrow, whole, rules.Nothing()},
				{"partial match, 21%", narrow, whole, rules.Some()},
				{"partial match, 81%", narrow, whole, rules.Base()},
				{"all match", narrow, whole, rules.Everything()},
			},
		},
		{
			Name:  "attributes",
			About: "By the number of attributes of a record and by their order, with the rules of `base`. Shuffled: each record has an order of its own.",
			Cases: []Case{
				{"8, fixed order", shape(data.Narrow, false), whole, rules.Base()},
				{"8, shuffled", shape(data.Narrow, true), whole, rules.Base()},
				{"30, fixed order", shape(data.Wide, false), whole, rules.Base()},
				{"30, shuffled", shape(data.Wide, true), whole, rules.Base()},
			},
		},
		{
			Name:  "rules",
			About: "By the rules: those of `one`, `base` and `distinct`, and those of `added`.",
			Cases: []Case{
				{"1", narrow, whole, rules.One()},
				{"10, shared", narrow, whole, rules.Base()},
				{"10, distinct", narrow, whole, rules.Distinct()},
				{"100, shared", narrow, whole, rules.ManyShared(100)},
				{"100, distinct", narrow, whole, rules.ManyDistinct(100)},
			},
		},
	}
}

// Run measures the table: nanoseconds per record, by case and kind.
func (t Table) Run(env Env) ([][]float64, error) {
	rows := make([][]float64, 0, len(t.Cases))
	for _, c := range t.Cases {
		rounds := env.rounds()
		if len(c.Rules.Rules) > 10 {
			rounds.N = env.few() // the peers take a second for a pass
		}
		samples, err := compare(env, rounds, c.Shape, c.Size, contenders(c.Rules, Kinds...))
		if err != nil {
			return nil, err
		}
		row := make([]float64, 0, len(Kinds))
		for i := range Kinds {
			row = append(row, nsPerRecord(samples.Median(i), c.Shape.Records))
		}
		rows = append(rows, row)
	}
	return rows, nil
}
