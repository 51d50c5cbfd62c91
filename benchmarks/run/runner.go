// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/report"
	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/scenario"
)

const (
	// minRounds is how many rounds a published ratio is the median of at least.
	minRounds = 15
	// attempts is how often a row may fall short before that is reported.
	attempts = 3
)

// runner runs what was chosen.
type runner struct {
	options
	progress  io.Writer
	started   time.Time
	env       scenario.Env
	scenarios []scenario.Scenario
	tables    []scenario.Table
}

func newRunner(o options, progress io.Writer) *runner {
	r := &runner{options: o, progress: progress, started: time.Now()}
	r.env = scenario.Env{Rounds: o.rounds, Smoke: o.smoke, Log: func(format string, args ...any) {
		if !o.smoke { // where figures mean nothing
			r.say("    "+format, args...)
		}
	}}
	for _, s := range scenario.All() {
		if o.rows.MatchString(s.Name) {
			r.scenarios = append(r.scenarios, s)
		}
	}
	records := 10_000
	if o.smoke {
		records = 2_000
	}
	for _, t := range scenario.Tables(records) {
		if o.rows.MatchString(t.Name) {
			r.tables = append(r.tables, t)
		}
	}
	return r
}

func list() string {
	var b strings.Builder
	for _, s := range scenario.All() {
		for _, f := range s.Figures {
			fmt.Fprintf(&b, "%-13s %s\n", s.Name, f.What)
		}
	}
	for _, t := range scenario.Tables(1) {
		fmt.Fprintf(&b, "%-13s table: %s\n", t.Name, t.About)
	}
	return b.String()
}

func (r *runner) say(format string, args ...any) {
	_, _ = fmt.Fprintf(r.progress, "%4.0fs  %s\n", time.Since(r.started).Seconds(), fmt.Sprintf(format, args...))
}

// measure runs one scenario and tells its figures.
func (r *runner) measure(i int, s scenario.Scenario) ([]float64, error) {
	r.say("[%d/%d] %s", i+1, len(r.scenarios)+len(r.tables), s.Name)
	values, err := s.Run(r.env)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.Name, err)
	}
	if len(values) != len(s.Figures) {
		return nil, fmt.Errorf("%s: must measure %d figures, found %d", s.Name, len(s.Figures), len(values))
	}
	for k, f := range s.Figures {
		if math.IsNaN(values[k]) || math.IsInf(values[k], 0) {
			return nil, fmt.Errorf("%s: %s: must be a number, found %g", s.Name, f.What, values[k])
		}
		if !r.options.smoke {
			r.say("  %s: %s", f.What, describe(f, values[k]))
		}
	}
	return values, nil
}

func describe(f scenario.Figure, value float64) string {
	text := f.Unit.Format(value)
	if verdict := f.Judge(value); verdict != scenario.NoVerdict {
		text += fmt.Sprintf(" (goal %s, gate %s): %s", f.Unit.Format(f.Goal), f.Unit.Format(f.Gate), strings.Trim(string(verdict), "*"))
	}
	return text
}

// table measures everything once and writes the page.
func (r *runner) table(ctx context.Context, arguments []string) error {
	page := report.Page{
		Command: "cd benchmarks && go run ./run" + quoted(arguments),
		Rounds:  r.rounds,
		Machine: report.ThisMachine(ctx),
	}
	for i, s := range r.scenarios {
		values, err := r.measure(i, s)
		if err != nil {
			return err
		}
		page.Results = append(page.Results, report.Result{Scenario: s, Values: values})
	}
	for i, t := range r.tables {
		rows, err := r.measureTable(i, t)
		if err != nil {
			return err
		}
		page.Tables = append(page.Tables, report.Table{Table: t, Rows: rows})
	}
	r.say("done")
	if r.output == "" {
		fmt.Print(page.String())
		return nil
	}
	return os.WriteFile(r.output, []byte(page.String()), 0o644)
}

// quoted returns arguments for a shell.
func quoted(arguments []string) string {
	var b strings.Builder
	for _, a := range arguments {
		b.WriteByte(' ')
		if strings.Trim(a, "abcdefghijklmnopqrstuvwxyz0123456789-_./=") != "" {
			a = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
		}
		b.WriteString(a)
	}
	return b.String()
}

func (r *runner) measureTable(i int, t scenario.Table) ([][]float64, error) {
	r.say("[%d/%d] table: %s", len(r.scenarios)+i+1, len(r.scenarios)+len(r.tables), t.Name)
	rows, err := t.Run(r.env)
	if err != nil {
		return nil, fmt.Errorf("table %s: %w", t.Name, err)
	}
	return rows, nil
}

// smoke runs everything and looks at no figure.
func (r *runner) smoke() error {
	var errs []error
	for i, s := range r.scenarios {
		_, err := r.measure(i, s)
		errs = append(errs, err)
	}
	for i, t := range r.tables {
		_, err := r.measureTable(i, t)
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	r.say("everything runs, and all totals are right")
	return nil
}

// check fails if a figure falls short of its gate in every attempt.
func (r *runner) check() error {
	r.tables = nil // they have no gates
	r.scenarios = slices.DeleteFunc(r.scenarios, func(s scenario.Scenario) bool {
		return !slices.ContainsFunc(s.Figures, func(f scenario.Figure) bool { return !math.IsNaN(f.Gate) })
	})
	var errs []error
	for i, s := range r.scenarios {
		errs = append(errs, r.checkScenario(i, s)...)
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("the check fails:\n%w", err)
	}
	r.say("all gates hold")
	return nil
}

// checkScenario returns an error for each figure whose best attempt falls short.
func (r *runner) checkScenario(i int, s scenario.Scenario) []error {
	var best []float64
	for attempt := range attempts {
		values, err := r.measure(i, s)
		if err != nil {
			return []error{err} // wrong totals are no matter of luck
		}
		if best == nil {
			best = values
		}
		failed := 0
		for k, f := range s.Figures {
			if f.Better(values[k], best[k]) {
				best[k] = values[k]
			}
			if f.Judge(best[k]) == scenario.Failed {
				failed++
			}
		}
		if failed == 0 {
			return nil
		}
		if attempt < attempts-1 {
			r.say("  %d of %d figures fall short; once more, in case the machine was busy", failed, len(s.Figures))
		}
	}
	var errs []error
	for k, f := range s.Figures {
		if f.Judge(best[k]) == scenario.Failed {
			errs = append(errs, fmt.Errorf("%s: %s: must hold the gate %s, found %s at best of %d attempts", s.Name, f.What, f.Unit.Format(f.Gate), f.Unit.Format(best[k]), attempts))
		}
	}
	return errs
}
