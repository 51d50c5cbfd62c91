// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/columns"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/condition"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/labels"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/plan"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/sampling"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/series"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/values"
)

// scratch is what one goroutine needs to take a chunk through the stages. It is used
// again for every chunk and batch. What it learned of label values stays; of the logs
// nothing does.
type scratch struct {
	plan  *plan.Plan
	chunk *columns.Chunk

	samplers   []*sampling.Sampler // by the plan's rates
	sampled    []columns.Set       // likewise: the records to evaluate
	conditions []condition.Result  // by the plan's conditions
	values     []numbers           // by the plan's values
	labels     []columns.Set       // by the plan's labels: the records that need them
	tuples     []columns.Set       // by the plan's tuples: likewise
	measures   []columns.Set       // by the plan's measures: the records still in the running

	dictionaries []*labels.Dictionary         // by the plan's labels
	resources    []*labels.ResourceDictionary // by the plan's selectors
	encoders     []*labels.Encoder            // by the plan's tuples

	timed   bool              // whether there are gauges or exemplars, which need the time of arrival
	arrival pcommon.Timestamp // of the batch

	// The samples of one measure, gathered.
	ids   [columns.Size]uint32
	of    [columns.Size]float64
	times [columns.Size]pcommon.Timestamp
}

// numbers is what a value yields for the records of a chunk.
type numbers struct {
	values.Numbers
	wanted columns.Set // by some measure
}

// maxLearned returns roughly the most bytes of label values that a scratch keeps for the
// next batch, so that what one batch needed does not stay in memory for good. It rises with
// the labels, because each takes a part of it before it has learned a value.
func maxLearned(p *plan.Plan) int {
	steps := 0
	for i := range p.Tuples {
		steps += len(p.Tuples[i].Labels)
	}
	return 8<<20 + (len(p.Labels)+steps)*64<<10
}

// newScratch returns a scratch whose samplers have seeds from seed. A sampler that ends with
// its scratch takes nothing with it: what it would have chosen next depends on nothing that
// it has chosen.
func newScratch(p *plan.Plan, seed func() (uint64, uint64)) *scratch {
	s := &scratch{
		plan:       p,
		chunk:      columns.NewChunk(p.Schema),
		sampled:    make([]columns.Set, len(p.Rates)),
		conditions: make([]condition.Result, len(p.Conditions)),
		values:     make([]numbers, len(p.Values)),
		labels:     make([]columns.Set, len(p.Labels)),
		tuples:     make([]columns.Set, len(p.Tuples)),
		measures:   make([]columns.Set, len(p.Measures)),
	}
	for _, rate := range p.Rates {
		seed1, seed2 := seed()
		s.samplers = append(s.samplers, sampling.New(rate.N, seed1, seed2))
	}
	for _, m := range p.Measures {
		s.timed = s.timed || m.Metric.Type == series.Gauge || m.Metric.Exemplars
	}
	s.forget()
	return s
}

// forget empties the dictionaries, all of them, for they build on each other's codes.
func (s *scratch) forget() {
	s.dictionaries, s.resources, s.encoders = nil, nil, nil
	for _, l := range s.plan.Labels {
		s.dictionaries = append(s.dictionaries, labels.NewDictionary(l.Source))
	}
	for _, selector := range s.plan.Selectors {
		s.resources = append(s.resources, labels.NewResourceDictionary(selector.Selector))
	}
	for _, t := range s.plan.Tuples {
		var dictionaries []*labels.Dictionary
		for _, l := range t.Labels {
			dictionaries = append(dictionaries, s.dictionaries[l])
		}
		s.encoders = append(s.encoders, labels.NewEncoder(t.List, s.resources[t.Selector], dictionaries))
	}
}

// begin starts a new batch, which arrives now.
func (s *scratch) begin(now func() pcommon.Timestamp) {
	if s.timed {
		s.arrival = now()
	}
	for _, e := range s.encoders {
		e.Begin()
	}
}

// end lets go of the batch. What was wrong in it may quote it, and the next batch may be
// long in coming.
func (s *scratch) end() {
	s.chunk.Release()
	for i := range s.conditions {
		s.conditions[i].Err = nil
	}
	for i := range s.values {
		s.values[i].Err = nil
	}
	for _, d := range s.dictionaries {
		d.Release()
	}
	for _, e := range s.encoders {
		e.Release()
	}
	if s.size() > maxLearned(s.plan) {
		s.forget()
	}
}

// size returns roughly how many bytes the dictionaries take.
func (s *scratch) size() int {
	size := 0
	for _, d := range s.dictionaries {
		size += d.Size()
	}
	for _, r := range s.resources {
		size += r.Size()
	}
	for _, e := range s.encoders {
		size += e.Size()
	}
	return size
}
