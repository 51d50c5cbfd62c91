// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/config"
)

// The patterns are read by the regular expressions of Go, of JavaScript (with the flag u)
// and of Python, which have neither lookahead nor \p{...} in common.
const (
	// substitution is a ${env:NAME}, ${NAME}, ${file:PATH}, ... somewhere in a text.
	substitution = `\$\{`
	// wholeSubstitution is nothing else: only that can become something other than text.
	wholeSubstitution = `^\$\{.*\}$`

	// duration is what time.ParseDuration reads.
	duration = `^[+-]?(0|(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+)$`

	// commaSeparated is what confmap splits into a list of names.
	commaSeparated = `^([^,]+(,[^,]+)*)?$`

	// starAmongNames is such a text with a name that must stand alone.
	starAmongNames = `^([^$,]+,)+\*(,[^$]*)?$|^\*,[^$]*$`

	// space is what component.ID trims, and all else that is not ASCII.
	space = `[^!-~]*`

	// componentID is what component.ID reads, and names with symbols, spaces and controls
	// that are not ASCII, which it refuses.
	componentID = `^` + space + `[a-zA-Z][0-9a-zA-Z_]{0,62}` + space +
		`(/` + space + `[^\x00-\x20$+<=>^\x60|~\x7F-\xA0]+` + space + `)?$`

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

// tooLong matches the durations with a number that alone is more than a [time.Duration]
// holds.
func tooLong() string {
	const part = `([0-9.]+[a-zµμ]+)*`
	units := []struct {
		name string
		unit time.Duration
	}{
		{"h", time.Hour},
		{"m", time.Minute},
		{"s", time.Second},
		{"ms", time.Millisecond},
		{"(us|µs|μs)", time.Microsecond},
		{"ns", time.Nanosecond},
	}
	numbers := make([]string, len(units))
	for i, u := range units {
		numbers[i] = above(math.MaxInt64/int64(u.unit)) + `(\.[0-9]*)?` + u.name
	}
	return `^[+-]?` + part + `0*(` + strings.Join(numbers, "|") + `)` + part + `$`
}

// above matches the whole numbers above n, without zeros in front.
func above(n int64) string {
	digits := strconv.FormatInt(n, 10)
	larger := []string{fmt.Sprintf(`[1-9][0-9]{%d,}`, len(digits))}
	for i, c := range digits {
		if c < '9' {
			larger = append(larger, fmt.Sprintf(`%s[%c-9][0-9]{%d}`, digits[:i], c+1, len(digits)-i-1))
		}
	}
	return "(" + strings.Join(larger, "|") + ")"
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
	labelExpression = `^([^$]|\$+[^${])*\$*(\["|\)$)`
)

// overflowName is the overflow series' label, however it is spelled.
func overflowName() string {
	return "^" + strings.ReplaceAll(config.OverflowLabel, ".", "[^a-zA-Z0-9]") + "$"
}

// infoMetric is a name that becomes one of a metric of Prometheus exporters by itself;
// there are others that do with their unit. Runs of characters become one _ and vanish at
// the end, but those that are _ stay.
func infoMetric() string {
	return "^(" + strings.ReplaceAll(config.TargetInfo+"|"+config.ScopeInfo, "_", "(_|[./-]+)") + ")[./-]*$"
}
