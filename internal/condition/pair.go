// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package condition

import (
	"math"
	"strconv"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/columns"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/expr"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/syntax"
)

// pairTest compares any two operands, record by record.
type pairTest struct {
	left, right operand
	operator    syntax.Operator
}

type operand struct {
	kind    syntax.OperandKind
	slot    int    // of a path
	literal scalar // of a literal
}

// scalar is a value of kind Absent, which stands for nil, Str, Int, Double or Bool.
type scalar struct {
	kind   columns.Kind
	number uint64 // as in a column
	text   string
}

func (c *compiler) operand(o *syntax.Operand) operand {
	switch o.Kind {
	case syntax.Path, syntax.IntOf, syntax.DoubleOf:
		return operand{kind: o.Kind, slot: c.schema.Column(o.Source)}
	case syntax.Text:
		return operand{kind: o.Kind, literal: scalar{kind: columns.Str, text: o.Text}}
	case syntax.Int:
		return operand{kind: o.Kind, literal: intScalar(o.Int)}
	case syntax.Double:
		return operand{kind: o.Kind, literal: doubleScalar(o.Double)}
	case syntax.Bool:
		return operand{kind: o.Kind, literal: scalar{kind: columns.Bool, number: bit(o.Bool)}}
	}
	return operand{kind: o.Kind}
}

func (t *pairTest) run(chunk *columns.Chunk, want columns.Set) (match, odd columns.Set) {
	for word, w := range want {
		for ; w != 0; w &= w - 1 {
			i := word*wordSize + first(w)
			left, ok := t.left.value(chunk, i)
			if !ok {
				odd.Add(i)
				continue
			}
			right, ok := t.right.value(chunk, i)
			switch {
			case !ok:
				odd.Add(i)
			case left.compare(t.operator, &right):
				match.Add(i)
			}
		}
	}
	return match, odd
}

// value returns the value of the operand for record i. It returns false if only the OTTL
// library knows it.
func (o *operand) value(chunk *columns.Chunk, i int) (scalar, bool) {
	if o.kind >= syntax.Nil {
		return o.literal, true
	}
	c := chunk.Column(o.slot)
	v := scalar{kind: c.Kind[i], number: c.Number[i]}
	switch v.kind {
	case columns.Absent, columns.Empty:
		return scalar{}, true
	case columns.Str:
		v.text = c.Text[i]
	case columns.Int, columns.Double, columns.Bool:
	default:
		return v, false
	}
	switch o.kind {
	case syntax.IntOf:
		return v.toInt(), true
	case syntax.DoubleOf:
		return v.toDouble()
	}
	return v, true
}

func intScalar(n int64) scalar {
	return scalar{kind: columns.Int, number: uint64(n)}
}

func doubleScalar(f float64) scalar {
	return scalar{kind: columns.Double, number: math.Float64bits(f)}
}

// toInt does what OTTL's Int does. Text that is no integer becomes nil.
func (v scalar) toInt() scalar {
	switch v.kind {
	case columns.Str:
		n, ok := expr.ParseInt(v.text)
		if !ok {
			return scalar{}
		}
		return intScalar(n)
	case columns.Double:
		return intScalar(int64(math.Float64frombits(v.number)))
	case columns.Bool:
		return intScalar(int64(v.number))
	}
	return v
}

// toDouble does what OTTL's Double does. Text that is no number is an error.
func (v scalar) toDouble() (scalar, bool) {
	switch v.kind {
	case columns.Str:
		f, err := strconv.ParseFloat(v.text, 64)
		return doubleScalar(f), err == nil
	case columns.Int, columns.Bool:
		return doubleScalar(float64(int64(v.number))), true
	}
	return v, true
}

// compare does what OTTL's comparator does with two scalars.
func (v *scalar) compare(operator syntax.Operator, other *scalar) bool {
	if v.kind == other.kind {
		switch v.kind {
		case columns.Absent: // no nil is less than another, but it is equal
			return holds(operator, 0, 0)
		case columns.Str:
			return holds(operator, v.text, other.text)
		case columns.Int:
			return holds(operator, int64(v.number), int64(other.number))
		case columns.Bool:
			return holds(operator, v.number, other.number)
		}
	}
	a, ok := v.double()
	b, isNumber := other.double()
	if ok && isNumber {
		return holds(operator, a, b)
	}
	return operator == syntax.NotEqual
}

// double returns a number as a double, and false for what is no number.
func (v *scalar) double() (float64, bool) {
	switch v.kind {
	case columns.Int:
		return float64(int64(v.number)), true
	case columns.Double:
		return math.Float64frombits(v.number), true
	}
	return 0, false
}
