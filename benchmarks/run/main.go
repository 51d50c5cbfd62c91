// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"regexp"

	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/collector"
	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/scenario"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "benchmarks:", err)
		os.Exit(1)
	}
}

// options are what the command line says.
type options struct {
	table, check, smoke, list bool

	rows   *regexp.Regexp
	rounds int
	output string

	variant string
	port    int
	holds   int
}

const usage = `Usage: go run ./run MODE [options], in the folder benchmarks

Measures what deriving metrics costs, beside peers that do the same work. Says on
standard error how far it is. Whatever is measured, what was counted meanwhile is
compared with the truth, and a difference is an error.

Modes:
  -table   measure everything once and write the page docs/benchmarks.md
  -check   measure the rows that have a gate; fail if one falls short of it in each of
           three attempts
  -smoke   run everything once, as small as possible: the figures mean nothing
  -list    list the names

Options:
`

func parse(arguments []string) (options, error) {
	var o options
	flags := flag.NewFlagSet("run", flag.ContinueOnError)
	flags.BoolVar(&o.table, "table", false, "see above")
	flags.BoolVar(&o.check, "check", false, "see above")
	flags.BoolVar(&o.smoke, "smoke", false, "see above")
	flags.BoolVar(&o.list, "list", false, "see above")
	rows := flags.String("rows", "", "measure only what has a name that this `regexp` matches in full; see -list")
	flags.IntVar(&o.rounds, "rounds", minRounds, "how many rounds; fewer than the default are for trying things out")
	flags.StringVar(&o.output, "o", "", "write the page to this `file` rather than to standard output")
	flags.StringVar(&o.variant, "collector", "", "internal: be a Collector of this `variant`")
	flags.IntVar(&o.holds, "holds", 0, "internal: measure the locks of an engine with so many `series`")
	flags.IntVar(&o.port, "port", 0, "internal: where that Collector listens")
	flags.Usage = func() {
		_, _ = fmt.Fprint(flags.Output(), usage) // nobody to tell if it fails
		flags.PrintDefaults()
	}
	if err := flags.Parse(arguments); err != nil {
		return o, err
	}
	modes := 0
	for _, mode := range []bool{o.table, o.check, o.smoke, o.list, o.variant != "", o.holds > 0} {
		if mode {
			modes++
		}
	}
	if modes != 1 || flags.NArg() > 0 {
		flags.Usage()
		return o, fmt.Errorf("exactly one mode must be chosen and nothing but options may follow, found %q", arguments)
	}
	if o.rounds < 1 {
		return o, fmt.Errorf("`-rounds` must be positive, found %d", o.rounds)
	}
	var err error
	if o.rows, err = regexp.Compile("^(" + *rows + ")$"); err != nil {
		return o, fmt.Errorf("`-rows` must be a regular expression, found %q: %w", *rows, err)
	}
	if *rows == "" {
		o.rows = regexp.MustCompile("")
	}
	return o, nil
}

func run(arguments []string) error {
	o, err := parse(arguments)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	ctx := context.Background()
	switch {
	case o.variant != "":
		return collector.Serve(ctx, o.variant, o.port, os.Stdin, os.Stdout)
	case o.holds > 0:
		h, err := scenario.MeasureHolds(o.holds)
		return errors.Join(err, json.NewEncoder(os.Stdout).Encode(h))
	case o.list:
		_, err := os.Stdout.WriteString(list())
		return err
	}
	r := newRunner(o, os.Stderr)
	if len(r.scenarios)+len(r.tables) == 0 {
		return fmt.Errorf("`-rows` must match a name, found %q, which matches none; see -list", o.rows)
	}
	switch {
	case o.check:
		return r.check()
	case o.smoke:
		return r.smoke()
	}
	return r.table(ctx, arguments)
}
