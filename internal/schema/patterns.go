// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strings"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/config"
)

// The patterns are read by the regular expressions of Go and of JavaScript (with the flag
// u), which have no lookahead in common.
const (
	// substitution is a ${env:NAME}, ${NAME}, ${file:PATH}, ... somewhere in a text.
	substitution = `\$\{`
	// wholeSubstitution is nothing else: only that can become something other than text.
	wholeSubstitution = `^\$\{.*\}$`

	// duration is what time.ParseDuration reads.
	duration = `^[+-]?(0|(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+)$`

	// commaSeparated is what confmap splits into a list of names.
	commaSeparated = `^([^,]+(,[^,]+)*)?$`

	// componentID is what component.ID reads.
	componentID = `^\s*[a-zA-Z][0-9a-zA-Z_]{0,62}\s*(/\s*[^\p{Z}\p{C}\p{S}]+\s*)?$`

	notBlank = `\S`
)

// tooShort matches the durations of a single unit that are negative or below 1s.
func tooShort() string {
	return `^(-.*|\+?(0|(0+(\.0*)?|\.0+)[mh]|0*(\.[0-9]*)?s|0*[0-9]{0,3}(\.[0-9]*)?ms` +
		`|0*[0-9]{0,6}(\.[0-9]*)?(us|µs|μs)|0*[0-9]{0,9}(\.[0-9]*)?ns))$`
}

// tooShortNotZero matches those of them that are surely not zero, which fractions of a
// nanosecond are.
func tooShortNotZero() string {
	return `^(-0*[1-9].*|\+?(0*\.0{0,8}[1-9][0-9]*s|(0*[1-9][0-9]{0,2}(\.[0-9]*)?|0*\.0{0,5}[1-9][0-9]*)ms` +
		`|(0*[1-9][0-9]{0,5}(\.[0-9]*)?|0*\.0{0,2}[1-9][0-9]*)(us|µs|μs)|0*[1-9][0-9]{0,8}(\.[0-9]*)?ns))$`
}

// metricName is an instrument's name.
func metricName() string {
	return fmt.Sprintf(`^[A-Za-z][A-Za-z0-9_./-]{0,%d}$`, config.MaxMetricBytes-1)
}

func unit() string { return fmt.Sprintf(`^[\x00-\x7F]{0,%d}$`, config.MaxUnitBytes) }

const (
	// labelName has a letter or digit among its first two characters: with none it would
	// start with __ for Prometheus, or be nothing but _.
	labelName = `^[^a-zA-Z0-9]?[a-zA-Z0-9]`

	// labelExpression is a name that looks like an expression. In a name with a
	// substitution it is not looked for.
	labelExpression = `^[^$]*(\["|\)$)`
)

// overflowName is the overflow series' label, however it is spelled.
func overflowName() string {
	return "^" + strings.ReplaceAll(config.OverflowLabel, ".", "[^a-zA-Z0-9]") + "$"
}

// infoMetric is a name that becomes one of a metric of Prometheus exporters by itself;
// there are others that do with their unit.
func infoMetric() string {
	return "^(" + strings.ReplaceAll(config.TargetInfo+"|"+config.ScopeInfo, "_", "[^a-zA-Z0-9]+") + ")$"
}
