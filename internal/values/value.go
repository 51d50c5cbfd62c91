// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package values

import (
	"context"
	"strconv"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/columns"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/expr"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/syntax"
)

// Value is a value expression ready for evaluation.
type Value struct {
	form     form
	slot     int
	constant float64
	// ottl evaluates what is not read from a column, and the records for which a column
	// does not say enough: it knows the error.
	ottl *expr.Value
}

// form is how a value is read.
type form uint8

const (
	interpreted form = iota
	constant
	plain      // path
	intLike    // Int(path)
	doubleLike // Double(path)
)

// Compile compiles an OTTL value expression and gives schema the column that it reads, if
// it reads one. The error is the OTTL parser's.
func Compile(text string, parser *expr.Parser, schema *columns.Schema) (*Value, error) {
	ottl, err := parser.Value(text)
	if err != nil {
		return nil, err
	}
	v := &Value{ottl: ottl}
	operand, ok := syntax.Value(text)
	if !ok {
		return v, nil
	}
	if operand.IsLiteral() {
		if f, reading := Number(operand.Literal()); reading == Measured {
			v.form, v.constant = constant, f
		}
		return v, nil
	}
	v.form = map[syntax.OperandKind]form{
		syntax.Path: plain, syntax.IntOf: intLike, syntax.DoubleOf: doubleLike,
	}[operand.Kind]
	v.slot = schema.Column(operand.Source)
	return v, nil
}

// Interpreted reports whether OTTL evaluates the value for every record.
func (v *Value) Interpreted() bool {
	return v.form == interpreted
}

// Numbers is what a value yields for the records of a chunk. Each wanted record is in one
// of the sets.
type Numbers struct {
	// Of holds the number of each record in Measured.
	Of       [columns.Size]float64
	Measured columns.Set
	// Missing records have no value, Invalid ones have no number, and Failed ones have an
	// expression that failed.
	Missing, Invalid, Failed columns.Set
	// Err is the error of one of the failed.
	Err error
}

// Read reads the numbers of the wanted records of chunk into n. Failed records cost their
// own number only.
func (v *Value) Read(ctx context.Context, chunk *columns.Chunk, wanted *columns.Set, n *Numbers) {
	n.Measured, n.Missing, n.Invalid, n.Failed, n.Err = columns.Set{}, columns.Set{}, columns.Set{}, columns.Set{}, nil
	switch v.form {
	case interpreted:
		for i := range wanted.All() {
			v.eval(ctx, chunk, i, n)
		}
	case constant:
		for i := range n.Of[:chunk.Len()] {
			n.Of[i] = v.constant
		}
		n.Measured = *wanted
	default:
		v.read(ctx, chunk, wanted, n)
	}
}

func (v *Value) read(ctx context.Context, chunk *columns.Chunk, wanted *columns.Set, n *Numbers) {
	column := chunk.Column(v.slot)
	for i := range wanted.All() {
		switch column.Kind[i] {
		case columns.Int:
			n.put(i, float64(column.Int(i)), Measured)
		case columns.Double:
			f := column.Double(i)
			if v.form == intLike {
				f = float64(int64(f))
			}
			n.putNumber(i, f)
		case columns.Bool:
			n.put(i, float64(column.Number[i]), Measured)
		case columns.Absent, columns.Empty:
			n.Missing.Add(i)
		case columns.Str:
			if !v.readText(column.Text[i], i, n) {
				v.eval(ctx, chunk, i, n)
			}
		default:
			v.eval(ctx, chunk, i, n)
		}
	}
}

// readText reads the number of record i from text, and returns false if OTTL must be asked
// for what is wrong with it.
func (v *Value) readText(text string, i int, n *Numbers) bool {
	switch v.form {
	case intLike:
		// Int of a text that is no integer is nil, without an error.
		if number, ok := expr.ParseInt(text); ok {
			n.put(i, float64(number), Measured)
		} else {
			n.Missing.Add(i)
		}
	case doubleLike:
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return false
		}
		n.putNumber(i, f)
	default:
		f, reading := parse(text)
		n.put(i, f, reading)
	}
	return true
}

func (v *Value) eval(ctx context.Context, chunk *columns.Chunk, i int, n *Numbers) {
	val, err := v.ottl.Eval(ctx, chunk.Record(i))
	if err != nil {
		n.Failed.Add(i)
		n.Err = err
		return
	}
	f, reading := Number(val)
	n.put(i, f, reading)
}

func (n *Numbers) putNumber(i int, f float64) {
	f, reading := finite(f)
	n.put(i, f, reading)
}

func (n *Numbers) put(i int, f float64, reading Reading) {
	switch reading {
	case Measured:
		n.Of[i] = f
		n.Measured.Add(i)
	case Missing:
		n.Missing.Add(i)
	default:
		n.Invalid.Add(i)
	}
}
