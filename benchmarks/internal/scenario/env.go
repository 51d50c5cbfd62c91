// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"time"

	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/data"
	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/measure"
)

// Env says how thoroughly to measure.
type Env struct {
	// Rounds of each comparison.
	Rounds int
	// Smoke makes everything as small as it can be: what matters then is that
	// everything runs and that all totals are right.
	Smoke bool
	// Log tells a human how far a scenario is.
	Log func(format string, args ...any)
}

// rounds returns how comparisons are made.
func (e Env) rounds() measure.Rounds {
	if e.Smoke {
		return measure.Rounds{N: 1}
	}
	return measure.Rounds{N: e.Rounds, Section: 20 * time.Millisecond}
}

// few returns a number of rounds for what takes seconds.
func (e Env) few() int {
	if e.Smoke {
		return 1
	}
	return min(e.Rounds, 5)
}

// records is how many records a data set has.
func (e Env) records() int {
	if e.Smoke {
		return 2_000
	}
	return 10_000
}

// series is how many series a large engine has.
func (e Env) series() int {
	if e.Smoke {
		return 20_000
	}
	return 1_000_000
}

// narrow is the shape of most data sets.
func (e Env) narrow() data.Shape {
	return data.Shape{Records: e.records(), Attributes: data.Narrow, Resources: 1}
}
