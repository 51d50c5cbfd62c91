// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// queries returns the PromQL of a document by line: what empty lines separate in its
// blocks, and what is code with a span of time in brackets.
func queries(d *document) (found []block) {
	for _, b := range d.blocks {
		if b.language != "promql" {
			continue
		}
		line := b.line + 1
		for text := range strings.SplitSeq(strings.TrimSuffix(b.text, "\n"), "\n\n") {
			found = append(found, block{line: line, text: text})
			line += strings.Count(text, "\n") + 2
		}
	}
	for _, code := range d.code() {
		if regexp.MustCompile(`\[\d+[smhdwy](?::\w*)?\]`).MatchString(code.text) {
			found = append(found, code)
		}
	}
	return found
}

// checkQuery says what Prometheus does not understand in a query, or what it makes no sense
// of though it does. Without the program the test is skipped.
func checkQuery(t *testing.T, query string) error {
	t.Helper()
	if err := lintQuery(query); err != nil {
		return err
	}
	program := lookProgram(t, "promtool", debian("prometheus"))
	type rule struct {
		Record string `yaml:"record"`
		Expr   string `yaml:"expr"`
	}
	type group struct {
		Name  string `yaml:"name"`
		Rules []rule `yaml:"rules"`
	}
	text, err := yaml.Marshal(map[string][]group{"groups": {{Name: "documents", Rules: []rule{{Record: "query", Expr: query}}}}})
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "rules.yaml")
	require.NoError(t, os.WriteFile(file, text, 0o600))
	if out, err := exec.CommandContext(t.Context(), program, "check", "rules", file).CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	return nil
}

// lintQuery says what is valid in a query and wrong all the same: a quantile of buckets that
// were added up without their bounds, and a rate of a sum, which takes the end of one series
// for a reset of all.
func lintQuery(query string) (err error) {
	expr, err := parser.NewParser(parser.Options{}).ParseExpr(query)
	if err != nil {
		return err
	}
	parser.Inspect(expr, func(node parser.Node, path []parser.Node) error {
		call := innermostCall(path)
		sum, ok := node.(*parser.AggregateExpr)
		switch {
		case !ok || call == nil:
		case call.Func.Name == "histogram_quantile":
			if slices.Contains(sum.Grouping, "le") == sum.Without && slices.ContainsFunc(metricsIn(sum), func(name string) bool {
				return strings.HasSuffix(name, "_bucket")
			}) {
				err = errors.Join(err, fmt.Errorf("`le` is lost in %s", call))
			}
		case slices.Contains([]string{"rate", "irate", "increase"}, call.Func.Name):
			err = errors.Join(err, fmt.Errorf("this is the %s of a sum, and not a sum of them: %s", call.Func.Name, call))
		}
		return nil
	})
	return err
}

// innermostCall returns the call of a function nearest to the end of a path, if any.
func innermostCall(path []parser.Node) *parser.Call {
	for _, node := range slices.Backward(path) {
		if call, ok := node.(*parser.Call); ok {
			return call
		}
	}
	return nil
}

// metricsIn returns the names of the metrics in an expression.
func metricsIn(expr parser.Expr) (names []string) {
	parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
		if selector, ok := node.(*parser.VectorSelector); ok {
			names = append(names, selector.Name)
		}
		return nil
	})
	return names
}
