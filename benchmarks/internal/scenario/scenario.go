// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"fmt"
	"math"
	"strings"
)

// Scenario is a named measurement of one or more figures.
type Scenario struct {
	Name string
	// About says what is measured and how, for readers of the page.
	About   string
	Figures []Figure
	// Run measures. It returns a value for each figure.
	Run func(Env) ([]float64, error)
}

// Figure is what a scenario measures, and what is expected of it.
type Figure struct {
	What string
	Unit Unit
	// Goal is what the project is out for, Gate what it must not fall short of. None is
	// for figures that are only told.
	Goal, Gate float64
	// Higher says that more is better.
	Higher bool
}

// None stands for a goal or a gate that does not exist.
var None = math.NaN()

// Verdict is what became of a figure.
type Verdict string

// The verdicts.
const (
	GoalReached Verdict = "goal"
	GateHeld    Verdict = "gate"
	Failed      Verdict = "**below the gate**"
	NoVerdict   Verdict = ""
)

// Judge compares a value with goal and gate.
func (f Figure) Judge(value float64) Verdict {
	switch {
	case math.IsNaN(f.Gate):
		return NoVerdict
	case f.reaches(value, f.Goal):
		return GoalReached
	case f.reaches(value, f.Gate):
		return GateHeld
	}
	return Failed // also a value that is no number
}

// Better reports whether value is better than other.
func (f Figure) Better(value, other float64) bool {
	return math.IsNaN(other) || f.reaches(value, other) && value != other
}

func (f Figure) reaches(value, limit float64) bool {
	if f.Higher {
		return value >= limit
	}
	return value <= limit
}

// Unit is how a figure is written.
type Unit int

// The units.
const (
	Times        Unit = iota // how many times something else
	Percent                  // a share of 1
	Fraction                 // a share of 1, as 1/n
	Milliseconds             // of seconds
	Bytes
	Allocations
)

// Format writes a value, a dash if there is none.
func (u Unit) Format(value float64) string {
	if math.IsNaN(value) {
		return "–"
	}
	switch u {
	case Percent:
		return fmt.Sprintf("%.3g%%", value*100)
	case Fraction:
		if value <= 0 {
			return "0"
		}
		return fmt.Sprintf("1/%.3g", 1/value)
	case Milliseconds:
		if value >= 0.1 {
			return fmt.Sprintf("%.0f ms", value*1000)
		}
		return fmt.Sprintf("%.3g ms", value*1000)
	case Bytes:
		return fmt.Sprintf("%.0f B", value)
	case Allocations:
		return fmt.Sprintf("%.0f", value)
	}
	switch {
	case value >= 20:
		return fmt.Sprintf("%.0fx", value)
	default:
		return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.2f", value), "0"), ".") + "x"
	}
}

// All returns every scenario, those that fill the memory last.
func All() []Scenario {
	return []Scenario{
		base(), distinct(), one(), single(),
		resources(), tuples(), histograms(),
		added(), uncompilable(),
		goroutines(), allocations(), accounting(), truth(), seedDesigns(),
		collectors(),
		memory(), flush(), locks(),
	}
}
