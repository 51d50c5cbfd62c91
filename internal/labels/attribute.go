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
}

// PutTo puts the attribute into m with the type that it was born with.
func (a Attribute) PutTo(m pcommon.Map) {
	put(m, a.Name, a.Text, a.Kind)
}

// put reads numbers back from their text, which holds all of them: that costs some
// nanoseconds at an emission and saves memory in every series.
func put(m pcommon.Map, name, text string, kind Kind) {
	switch kind {
	case KindInt:
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			m.PutInt(name, n)
			return
		}
	case KindDouble:
		if f, err := strconv.ParseFloat(text, 64); err == nil {
			m.PutDouble(name, f)
			return
		}
	case KindBool:
		m.PutBool(name, text == "true")
		return
	}
	m.PutStr(name, text)
}

// Size returns an upper estimate of the bytes that the attributes take in OTLP.
func Size(attrs []Attribute) int {
	n := 0
	for i := range attrs {
		n += size(attrs[i].Name, attrs[i].Text)
	}
	return n
}

// size counts twice a tag and a length of up to 4 bytes around key and value, and up to 9
// bytes of a number.
func size(name, text string) int {
	return len(name) + len(text) + 32
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
