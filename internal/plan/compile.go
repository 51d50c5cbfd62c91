// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/condition"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/config"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/expr"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/labels"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/overhead"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/series"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/syntax"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/values"
)

// compiler adds annotations to a plan.
type compiler struct {
	parser *expr.Parser
	plan   *Plan
	// known holds the position of each distinct part by what it is and says.
	known map[string]int
	// writer is the resource attribute that is not taken from the logs, if not "".
	writer string
}

// part returns the position of the part with this text, which create appends to its list
// if it is a new one. at returns the owner of the part at a position, which is Shared once
// a second annotation uses it.
func (c *compiler) part(text string, owner int, at func(int) *int, create func() (int, error)) (int, error) {
	if position, ok := c.known[text]; ok {
		if of := at(position); *of != owner {
			*of = overhead.Shared
		}
		return position, nil
	}
	position, err := create()
	if err != nil {
		return None, err
	}
	c.known[text] = position
	return position, nil
}

func (c *compiler) annotation(cfg *config.Config, i int) error {
	a := &cfg.Annotations[i]
	cond, err := c.condition(a.Condition, i)
	if err != nil {
		return err
	}
	value, err := c.value(a.Value, i)
	if err != nil {
		return err
	}
	tuples, err := c.tuples(cfg.ResourceAttributesOf(a), a.Labels, i)
	if err != nil {
		return err
	}
	rate, err := c.rate(a.RecordsPerSample(), i)
	if err != nil {
		return err
	}
	def := definition(cfg, a)
	measure, err := c.measure(Measure{Metric: def, Rate: rate, Condition: cond, Value: value, Tuples: tuples, Owner: i})
	if err != nil {
		return err
	}
	c.plan.Measures[measure].Annotations = append(c.plan.Measures[measure].Annotations, i)
	c.plan.Annotations = append(c.plan.Annotations, Annotation{Metric: def, Measure: measure, Identity: identity(cfg, a)})
	return nil
}

// rate returns the position of the rate 1/n.
func (c *compiler) rate(n uint64, owner int) (int, error) {
	if n == 1 {
		return None, nil
	}
	list := &c.plan.Rates
	return c.part(fmt.Sprint("rate ", n), owner,
		func(at int) *int { return &(*list)[at].Owner },
		func() (int, error) {
			*list = append(*list, Rate{N: n, Owner: owner})
			return len(*list) - 1, nil
		})
}

func (c *compiler) condition(text string, owner int) (int, error) {
	if text == "" {
		return None, nil
	}
	list := &c.plan.Conditions
	// Parsed first, since conditions that are spelled differently may be equal.
	predicate, err := condition.Compile(text, c.parser, c.plan.Schema)
	if err != nil {
		return None, fmt.Errorf("`condition`: %w", err)
	}
	return c.part("condition "+predicate.String(), owner,
		func(at int) *int { return &(*list)[at].Owner },
		func() (int, error) {
			*list = append(*list, Condition{Predicate: predicate, Owner: owner})
			return len(*list) - 1, nil
		})
}

func (c *compiler) value(text string, owner int) (int, error) {
	if text == "" {
		return None, nil
	}
	list := &c.plan.Values
	return c.part("value "+text, owner,
		func(at int) *int { return &(*list)[at].Owner },
		func() (int, error) {
			value, err := values.Compile(text, c.parser, c.plan.Schema)
			if err != nil {
				return None, fmt.Errorf("`value`: %w", err)
			}
			*list = append(*list, Value{Value: value, Owner: owner})
			return len(*list) - 1, nil
		})
}

func (c *compiler) tuples(resourceAttributes []string, ls []config.Label, owner int) (int, error) {
	var sources []int
	for i := range ls {
		source, err := c.label(&ls[i], owner)
		if err != nil {
			return None, err
		}
		sources = append(sources, source)
	}
	selector, err := c.selector(resourceAttributes, owner)
	if err != nil {
		return None, err
	}
	list := &c.plan.Tuples
	return c.part(tuplesText(resourceAttributes, ls), owner,
		func(at int) *int { return &(*list)[at].Owner },
		func() (int, error) {
			defs := make([]labels.Definition, 0, len(ls))
			for i := range ls {
				defs = append(defs, labels.Definition{Name: ls[i].Name, Default: ls[i].Default, Required: ls[i].Required})
			}
			labelList, err := labels.NewList(defs)
			if err != nil {
				return None, err
			}
			*list = append(*list, Tuples{List: labelList, Labels: sources, Selector: selector, Owner: owner})
			return len(*list) - 1, nil
		})
}

// tuplesText is equal only for equal resource attributes and labels: every text in it is
// quoted, and defaults of two types differ also where their values look alike.
func tuplesText(resourceAttributes []string, ls []config.Label) string {
	var b strings.Builder
	fmt.Fprintf(&b, "tuples %q", resourceAttributes)
	for i := range ls {
		l := &ls[i]
		fmt.Fprintf(&b, " %q %q %T %#v %t", l.Name, l.Value, l.Default, l.Default, l.Required)
	}
	return b.String()
}

func (c *compiler) selector(names []string, owner int) (int, error) {
	list := &c.plan.Selectors
	return c.part(fmt.Sprintf("selector %q", names), owner,
		func(at int) *int { return &(*list)[at].Owner },
		func() (int, error) {
			*list = append(*list, Selector{Selector: labels.NewSelector(names, c.writer), Owner: owner})
			return len(*list) - 1, nil
		})
}

// label returns the position of the source of a label's value.
func (c *compiler) label(l *config.Label, owner int) (int, error) {
	source, text := labels.Source{Slot: labels.NoSlot}, "label "+l.Value
	if l.Value == "" {
		source.Slot = c.plan.Schema.Attribute(l.Name)
	} else {
		value, err := c.parser.Value(l.Value)
		if err != nil {
			return None, fmt.Errorf("label %q: `value`: %w", l.Name, err)
		}
		source.Value = value
		if operand, ok := syntax.Value(l.Value); ok && operand.Kind == syntax.Path {
			source.Slot = c.plan.Schema.Column(operand.Source)
		}
	}
	if source.Slot != labels.NoSlot {
		text = fmt.Sprint("label in column ", source.Slot)
	}
	list := &c.plan.Labels
	return c.part(text, owner,
		func(at int) *int { return &(*list)[at].Owner },
		func() (int, error) {
			*list = append(*list, Label{Source: source, Owner: owner})
			return len(*list) - 1, nil
		})
}

func (c *compiler) measure(m Measure) (int, error) {
	list := &c.plan.Measures
	text := fmt.Sprint("measure ", m.Rate, m.Condition, m.Value, m.Tuples, m.Metric.Type, m.Metric.Boundaries, m.Metric.MaxSize, m.Metric.Exemplars)
	return c.part(text, m.Owner,
		func(at int) *int { return &(*list)[at].Owner },
		func() (int, error) {
			*list = append(*list, m)
			return len(*list) - 1, nil
		})
}

// identity says all that gives a series its meaning: not how many there may be, when they
// expire, how they begin, or what is said about them.
func identity(cfg *config.Config, a *config.Annotation) string {
	maxSize, noExtremes := 0, false
	if a.EffectiveType() == config.TypeExponentialHistogram {
		maxSize, noExtremes = a.EffectiveMaxSize(), a.RecordsPerSample() > 1
	}
	// A writer attribute takes the place of a resource attribute of its name.
	text := fmt.Sprintf("%q %q %q %q %t %v %d %t %q %q %s",
		a.EffectiveType(), a.Unit, a.Condition, a.Value, cfg.Temporality == config.TemporalityDelta,
		a.Boundaries(), maxSize, noExtremes, a.EffectiveAggregate(), cfg.WriterAttribute, tuplesText(cfg.ResourceAttributesOf(a), a.Labels))
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func definition(cfg *config.Config, a *config.Annotation) *series.Definition {
	def := &series.Definition{
		Name:        a.Metric,
		Description: a.Description,
		Unit:        a.Unit,
		Delta:       cfg.Temporality == config.TemporalityDelta,
		Limit:       cfg.SeriesLimitOf(a),
		ExpireAfter: cfg.ExpireAfterOf(a),
		InitialZero: a.StartsWithZero(),
		Exemplars:   a.Exemplars != nil && *a.Exemplars,
	}
	if n := a.RecordsPerSample(); n > 1 {
		def.Weight = n
	}
	switch a.EffectiveType() {
	case config.TypeUpDownCounter:
		def.Type = series.UpDownCounter
	case config.TypeGauge:
		switch a.EffectiveAggregate() {
		case config.AggregateMin:
			def.Type = series.MinGauge
		case config.AggregateMax:
			def.Type = series.MaxGauge
		default:
			def.Type = series.Gauge
		}
	case config.TypeHistogram:
		def.Type = series.Histogram
		def.Boundaries = a.Boundaries()
	case config.TypeExponentialHistogram:
		def.Type = series.ExponentialHistogram
		def.MaxSize = a.EffectiveMaxSize()
	default:
		def.Type = series.ValueCounter
		if a.IsInt() {
			def.Type = series.Counter
		}
	}
	return def
}
