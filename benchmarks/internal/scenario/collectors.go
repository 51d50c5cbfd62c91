// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/collector"
	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/data"
	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/measure"
)

// CollectorArguments are the arguments that make this program a Collector.
func CollectorArguments(variant string, port int) []string {
	return []string{"-collector", variant, "-port", strconv.Itoa(port)}
}

func collectors() Scenario {
	return Scenario{
		Name: "collector",
		About: "Whole Collectors, each in a process of its own: an OTLP receiver, what is measured, and an exporter that drops everything. The rules of `base`, " +
			"and of `distinct`; 100,000 records a round in requests of 1,000. Processor time of the process (user and system) per record, against a Collector " +
			"that derives nothing.",
		Figures: []Figure{
			{What: "whole Collector, CPU per record with 10 annotations: against none", Goal: 1.03, Gate: 1.05},
			{What: "whole Collector, CPU per record with 10 annotations, all distinct: against none", Goal: None, Gate: 1.12},
			{What: "whole Collector, CPU per record with signal_to_metrics: against none", Goal: None, Gate: None},
		},
		Run: func(env Env) ([]float64, error) {
			set, err := data.New(env.narrow())
			if err != nil {
				return nil, err
			}
			samples, err := collectorSamples(env, set)
			if err != nil {
				return nil, err
			}
			var values []float64
			for i, v := range collector.Variants() {
				env.Log("%s: %.0f ns of processor time a record", v.Name, nsPerRecord(samples.Median(i), env.records()))
				if i > 0 {
					values = append(values, samples.Ratio(i, 0))
				}
			}
			return values, nil
		},
	}
}

// collectorSamples returns the seconds of processor time of one pass over the set, by
// variant and round.
func collectorSamples(env Env, set *data.Set) (samples measure.Samples, err error) {
	requests, err := set.Requests(1_000)
	if err != nil {
		return nil, err
	}
	var children []*collector.Child
	defer func() {
		for _, c := range children {
			err = errors.Join(err, endCollector(c, set))
		}
	}()
	for _, v := range collector.Variants() {
		c, err := collector.Start(v, CollectorArguments)
		if err != nil {
			return nil, err
		}
		children = append(children, c)
	}
	times, rounds := 10, max(1, env.rounds().N)
	if env.Smoke {
		times = 1
	}
	samples = make(measure.Samples, len(children))
	for round := -1; round < rounds; round++ { // the first one warms up
		for i := range children {
			if round%2 == 0 {
				i = len(children) - 1 - i
			}
			seconds, err := children[i].Send(requests, times)
			if err != nil {
				return nil, err
			}
			if round >= 0 {
				samples[i] = append(samples[i], seconds/float64(times))
			}
		}
	}
	return samples, nil
}

// endCollector ends a Collector and compares what left it with the truth.
func endCollector(c *collector.Child, set *data.Set) error {
	totals, err := c.Close()
	if err != nil {
		return err
	}
	var errs []error
	if expected := c.Sent() * int64(len(set.Records)); totals.Records != expected {
		errs = append(errs, fmt.Errorf("the Collector %q must pass %d records on, found %d", c.Name, expected, totals.Records))
	}
	truth := c.Rules.Truth(set)
	if len(totals.Metrics) != len(truth) {
		errs = append(errs, fmt.Errorf("the Collector %q must emit %d metrics, found %d", c.Name, len(truth), len(totals.Metrics)))
	}
	for _, count := range truth {
		if expected := c.Sent() * count.Matched; totals.Metrics[count.Metric] != expected {
			errs = append(errs, fmt.Errorf("the Collector %q: the value of the metric %q must be %d, found %d", c.Name, count.Metric, expected, totals.Metrics[count.Metric]))
		}
	}
	return errors.Join(errs...)
}
