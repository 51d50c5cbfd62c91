// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package condition

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
)

// choices makes decisions: those that a fuzzer wrote down and, after them, random ones.
type choices struct {
	written []byte
	random  *rand.Rand
	leaves  int // so far; it keeps expressions short
}

func newChoices(written []byte) *choices {
	h := fnv.New64a()
	_, _ = h.Write(written)
	return &choices{written: written, random: rand.New(rand.NewPCG(h.Sum64(), 1))}
}

// below returns a number from 0 up to, not including, n.
func (c *choices) below(n int) int {
	if len(c.written) == 0 {
		return c.random.IntN(n)
	}
	b := c.written[0]
	c.written = c.written[1:]
	return int(b) % n
}

// chance is true once in n times.
func (c *choices) chance(n int) bool { return c.below(n) == n-1 }

func pick[T any](c *choices, of ...T) T { return of[c.below(len(of))] }

// The generators below share small sets of values, so that a literal often is what a
// record holds, or next to it.
var (
	someInts = []int64{
		0, 1, -1, 5, 4, 17, 200, math.MaxInt64, math.MaxInt64 - 1, math.MinInt64, math.MinInt64 + 1,
		1 << 53, 1<<53 + 1, -1<<53 - 1, 1 << 62,
	}
	someDoubles = []float64{
		0, 1, -1, 5, 5.5, 4, math.Copysign(0, -1), 1 << 53, 1 << 63, -1 << 63, math.NaN(), math.Inf(1), math.Inf(-1),
		math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64, -math.SmallestNonzeroFloat64,
		math.Nextafter(5, 6), math.Nextafter(5, 4), 0.1,
	}
	someTexts = []string{
		"", "a", "ab", "b", "ba", "cab", "A", "a\nb", "5", "-5", "+5", "5.5", " 5", "05", "0x10", "1e3", "1_0", "-", "true",
		"NaN", "Inf", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "18446744073709551617", "99999999999999999999999",
		"\xff", "a\xffb", "\u00ff", "é", "\ufffd", "(", "]", "ERROR", "00", "0a00",
	}
	someKeys     = []string{"a", "b", "c", "m", "s", "", "k"}
	somePatterns = []string{
		"", "a", "^a", "a$", "^a$", "ab", "b.*", ".*b", ".*a.*", "^.*a", "a.*$", "^a.*", "^$", ".*", "^.*$", "(?i)a", "(?s)^.*$", "(?m)^b",
		"a|b", "((a)b|5)", "(?:cab|ab)", "^(ab|5)$", "ab|cab|", "^(a|ERROR)", "(5|(?:\ufffd|b))$", "(?i:ab)|5", "^a|b", "[0-9]+", "^[a-b]+$", "\\.", "5\\.5", "é", "\\xff", "\ufffd", "\\x{fffd}", "(a)", "a*", "^a*", "a?b", "true", "6", "\\[", "{", ".", "^", "$", "\\bab\\b",
	}
)

// condition returns the text of a boolean expression.
func (c *choices) condition(depth int) string {
	if depth == 0 || c.leaves > 4 {
		return c.leaf()
	}
	switch c.below(8) {
	case 0, 1:
		return c.join("and", depth)
	case 2, 3:
		return c.join("or", depth)
	case 4:
		return "not" + c.needSpace() + c.term(depth-1)
	case 5:
		return "(" + c.space() + c.condition(depth-1) + c.space() + ")"
	default:
		return c.leaf()
	}
}

func (c *choices) join(operator string, depth int) string {
	terms := []string{c.term(depth - 1)}
	for range 1 + c.below(3) {
		terms = append(terms, c.term(depth-1))
	}
	return strings.Join(terms, c.needSpace()+operator+c.needSpace())
}

// term returns a condition, mostly one that stays whole among others.
func (c *choices) term(depth int) string {
	switch c.below(6) {
	case 0:
		return c.condition(depth) // and and or mixed without brackets
	case 1, 2:
		return "(" + c.space() + c.condition(depth) + c.space() + ")"
	default:
		return c.leaf()
	}
}

func (c *choices) leaf() string {
	c.leaves++
	switch c.below(20) {
	case 0, 1, 2, 3:
		return "IsMatch(" + c.space() + c.path() + c.space() + "," + c.space() + strconv.Quote(pick(c, somePatterns...)) + c.space() + ")"
	case 4:
		return pick(c, "true", "false", "true == false", `"a" < "b"`, "nil <= nil", "1 == 1.0", "nil < nil", "5 > SEVERITY_NUMBER_TRACE",
			"0x01 == 0x01", "[1] != [1]", `"(" == "("`, "1 + 1 == 2", "(5) == (5)", "-(1) == 1", `{"a": 1} == {}`, `"a" == "\x61"`, "010 == 8")
	case 5, 6, 7:
		return c.opaque()
	default:
		return c.compare(c.operand(), c.operand())
	}
}

func (c *choices) compare(left, right string) string {
	return left + c.space() + pick(c, "==", "!=", "<", "<=", ">", ">=") + c.space() + right
}

// opaque returns a leaf that only the OTTL library understands.
func (c *choices) opaque() string {
	path := c.path()
	switch c.below(14) {
	case 0:
		return path + " * 2 > 3"
	case 1:
		return "IsString(" + path + ")"
	case 2:
		return "IsMatch(" + path + ", " + c.path() + ")"
	case 3:
		return "Len(" + path + ") >= 1"
	case 4:
		return "Int(" + path + ") + 1 > 1"
	case 5:
		return c.compare(path, pick(c, "0x01", "0x", `[1, "a"]`, `{"k": 1}`, "[]", "{}", "-"+c.path(), "(1/0)"))
	case 6:
		return "not IsInt(" + path + ")"
	case 7:
		return c.compare(`attributes["m"][`+pick(c, c.path(), "-1", "0+1")+`]`, c.literal())
	case 8:
		return c.compare(pick(c, "attributes", "attributes[0]", "resource.attributes[1]", "body", "trace_id", "span_id", "time", `cache["a"]`, "resource.attributes", "scope.attributes"), c.operand())
	case 9:
		return c.compare(`Concat([`+path+`, "a"], "")`, c.literal())
	case 10:
		return c.compare("Double("+c.space()+pick(c, `"5"`, `"a"`, "("+path+")", "target = "+path)+")", c.literal())
	case 11:
		return c.compare("I nt("+path+")", c.literal())
	case 12:
		return c.compare("ParseInt("+path+", 10)", c.literal())
	default:
		return c.compare(`Split(`+path+`, ",")[0]`, c.literal())
	}
}

func (c *choices) operand() string {
	switch c.below(10) {
	case 0, 1, 2:
		return c.literal()
	case 3:
		return "Int(" + c.space() + c.path() + c.space() + ")"
	case 4:
		return "Double(" + c.space() + c.path() + c.space() + ")"
	case 5:
		return "(" + c.space() + c.path() + c.space() + ")"
	default:
		return c.path()
	}
}

func (c *choices) literal() string {
	switch c.below(8) {
	case 0:
		return "nil"
	case 1:
		return pick(c, "true", "false")
	case 2, 3:
		for {
			if n := pick(c, someInts...); n != math.MinInt64 { // OTTL cannot read it
				return c.sign() + strconv.FormatInt(n, 10)
			}
		}
	case 4:
		for {
			if f := pick(c, someDoubles...); !math.IsNaN(f) && !math.IsInf(f, 0) {
				text := strconv.FormatFloat(f, 'e', -1, 64)
				if !strings.Contains(text, ".") {
					text = strings.Replace(text, "e", ".e", 1)
				}
				return c.sign() + text
			}
		}
	case 5:
		return "SEVERITY_NUMBER_" + pick(c, "UNSPECIFIED", "TRACE", "INFO", "ERROR", "FATAL4")
	default:
		return strconv.Quote(pick(c, someTexts...))
	}
}

// sign returns a plus now and then. It is no OTTL before a minus.
func (c *choices) sign() string {
	if c.chance(64) {
		return "+"
	}
	return ""
}

func (c *choices) path() string {
	if c.chance(3) {
		return c.attribute()
	}
	log := pick(c, "", "", "log"+c.space()+"."+c.space())
	switch c.below(6) {
	case 0, 1:
		return log + c.attribute()
	case 2:
		return log + "body" + c.keys(c.below(3))
	case 3:
		return pick(c, "resource.", "scope.", "instrumentation_scope.") + c.attribute()
	case 4:
		return pick(c, "scope.name", "scope.version", "instrumentation_scope.name")
	default:
		return log + pick(c, "body.string", "severity_number", "severity_text", "time_unix_nano", "observed_time_unix_nano",
			"event_name", "flags", "dropped_attributes_count", "trace_id.string", "span_id.string")
	}
}

func (c *choices) attribute() string {
	path := "attributes[" + c.space() + strconv.Quote(pick(c, someKeys...)) + c.space() + "]"
	if c.chance(4) {
		path += c.keys(1 + c.below(2))
	}
	return path
}

func (c *choices) keys(n int) string {
	var b strings.Builder
	for range n {
		if c.chance(2) {
			fmt.Fprintf(&b, "[%q]", pick(c, someKeys...))
		} else {
			fmt.Fprintf(&b, "[%d]", c.below(3))
		}
	}
	return b.String()
}

func (c *choices) space() string {
	if c.chance(8) {
		return pick(c, " ", "  ", "\t", "\n", "\r\n")
	}
	return ""
}

func (c *choices) needSpace() string {
	if c.chance(8) {
		return pick(c, "  ", "\t", "\n")
	}
	return " "
}

// logs returns at least n records of several resources and scopes.
func (c *choices) logs(n int) plog.Logs {
	ld := plog.NewLogs()
	for ld.LogRecordCount() < n {
		rl := ld.ResourceLogs().AppendEmpty()
		c.attributes(rl.Resource().Attributes())
		for range 1 + c.below(2) {
			sl := rl.ScopeLogs().AppendEmpty()
			c.attributes(sl.Scope().Attributes())
			sl.Scope().SetName(pick(c, someTexts...))
			sl.Scope().SetVersion(pick(c, "", "a", "5"))
			for range c.below(1 + n/2) {
				c.record(sl.LogRecords().AppendEmpty())
			}
		}
	}
	return ld
}

func (c *choices) record(r plog.LogRecord) {
	c.attributes(r.Attributes())
	c.value(r.Body(), 2)
	r.SetSeverityNumber(pick(c, plog.SeverityNumberUnspecified, plog.SeverityNumberInfo, plog.SeverityNumberError, 99, -1))
	r.SetSeverityText(pick(c, "", "ERROR", "a", "5"))
	r.SetEventName(pick(c, "", "a", "b"))
	r.SetTimestamp(pick(c, pcommon.Timestamp(0), 1, 5, math.MaxInt64, 1<<63, math.MaxUint64))
	r.SetObservedTimestamp(pick(c, pcommon.Timestamp(0), 5, 1<<63+1))
	r.SetFlags(plog.LogRecordFlags(pick(c, 0, 1, math.MaxUint32)))
	r.SetDroppedAttributesCount(pick(c, uint32(0), 5, math.MaxUint32))
	if c.chance(2) {
		r.SetTraceID(pcommon.TraceID{byte(c.below(2))})
		r.SetSpanID(pcommon.SpanID{0, 10})
	}
}

// twin is a key that is to become "a", so that a map has that key twice. pdata cannot
// write such a map, but it reads one.
const twin = "\x01"

func (c *choices) attributes(m pcommon.Map) {
	for range c.below(6) {
		c.value(m.PutEmpty(pick(c, someKeys...)), 2)
	}
	if c.chance(8) {
		c.value(m.PutEmpty(twin), 1)
		c.value(m.PutEmpty("a"), 1)
	}
}

// decoded returns ld as it comes over the network, and the twins are real.
func decoded(ld plog.Logs) (plog.Logs, error) {
	var m plog.ProtoMarshaler
	encoded, err := m.MarshalLogs(ld)
	if err != nil {
		return ld, err
	}
	var u plog.ProtoUnmarshaler
	return u.UnmarshalLogs(bytes.ReplaceAll(encoded, []byte("\x0a\x01"+twin), []byte("\x0a\x01a")))
}

func (c *choices) value(v pcommon.Value, depth int) {
	switch c.below(16) {
	case 0:
	case 1, 2, 3:
		v.SetStr(pick(c, someTexts...))
	case 4, 5, 6:
		v.SetInt(pick(c, someInts...))
	case 7, 8, 9:
		v.SetDouble(pick(c, someDoubles...))
	case 10:
		v.SetBool(c.chance(2))
	case 11:
		v.SetEmptyBytes().FromRaw(pick(c, nil, []byte{1}, []byte{1, 2}, []byte("a")))
	case 12, 13:
		m := v.SetEmptyMap()
		for range c.below(4) * min(depth, 1) {
			c.value(m.PutEmpty(pick(c, someKeys...)), depth-1)
		}
	default:
		s := v.SetEmptySlice()
		for range c.below(4) * min(depth, 1) {
			c.value(s.AppendEmpty(), depth-1)
		}
	}
}
