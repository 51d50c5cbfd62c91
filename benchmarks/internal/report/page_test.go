// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/scenario"
)

func TestPage(t *testing.T) {
	text := Page{
		Command: "the command", Rounds: 15, Machine: Machine{CPU: "a CPU", Kernel: "a kernel", Commit: "abc"},
		Results: []Result{{
			Scenario: scenario.Scenario{Name: "base", About: "About it.", Figures: []scenario.Figure{
				{What: "one", Goal: 3, Gate: 4.5},
				{What: "two", Unit: scenario.Percent, Goal: 0.99, Gate: 0.9, Higher: true},
				{What: "three", Unit: scenario.Milliseconds, Goal: scenario.None, Gate: scenario.None},
				{What: "four", Unit: scenario.Fraction, Goal: 0.01, Gate: 0.02},
			}},
			Values: []float64{3.5, 0.995, 0.0123, 0.5},
		}},
		Tables: []Table{{
			Table: scenario.Table{Name: "batches", About: "By size.", Cases: []scenario.Case{{Name: "1"}}},
			Rows:  [][]float64{{1, 2, 3, 4, 5}},
		}},
	}.String()
	for _, expected := range []string{
		"```sh\nthe command\n```",
		"| CPU | a CPU |",
		"| commit | abc |",
		"takes turns in one process, 15 rounds",
		"| one | 3.5x | 3x | 4.5x | gate |",
		"| two | 99.5% | 99% | 90% | goal |",
		"| three | 12.3 ms | – | – |  |",
		"| four | 1/2 | 1/100 | 1/50 | **below the gate** |",
		"- `base`: About it.",
		"| batches | walk | OTTL | annotation_metrics | signal_to_metrics | count |",
		"| 1 | 1 | 2 | 3 | 4 | 5 |",
	} {
		assert.Contains(t, text, expected)
	}
}
