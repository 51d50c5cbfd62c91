// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package subject

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/rules"
)

// sink is a metrics consumer that only counts its calls, until it is told to read what
// it gets: reading is not the subject's cost.
type sink struct {
	calls   atomic.Int64
	reading atomic.Bool
	// Written by one goroutine at a time, the flusher or the caller of the subject.
	totals map[string]*total
}

// total is what the points of one metric add up to.
type total struct {
	value  int64 // of sums; of histograms the count
	points int
}

func newSink() *sink {
	return &sink{totals: map[string]*total{}}
}

// Capabilities implements consumer.Metrics.
func (s *sink) Capabilities() consumer.Capabilities {
	return consumer.Capabilities{}
}

// ConsumeMetrics implements consumer.Metrics.
func (s *sink) ConsumeMetrics(_ context.Context, md pmetric.Metrics) error {
	s.calls.Add(1)
	if !s.reading.Load() {
		return nil
	}
	for _, rm := range md.ResourceMetrics().All() {
		for _, sm := range rm.ScopeMetrics().All() {
			for _, m := range sm.Metrics().All() {
				s.read(m)
			}
		}
	}
	return nil
}

func (s *sink) read(m pmetric.Metric) {
	t := s.totals[m.Name()]
	if t == nil {
		t = &total{}
		s.totals[m.Name()] = t
	}
	switch m.Type() {
	case pmetric.MetricTypeSum:
		for _, dp := range m.Sum().DataPoints().All() {
			t.value += dp.IntValue()
			t.points++
		}
	case pmetric.MetricTypeHistogram:
		for _, dp := range m.Histogram().DataPoints().All() {
			t.value += int64(dp.Count())
			t.points++
		}
	default: // whose totals will not be right
	}
}

// check compares what was read with the truth of so many passes; the number of points
// too, if each series is to have one.
func (s *sink) check(truth []rules.Count, passes int64, onePointPerSeries bool) error {
	var errs []error
	left := len(s.totals)
	for _, c := range truth {
		t := s.totals[c.Metric]
		if t == nil {
			t = &total{}
		} else {
			left--
		}
		errs = append(errs, differs(fmt.Sprintf("the value of the metric %q", c.Metric), c.Matched*passes, t.value))
		if onePointPerSeries {
			errs = append(errs, differs(fmt.Sprintf("the number of series of the metric %q", c.Metric), int64(c.Series), int64(t.points)))
		}
	}
	errs = append(errs, differs("the number of metrics that no rule names", 0, int64(left)))
	return errors.Join(errs...)
}
