// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package labels

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/columns"
)

const (
	// MaxText is the most bytes of a label's text. What is longer is cut and ends in
	// cutMark and cutDigits hexadecimal digits of the hash of the whole, so that two
	// long values with one beginning stay apart.
	MaxText   = 1024
	cutMark   = '~'
	cutDigits = 16
)

// appendText appends the text of v in its defined form. No text means that the value is
// missing. It fails for types that have no defined form.
func appendText(dst []byte, v any) ([]byte, Kind, error) {
	switch v := v.(type) {
	case nil:
		return dst, KindString, nil
	case string:
		return appendValid(dst, v), KindString, nil
	case int64:
		return strconv.AppendInt(dst, v, 10), KindInt, nil
	case int:
		return strconv.AppendInt(dst, int64(v), 10), KindInt, nil
	case float64:
		return appendDouble(dst, v), KindDouble, nil
	case bool:
		return strconv.AppendBool(dst, v), KindBool, nil
	case []byte:
		return base64.StdEncoding.AppendEncode(dst, v), KindString, nil
	case time.Time:
		return v.AppendFormat(dst, time.RFC3339Nano), KindString, nil
	case time.Duration:
		return append(dst, v.String()...), KindString, nil
	case pcommon.TraceID:
		if v.IsEmpty() {
			return dst, KindString, nil
		}
		return hex.AppendEncode(dst, v[:]), KindString, nil
	case pcommon.SpanID:
		if v.IsEmpty() {
			return dst, KindString, nil
		}
		return hex.AppendEncode(dst, v[:]), KindString, nil
	case pcommon.Value:
		return appendValue(dst, v)
	default:
		dst, err := appendJSON(dst, v)
		return dst, KindString, err
	}
}

// appendValue is appendText without a detour through an interface for scalars.
func appendValue(dst []byte, v pcommon.Value) ([]byte, Kind, error) {
	switch v.Type() {
	case pcommon.ValueTypeEmpty:
		return dst, KindString, nil
	case pcommon.ValueTypeStr:
		return appendValid(dst, v.Str()), KindString, nil
	case pcommon.ValueTypeInt:
		return strconv.AppendInt(dst, v.Int(), 10), KindInt, nil
	case pcommon.ValueTypeDouble:
		return appendDouble(dst, v.Double()), KindDouble, nil
	case pcommon.ValueTypeBool:
		return strconv.AppendBool(dst, v.Bool()), KindBool, nil
	case pcommon.ValueTypeBytes:
		return base64.StdEncoding.AppendEncode(dst, v.Bytes().AsRaw()), KindString, nil
	case pcommon.ValueTypeMap:
		dst, err := appendJSON(dst, v.Map())
		return dst, KindString, err
	case pcommon.ValueTypeSlice:
		dst, err := appendJSON(dst, v.Slice())
		return dst, KindString, err
	default:
		return dst, KindString, fmt.Errorf("a label cannot be of type %s", v.Type())
	}
}

// appendNumber appends the text of an integer, a double or a boolean as a column holds it.
func appendNumber(dst []byte, kind columns.Kind, number uint64) []byte {
	switch kind {
	case columns.Int:
		return strconv.AppendInt(dst, int64(number), 10)
	case columns.Double:
		return appendDouble(dst, math.Float64frombits(number))
	default:
		return strconv.AppendBool(dst, number != 0)
	}
}

const hexDigits = "0123456789abcdef"

// appendValid appends s with every byte that is not valid UTF-8 as \xHH: one such byte
// makes a backend refuse the whole payload.
func appendValid(dst []byte, s string) []byte {
	if utf8.ValidString(s) {
		return append(dst, s...)
	}
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		if r == utf8.RuneError && size == 1 {
			// By hand: a megabyte of such bytes takes less than 10 ms, and 60 with fmt.
			dst = append(dst, '\\', 'x', hexDigits[s[0]>>4], hexDigits[s[0]&15])
		} else {
			dst = append(dst, s[:size]...)
		}
		s = s[size:]
	}
	return dst
}

// cut shortens text to at most MaxText bytes, on a rune border, and reports whether it
// did.
func cut(text []byte) ([]byte, bool) {
	if len(text) <= MaxText {
		return text, false
	}
	// A cryptographic hash: nobody who chooses the values can make two of them one.
	sum := sha256.Sum256(text)
	end := MaxText - 1 - cutDigits
	for !utf8.RuneStart(text[end]) {
		end--
	}
	text = append(text[:end], cutMark)
	return hex.AppendEncode(text, sum[:cutDigits/2]), true
}
