// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package values

import (
	"math"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// Reading says what a value expression's result is as a measurement.
type Reading uint8

const (
	// Measured is a finite number.
	Measured Reading = iota
	// Missing is nil, an absent value or empty text.
	Missing
	// Invalid is everything else.
	Invalid
)

// Number returns what a value expression yielded as a number: integers, finite doubles,
// booleans as 1 and 0, durations in seconds, and text that holds a JSON number.
func Number(v any) (float64, Reading) {
	switch v := v.(type) {
	case nil:
		return 0, Missing
	case int64:
		return float64(v), Measured
	case int: // some functions yield it, as URL does for the port
		return float64(v), Measured
	case float64:
		return finite(v)
	case bool:
		if v {
			return 1, Measured
		}
		return 0, Measured
	case string:
		return parse(v)
	case time.Duration:
		return v.Seconds(), Measured
	case []byte:
		if len(v) == 0 {
			return 0, Missing // OTTL takes empty bytes for nil
		}
		return 0, Invalid
	case pcommon.Value:
		return Number(v.AsRaw())
	default:
		return 0, Invalid
	}
}

func finite(f float64) (float64, Reading) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return 0, Invalid
	}
	return f, Measured
}

// parse reads text that is a JSON number after trimming ASCII space. A leading plus is
// allowed too.
func parse(text string) (float64, Reading) {
	if text == "" {
		return 0, Missing
	}
	text = strings.Trim(text, " \t\n\v\f\r")
	number := text
	if rest, ok := strings.CutPrefix(text, "+"); ok && !strings.HasPrefix(rest, "-") {
		number = rest
	}
	if !isJSONNumber(number) {
		return 0, Invalid
	}
	f, err := strconv.ParseFloat(number, 64)
	if err != nil { // out of range
		return 0, Invalid
	}
	return f, Measured
}

// isJSONNumber reports whether s is a number as RFC 8259, section 6, defines it:
// narrower than strconv, which also takes hexadecimal digits, underscores, names and
// lone points.
func isJSONNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	rest := skipDigits(s)
	if integer := s[:len(s)-len(rest)]; integer == "" || len(integer) > 1 && integer[0] == '0' {
		return false
	}
	if fraction, ok := strings.CutPrefix(rest, "."); ok {
		if rest = skipDigits(fraction); len(rest) == len(fraction) {
			return false
		}
	}
	if rest != "" && (rest[0] == 'e' || rest[0] == 'E') {
		exponent := rest[1:]
		if exponent != "" && (exponent[0] == '+' || exponent[0] == '-') {
			exponent = exponent[1:]
		}
		if rest = skipDigits(exponent); len(rest) == len(exponent) {
			return false
		}
	}
	return rest == ""
}

func skipDigits(s string) string {
	return strings.TrimLeft(s, "0123456789")
}
