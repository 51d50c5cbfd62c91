// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package telemetry

import (
	"slices"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/overhead"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/series"
)

// The attributes of self-metrics, beside the component's own.
const (
	annotationKey = attribute.Key("annotation")
	outcomeKey    = attribute.Key("outcome")
	stageKey      = attribute.Key("stage")
)

// attributes are the attribute sets of one component's points, made once.
type attributes struct {
	component   metric.MeasurementOption
	shared      [overhead.NumStages]metric.MeasurementOption
	annotations []annotationAttributes
	// split is false if all annotations have the same attribute sets. Their values are
	// then added up: of two observations with one set only the last would count.
	split bool
}

type annotationAttributes struct {
	self   metric.MeasurementOption
	stages [overhead.NumStages]metric.MeasurementOption
	// The outcomes of records.
	outcomes [overhead.NumOutcomes]metric.MeasurementOption
}

func (i *Instruments) attributes(source Source) *attributes {
	option := func(kvs ...attribute.KeyValue) metric.MeasurementOption {
		return metric.WithAttributeSet(attribute.NewSet(append(kvs, i.Component)...))
	}
	a := &attributes{component: option(), split: source.PerAnnotation}
	for stage := range overhead.NumStages {
		a.shared[stage] = option(stageKey.String(overhead.Stage(stage).String()))
	}
	for _, family := range source.Families {
		var own []attribute.KeyValue
		if a.split {
			own = append(own, annotationKey.String(family.Definition().Name))
		}
		one := annotationAttributes{self: option(slices.Clone(own)...)}
		for stage := range overhead.NumStages {
			one.stages[stage] = option(append(slices.Clone(own), stageKey.String(overhead.Stage(stage).String()))...)
		}
		for outcome := range overhead.NumOutcomes {
			one.outcomes[outcome] = option(append(slices.Clone(own), outcomeKey.String(overhead.Outcome(outcome).String()))...)
		}
		a.annotations = append(a.annotations, one)
	}
	return a
}

// observe observes one value for each annotation, or their sum.
func (a *attributes) observe(o metric.Int64Observer, value func(annotation int) int64) {
	if a.split {
		for i := range a.annotations {
			o.Observe(value(i), a.annotations[i].self)
		}
		return
	}
	var sum int64
	for i := range a.annotations {
		sum += value(i)
	}
	o.Observe(sum, a.component)
}

func (a *attributes) observeTime(s overhead.Snapshot, o metric.Float64Observer) {
	if !a.split {
		for _, figures := range s.Annotations {
			for stage, ns := range figures.Time {
				s.Shared[stage] += ns
			}
		}
	}
	for stage, ns := range s.Shared {
		o.Observe(seconds(ns), a.shared[stage])
	}
	if !a.split {
		return
	}
	for i, figures := range s.Annotations {
		// Loading serves all annotations alike and is never one annotation's own.
		for stage := int(overhead.StageEval); stage < overhead.NumStages; stage++ {
			o.Observe(seconds(figures.Time[stage]), a.annotations[i].stages[stage])
		}
	}
}

func (a *attributes) observeRecords(s overhead.Snapshot, o metric.Int64Observer) {
	if a.split {
		for i, figures := range s.Annotations {
			for outcome, n := range figures.Records {
				o.Observe(n, a.annotations[i].outcomes[outcome])
			}
		}
		return
	}
	var sum [overhead.NumOutcomes]int64
	for _, figures := range s.Annotations {
		for outcome, n := range figures.Records {
			sum[outcome] += n
		}
	}
	if len(a.annotations) == 0 {
		return
	}
	for outcome, n := range sum {
		o.Observe(n, a.annotations[0].outcomes[outcome])
	}
}

// observeLimits leaves out annotations without a limit, and the sum if one has none.
func (a *attributes) observeLimits(families []*series.Family, o metric.Int64Observer) {
	var sum int64
	for i, family := range families {
		limit := int64(family.Definition().Limit)
		switch {
		case a.split && limit > 0:
			o.Observe(limit, a.annotations[i].self)
		case !a.split && limit == 0:
			return
		}
		sum += limit
	}
	if !a.split {
		o.Observe(sum, a.component)
	}
}
