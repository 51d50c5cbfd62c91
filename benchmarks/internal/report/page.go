// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"strings"

	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/scenario"
)

// Page is a page about one run.
type Page struct {
	// Command reproduces the run.
	Command string
	Rounds  int
	Machine Machine
	Results []Result
	Tables  []Table
}

// Result is what a scenario measured: a value for each figure.
type Result struct {
	scenario.Scenario
	Values []float64
}

// Table is what a table measured, by case and kind.
type Table struct {
	scenario.Table
	Rows [][]float64
}

// String returns the page.
func (p Page) String() string {
	var b strings.Builder
	b.WriteString("# Benchmarks\n\nWhat deriving metrics costs, beside peers that do the same work. This page was written by\n\n")
	fmt.Fprintf(&b, "```sh\n%s\n```\n\n", p.Command)
	b.WriteString("| | |\n|---|---|\n")
	for _, row := range p.Machine.rows() {
		fmt.Fprintf(&b, "| %s | %s |\n", row[0], escape(row[1]))
	}
	p.budget(&b)
	p.absolutes(&b)
	return b.String()
}

const method = `Most figures are ratios: what is compared takes turns in one process, %d rounds, every second one in reverse order, with a
garbage collection before each turn that is not timed; the figure is the median of the rounds' ratios. The data are pinned: 10,000
records that were decoded from OTLP, with 8 attributes (strings, integers, a double, a boolean) and 3 resource attributes. After each
measurement the totals are compared with a count by a plain program, and one that does not agree is an error, not a figure. Of what is called
faster or cheaper more is better, of throughput and of truth too; of all else less is.

*Goal* is what this project is out for; ` + "`go run ./run -check`" + ` fails below *gate*.
`

func (p Page) budget(b *strings.Builder) {
	if len(p.Results) == 0 {
		return
	}
	b.WriteString("\n## The speed budget\n\n")
	fmt.Fprintf(b, method, p.Rounds)
	b.WriteString("\n| what | measured | goal | gate | verdict |\n|---|---|---|---|---|\n")
	for _, r := range p.Results {
		for i, f := range r.Figures {
			fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", escape(f.What),
				f.Unit.Format(r.Values[i]), f.Unit.Format(f.Goal), f.Unit.Format(f.Gate), f.Judge(r.Values[i]))
		}
	}
	b.WriteString("\n### What the rows measure\n\n")
	for _, r := range p.Results {
		fmt.Fprintf(b, "- `%s`: %s\n", r.Name, r.About)
	}
}

func (p Page) absolutes(b *strings.Builder) {
	if len(p.Tables) == 0 {
		return
	}
	b.WriteString("\n## Absolute figures\n\nNanoseconds per record: medians, on this machine only. `walk` reads every attribute once, `OTTL` evaluates each distinct " +
		"condition with the OTTL library and does nothing else; the others derive metrics.\n")
	for _, t := range p.Tables {
		fmt.Fprintf(b, "\n%s\n\n| %s |", t.About, t.Name)
		for _, k := range scenario.Kinds {
			fmt.Fprintf(b, " %s |", k.Name)
		}
		b.WriteString("\n|---|" + strings.Repeat("---:|", len(scenario.Kinds)) + "\n")
		for i, c := range t.Cases {
			fmt.Fprintf(b, "| %s |", c.Name)
			for _, ns := range t.Rows[i] {
				fmt.Fprintf(b, " %.0f |", ns)
			}
			b.WriteString("\n")
		}
	}
}

func escape(text string) string {
	return strings.ReplaceAll(text, "|", `\|`)
}
