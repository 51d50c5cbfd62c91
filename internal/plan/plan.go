// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"
	"strings"

	"go.opentelemetry.io/collector/component"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/columns"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/condition"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/config"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/expr"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/labels"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/overhead"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/series"
)

// None stands for the condition of an annotation without a condition, and for the value
// of one that counts records.
const None = -1

// Plan is a configuration ready to run.
type Plan struct {
	// Schema lists the columns to load.
	Schema *columns.Schema
	// Conditions, Values and Tuples are the distinct ones of all annotations.
	Conditions []Condition
	Values     []Value
	Tuples     []Tuples
	// Annotations are in the order of the config.
	Annotations []Annotation
}

// Annotation is one compiled annotation.
type Annotation struct {
	// Metric is what the annotation feeds.
	Metric *series.Definition
	// Condition, Value and Tuples are positions in the plan's lists. Condition and Value
	// may be None.
	Condition, Value, Tuples int
}

// Condition is one distinct condition.
type Condition struct {
	*condition.Predicate
	// Owner is the only annotation that uses it, or overhead.Shared.
	Owner int
}

// Value is one distinct value expression.
type Value struct {
	*expr.Value
	// Owner is the only annotation that uses it, or overhead.Shared.
	Owner int
}

// Tuples is one distinct combination of labels and resource attributes.
type Tuples struct {
	List     *labels.List
	Selector *labels.Selector
	// Owner is the only annotation that uses it, or overhead.Shared.
	Owner int
}

// Compile returns the plan of a valid configuration. Expressions log through set.
func Compile(cfg *config.Config, set component.TelemetrySettings) (*Plan, error) {
	parser, err := expr.NewParser(set)
	if err != nil {
		return nil, err
	}
	c := compiler{
		parser:     parser,
		plan:       &Plan{Schema: &columns.Schema{}},
		conditions: map[string]int{},
		values:     map[string]int{},
		tuples:     map[string]int{},
	}
	for i := range cfg.Annotations {
		if err := c.annotation(cfg, i); err != nil {
			return nil, fmt.Errorf("annotation %q: %w", cfg.Annotations[i].Metric, err)
		}
	}
	return c.plan, nil
}

// compiler holds what is known so far: the position of each distinct part by its text.
type compiler struct {
	parser     *expr.Parser
	plan       *Plan
	conditions map[string]int
	values     map[string]int
	tuples     map[string]int
}

func (c *compiler) annotation(cfg *config.Config, i int) error {
	a := &cfg.Annotations[i]
	cond, err := c.condition(a, i)
	if err != nil {
		return err
	}
	value, err := c.value(a, i)
	if err != nil {
		return err
	}
	tuples, err := c.tuplesOf(cfg, a, i)
	if err != nil {
		return err
	}
	c.plan.Annotations = append(c.plan.Annotations, Annotation{
		Metric:    definition(cfg, a),
		Condition: cond,
		Value:     value,
		Tuples:    tuples,
	})
	return nil
}

func (c *compiler) condition(a *config.Annotation, owner int) (int, error) {
	text := a.Condition
	if text == "" {
		return None, nil
	}
	if at, ok := c.conditions[text]; ok {
		c.plan.Conditions[at].Owner = overhead.Shared
		return at, nil
	}
	parsed, err := c.parser.Condition(text)
	if err != nil {
		return None, fmt.Errorf("`condition`: %w", err)
	}
	at := len(c.plan.Conditions)
	c.conditions[text] = at
	c.plan.Conditions = append(c.plan.Conditions, Condition{Predicate: condition.New(parsed), Owner: owner})
	return at, nil
}

func (c *compiler) value(a *config.Annotation, owner int) (int, error) {
	text := a.Value
	if text == "" {
		return None, nil
	}
	if at, ok := c.values[text]; ok {
		c.plan.Values[at].Owner = overhead.Shared
		return at, nil
	}
	parsed, err := c.parser.Value(text)
	if err != nil {
		return None, fmt.Errorf("`value`: %w", err)
	}
	at := len(c.plan.Values)
	c.values[text] = at
	c.plan.Values = append(c.plan.Values, Value{Value: parsed, Owner: owner})
	return at, nil
}

func (c *compiler) tuplesOf(cfg *config.Config, a *config.Annotation, owner int) (int, error) {
	names := cfg.ResourceAttributesOf(a)
	text := tuplesText(names, a.Labels)
	if at, ok := c.tuples[text]; ok {
		c.plan.Tuples[at].Owner = overhead.Shared
		return at, nil
	}
	defs := make([]labels.Definition, 0, len(a.Labels))
	for i := range a.Labels {
		def, err := c.label(&a.Labels[i])
		if err != nil {
			return None, err
		}
		defs = append(defs, def)
	}
	list, err := labels.NewList(defs)
	if err != nil {
		return None, err
	}
	at := len(c.plan.Tuples)
	c.tuples[text] = at
	c.plan.Tuples = append(c.plan.Tuples, Tuples{List: list, Selector: labels.NewSelector(names), Owner: owner})
	return at, nil
}

// tuplesText is equal only for equal resource attributes and labels: every text in it is
// quoted, and defaults of two types differ also where their values look alike.
func tuplesText(resourceAttributes []string, ls []config.Label) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%q", resourceAttributes)
	for i := range ls {
		l := &ls[i]
		fmt.Fprintf(&b, " %q %q %T %#v %t", l.Name, l.Value, l.Default, l.Default, l.Required)
	}
	return b.String()
}

func (c *compiler) label(l *config.Label) (labels.Definition, error) {
	def := labels.Definition{Name: l.Name, Default: l.Default, Required: l.Required}
	if l.Value == "" {
		def.Slot = c.plan.Schema.Attribute(l.Name)
		return def, nil
	}
	value, err := c.parser.Value(l.Value)
	if err != nil {
		return def, fmt.Errorf("label %q: `value`: %w", l.Name, err)
	}
	def.Value = value
	return def, nil
}

func definition(cfg *config.Config, a *config.Annotation) *series.Definition {
	def := &series.Definition{
		Name:        a.Metric,
		Description: a.Description,
		Unit:        a.Unit,
		Delta:       cfg.Temporality == config.TemporalityDelta,
		Limit:       cfg.SeriesLimitOf(a),
	}
	switch a.EffectiveType() {
	case config.TypeUpDownCounter:
		def.Type = series.UpDownCounter
	case config.TypeGauge:
		def.Type = series.Gauge
	case config.TypeHistogram:
		def.Type = series.Histogram
		def.Boundaries = a.Boundaries()
	default:
		def.Type = series.ValueCounter
		if a.IsInt() {
			def.Type = series.Counter
		}
	}
	return def
}
