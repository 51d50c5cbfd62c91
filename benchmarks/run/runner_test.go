// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/scenario"
)

// TestMain lets this program be a Collector, as the command is when it starts itself.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "-collector" {
		main()
		return
	}
	os.Exit(m.Run())
}

func chosen(t *testing.T, arguments ...string) *runner {
	o, err := parse(arguments)
	require.NoError(t, err)
	return newRunner(o, io.Discard)
}

// fake returns a scenario that measures these values one after the other.
func fake(values ...float64) scenario.Scenario {
	return scenario.Scenario{
		Name:    "fake",
		Figures: []scenario.Figure{{What: "a ratio", Goal: 1, Gate: 2}},
		Run: func(scenario.Env) ([]float64, error) {
			v := values[0]
			values = values[1:]
			return []float64{v}, nil
		},
	}
}

func TestCheck(t *testing.T) {
	for _, test := range []struct {
		name     string
		scenario scenario.Scenario
		err      string
	}{
		{"at once", fake(2), ""},
		{"at the third attempt", fake(3, 4, 1.5), ""},
		{"never", fake(4, 3, 5), "the check fails:\nfake: a ratio: must hold the gate 2x, found 3x at best of 3 attempts"},
		{"no number", fake(math.NaN()), "the check fails:\nfake: a ratio: must be a number, found NaN"},
		{"wrong totals", scenario.Scenario{
			Name: "fake", Figures: fake().Figures,
			Run: func(scenario.Env) ([]float64, error) { return nil, errors.New("wrong totals") },
		}, "the check fails:\nfake: wrong totals"},
		{"too few figures", scenario.Scenario{
			Name: "fake", Figures: fake().Figures,
			Run: func(scenario.Env) ([]float64, error) { return nil, nil },
		}, "the check fails:\nfake: must measure 1 figures, found 0"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := chosen(t, "-check")
			r.scenarios = []scenario.Scenario{test.scenario}
			err := r.check()
			if test.err == "" {
				assert.NoError(t, err)
				return
			}
			assert.EqualError(t, err, test.err)
		})
	}
}

func TestTableWritesThePage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "page.md")
	arguments := []string{"-table", "-rows", "a|b", "-o", path}
	r := chosen(t, arguments...)
	r.scenarios, r.tables = []scenario.Scenario{fake(1.25)}, nil
	require.NoError(t, r.table(t.Context(), arguments))
	page, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Contains(t, string(page), "go run ./run -table -rows 'a|b' -o ")
	assert.Contains(t, string(page), "| a ratio | 1.25x | 1x | 2x | gate |")
}

func TestParse(t *testing.T) {
	stderr := os.Stderr
	t.Cleanup(func() { os.Stderr = stderr })
	os.Stderr, _ = os.Open(os.DevNull) // usage
	for _, test := range []struct {
		arguments []string
		err       string
	}{
		{[]string{"-check", "-smoke"}, `exactly one mode must be chosen and nothing but options may follow, found ["-check" "-smoke"]`},
		{[]string{"-check", "base"}, `exactly one mode must be chosen and nothing but options may follow, found ["-check" "base"]`},
		{[]string{"-check", "-rounds", "0"}, "`-rounds` must be positive, found 0"},
		{[]string{"-check", "-rows", "("}, "`-rows` must be a regular expression, found \"(\": error parsing regexp: missing closing ): `^(()$`"},
	} {
		_, err := parse(test.arguments)
		assert.EqualError(t, err, test.err)
	}
	assert.EqualError(t, run([]string{"-check", "-rows", "nothing"}), "`-rows` must match a name, found \"^(nothing)$\", which matches none; see -list")
}

func TestRowsMatchWholeNames(t *testing.T) {
	r := chosen(t, "-check", "-rows", "one|batches")
	require.Len(t, r.scenarios, 1)
	assert.Equal(t, "one", r.scenarios[0].Name)
	require.Len(t, r.tables, 1)
	assert.Len(t, chosen(t, "-smoke").scenarios, len(scenario.All()))
}

// The row that starts Collectors, with this program as the Collector.
func TestCollectors(t *testing.T) {
	r := chosen(t, "-smoke", "-rows", "collector")
	assert.NoError(t, r.smoke())
}

// A Collector that loses its parent ends.
func TestCollectorEndsWithItsInput(t *testing.T) {
	program, err := os.Executable()
	require.NoError(t, err)
	var out bytes.Buffer
	command := exec.CommandContext(t.Context(), program, scenario.CollectorArguments("none", 0)...)
	command.Stdout = &out
	require.NoError(t, command.Run()) // with an input that is at its end
	assert.Equal(t, "ready\n", out.String())
}
