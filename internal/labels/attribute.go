// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package labels

import (
	"math"
	"strconv"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// Kind is the type that an attribute is emitted with.
type Kind uint8

// The kinds. Everything that is not a scalar is emitted as its text.
const (
	KindString Kind = iota
	KindInt
	KindDouble
	KindBool
)

// Attribute is one label, or one resource attribute, of a series.
type Attribute struct {
	Name string
	Text string
	Kind Kind
	// Number holds what is not text: an int64, the bits of a float64, or 0 and 1.
	Number uint64
}

// PutTo puts the attribute into m with the type that it was born with.
func (a Attribute) PutTo(m pcommon.Map) {
	switch a.Kind {
	case KindInt:
		m.PutInt(a.Name, int64(a.Number))
	case KindDouble:
		m.PutDouble(a.Name, math.Float64frombits(a.Number))
	case KindBool:
		m.PutBool(a.Name, a.Number != 0)
	default:
		m.PutStr(a.Name, a.Text)
	}
}

// Size returns an upper estimate of the bytes that the attributes take in OTLP.
func Size(attrs []Attribute) int {
	n := 0
	for i := range attrs {
		// Twice a tag and a length of up to 4 bytes around key and value, and up to 9
		// bytes of a number.
		n += len(attrs[i].Name) + len(attrs[i].Text) + 32
	}
	return n
}

// scalar is the part of a value that its text does not carry.
type scalar struct {
	kind   Kind
	number uint64
}

func intScalar(n int64) scalar { return scalar{KindInt, uint64(n)} }

// doubleScalar drops the sign of zero, as appendDouble does.
func doubleScalar(f float64) scalar {
	if f == 0 {
		f = 0
	}
	return scalar{KindDouble, math.Float64bits(f)}
}

func boolScalar(b bool) scalar {
	if b {
		return scalar{KindBool, 1}
	}
	return scalar{KindBool, 0}
}

// appendDouble appends the shortest text that reads back as f, in the form of JSON
// numbers: an exponent below 1e-6 and from 1e21 on. Zero has no sign. What is not finite
// is NaN, Infinity or -Infinity, as pdata writes it and backends see it.
func appendDouble(dst []byte, f float64) []byte {
	switch {
	case f == 0:
		return append(dst, '0')
	case math.IsInf(f, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(f, -1):
		return append(dst, "-Infinity"...)
	}
	format := byte('f')
	if abs := math.Abs(f); abs < 1e-6 || abs >= 1e21 {
		format = 'e'
	}
	start := len(dst)
	dst = strconv.AppendFloat(dst, f, format, -1, 64)
	// e-07 becomes e-7, as in JSON.
	if n := len(dst); format == 'e' && n-start >= 4 && dst[n-4] == 'e' && dst[n-2] == '0' {
		dst[n-2] = dst[n-1]
		dst = dst[:n-1]
	}
	return dst
}
