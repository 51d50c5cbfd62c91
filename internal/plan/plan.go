// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"
	"slices"

	"go.opentelemetry.io/collector/component"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/columns"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/condition"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/config"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/expr"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/labels"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/series"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/values"
)

// None stands for the condition of an annotation without a condition, for the value of one
// that counts records, and for the rate of one that evaluates all of them.
const None = -1

// Plan is a configuration ready to run.
type Plan struct {
	// Schema lists the columns to load.
	Schema *columns.Schema
	// These are the distinct ones of all annotations.
	Rates      []Rate
	Conditions []Condition
	Values     []Value
	Labels     []Label
	Selectors  []Selector
	Tuples     []Tuples
	Measures   []Measure
	// Annotations are in the order of the config.
	Annotations []Annotation
}

// Annotation is one compiled annotation.
type Annotation struct {
	// Metric is what the annotation feeds.
	Metric *series.Definition
	// Measure is a position in the plan's list.
	Measure int
	// Identity is equal for two configurations only if the annotation's series mean the same
	// in both.
	Identity string
}

// Measure is what a batch adds to an annotation, or to several: those that only differ in
// the name of their metric, in its description or its limit.
type Measure struct {
	// Metric is the metric of one of the annotations.
	Metric *series.Definition
	// Rate, Condition, Value and Tuples are positions in the plan's lists. All but Tuples
	// may be None.
	Rate, Condition, Value, Tuples int
	// Annotations are those that the measure feeds.
	Annotations []int
	// Owner is the only annotation that it feeds, or overhead.Shared.
	Owner int
}

// Rate is one distinct sample rate.
type Rate struct {
	// N is more than 1: one record in N is evaluated.
	N uint64
	// Owner is the only annotation that uses it, or overhead.Shared.
	Owner int
}

// Condition is one distinct condition.
type Condition struct {
	*condition.Predicate
	// Rates are the positions, in the plan's list, of the rates whose records it is
	// evaluated for. There are none if some measure wants it for all records.
	Rates []int
	// Owner is the only annotation that uses it, or overhead.Shared.
	Owner int
}

// Value is one distinct value expression.
type Value struct {
	*values.Value
	// Owner is the only annotation that uses it, or overhead.Shared.
	Owner int
}

// Label is one distinct source of a label's value.
type Label struct {
	Source labels.Source
	// Owner is the only annotation that uses it, or overhead.Shared.
	Owner int
}

// Selector is one distinct selection of resource attributes.
type Selector struct {
	*labels.Selector
	// Owner is the only annotation that uses it, or overhead.Shared.
	Owner int
}

// Tuples is one distinct combination of labels and resource attributes.
type Tuples struct {
	List *labels.List
	// Labels are the positions, in the plan's list, of the list's labels.
	Labels []int
	// Selector is a position in the plan's list.
	Selector int
	// Owner is the only annotation that uses it, or overhead.Shared.
	Owner int
}

// Compile returns the plan of a valid configuration. Expressions log through set.
func Compile(cfg *config.Config, set component.TelemetrySettings) (*Plan, error) {
	parser, err := expr.NewParser(set)
	if err != nil {
		return nil, err
	}
	c := compiler{parser: parser, plan: &Plan{Schema: &columns.Schema{}}, known: map[string]int{}, writer: cfg.WriterAttribute}
	for i := range cfg.Annotations {
		if err := c.annotation(cfg, i); err != nil {
			return nil, fmt.Errorf("annotation %q: %w", cfg.Annotations[i].Metric, err)
		}
	}
	c.plan.sample()
	c.plan.Schema.Sparing = c.plan.interpreted() <= 1
	return c.plan, nil
}

// sample tells each condition whose records it is evaluated for.
func (p *Plan) sample() {
	all := make([]bool, len(p.Conditions)) // whether some measure wants all records
	for i := range p.Measures {
		switch m := &p.Measures[i]; {
		case m.Condition == None:
		case m.Rate == None:
			all[m.Condition] = true
		default:
			if c := &p.Conditions[m.Condition]; !slices.Contains(c.Rates, m.Rate) {
				c.Rates = append(c.Rates, m.Rate)
			}
		}
	}
	for i, everything := range all {
		if everything {
			p.Conditions[i].Rates = nil
		}
	}
}

// interpreted returns how many expressions are evaluated by OTTL for every record.
func (p *Plan) interpreted() int {
	n := 0
	for _, c := range p.Conditions {
		n += c.Interpreted()
	}
	for _, v := range p.Values {
		if v.Interpreted() {
			n++
		}
	}
	for _, l := range p.Labels {
		if l.Source.Slot == labels.NoSlot {
			n++
		}
	}
	return n
}
