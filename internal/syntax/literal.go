// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import (
	"strconv"
	"strings"

	"go.opentelemetry.io/collector/pdata/plog"
)

// enums are OTTL's names for numbers in the log context.
var enums = func() map[string]int64 {
	m := map[string]int64{}
	for n := plog.SeverityNumberUnspecified; n <= plog.SeverityNumberFatal4; n++ {
		m["SEVERITY_NUMBER_"+strings.ToUpper(n.String())] = int64(n)
	}
	return m
}()

// numeral returns the number that t is.
func (p *parser) numeral(t token, negative bool) (Operand, bool) {
	switch t.kind {
	case intToken:
		n, ok := p.integer(t)
		if negative {
			n = -n
		}
		return Operand{Kind: Int, Int: n}, ok
	case floatToken:
		f, err := strconv.ParseFloat(p.source(t), 64)
		if negative {
			f = -f
		}
		return Operand{Kind: Double, Double: f}, err == nil
	}
	return Operand{}, false
}

// integer returns the value of an int token. A leading zero makes it octal, as in OTTL.
func (p *parser) integer(t token) (int64, bool) {
	n, err := strconv.ParseInt(p.source(t), 0, 64)
	return n, err == nil
}
