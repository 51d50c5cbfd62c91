// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package columns

import (
	"math"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// Kind is the type of one value.
type Kind uint8

// The kinds.
const (
	// Absent means that the record has no such field. In OTTL it is nil, as is Empty.
	Absent Kind = iota
	// Empty is a field without a value.
	Empty
	Str
	Int
	Double
	Bool
	Bytes
	Map
	Slice
	// Failed means that OTTL must be asked: the path leads nowhere, as `["k"]` does in a
	// text, or it takes more than to look it up.
	Failed
)

// Kinds is a set of kinds.
type Kinds uint16

// Column holds one field of every record of a chunk. It is read-only for all but this
// package. What Strings and Value return belongs to the batch: whoever keeps it clones it.
type Column struct {
	// Kind says which of the others holds the value of a record.
	Kind [Size]Kind
	// Number holds an int64, the bits of a float64, or 0 and 1 for a boolean.
	Number [Size]uint64
	// Text holds strings.
	Text [Size]string

	values []pcommon.Value // bytes, maps and slices
	kinds  Kinds
	// guess is the kind of the value before. Values of one field mostly are of one kind,
	// and to read a value that is not zero as that kind proves the kind: the type need
	// not be asked for.
	guess Kind
}

// Kinds returns a set that holds every kind in the column, and perhaps others.
func (c *Column) Kinds() Kinds {
	return c.kinds
}

// Int returns the value of record i, which must be an Int.
func (c *Column) Int(i int) int64 {
	return int64(c.Number[i])
}

// Double returns the value of record i, which must be a Double.
func (c *Column) Double(i int) float64 {
	return math.Float64frombits(c.Number[i])
}

// Value returns the value of record i, which must be a Bytes, Map or Slice.
func (c *Column) Value(i int) pcommon.Value {
	return c.values[i]
}

// begin makes the column ready for a new chunk. What it held stays in place unseen.
func (c *Column) begin() {
	c.kinds = 1 << c.guess
}

// release lets go of what the first n records held.
func (c *Column) release(n int) {
	clear(c.Text[:n])
	if c.values != nil {
		clear(c.values[:n])
	}
}

func (c *Column) putKind(i int, k Kind) {
	c.Kind[i] = k
	c.kinds |= 1 << k
}

func (c *Column) putText(i int, s string) {
	c.putKind(i, Str)
	c.Text[i] = s
}

func (c *Column) putInt(i int, n int64) {
	c.putKind(i, Int)
	c.Number[i] = uint64(n)
}

func (c *Column) put(i int, v pcommon.Value) {
	i &= Size - 1 // it is less: no bounds need to be checked
	switch c.guess {
	case Str:
		if s := v.Str(); s != "" {
			c.Kind[i], c.Text[i] = Str, s
			return
		}
	case Int:
		if n := v.Int(); n != 0 {
			c.Kind[i], c.Number[i] = Int, uint64(n)
			return
		}
	case Double:
		if f := v.Double(); f != 0 {
			c.Kind[i], c.Number[i] = Double, math.Float64bits(f)
			return
		}
	case Bool:
		if v.Bool() {
			c.Kind[i], c.Number[i] = Bool, 1
			return
		}
	}
	c.putAny(i, v)
	c.guess = c.Kind[i]
}

func (c *Column) putAny(i int, v pcommon.Value) {
	switch v.Type() {
	case pcommon.ValueTypeStr:
		c.putText(i, v.Str())
	case pcommon.ValueTypeInt:
		c.putInt(i, v.Int())
	case pcommon.ValueTypeDouble:
		c.putKind(i, Double)
		c.Number[i] = math.Float64bits(v.Double())
	case pcommon.ValueTypeBool:
		c.putKind(i, Bool)
		c.Number[i] = 0
		if v.Bool() {
			c.Number[i] = 1
		}
	case pcommon.ValueTypeBytes:
		c.putValue(i, Bytes, v)
	case pcommon.ValueTypeMap:
		c.putValue(i, Map, v)
	case pcommon.ValueTypeSlice:
		c.putValue(i, Slice, v)
	default:
		c.putKind(i, Empty)
	}
}

func (c *Column) putValue(i int, k Kind, v pcommon.Value) {
	if c.values == nil {
		c.values = make([]pcommon.Value, Size)
	}
	c.putKind(i, k)
	c.values[i] = v
}

// putPath puts what keys lead to from v.
func (c *Column) putPath(i int, v pcommon.Value, keys []Key) {
	for k := range keys {
		key := &keys[k]
		switch v.Type() {
		case pcommon.ValueTypeMap:
			if key.IsIndex {
				c.putKind(i, Failed)
				return
			}
			next, ok := v.Map().Get(key.Name)
			if !ok {
				c.putKind(i, Absent)
				return
			}
			v = next
		case pcommon.ValueTypeSlice:
			slice := v.Slice()
			if !key.IsIndex || key.Index < 0 || key.Index >= int64(slice.Len()) {
				c.putKind(i, Failed)
				return
			}
			v = slice.At(int(key.Index))
		default:
			c.putKind(i, Failed)
			return
		}
	}
	c.put(i, v)
}

// fill copies the value of record i to the records from i+1 up to end.
func (c *Column) fill(i, end int) {
	for k := i + 1; k < end; k++ {
		c.Kind[k], c.Number[k], c.Text[k] = c.Kind[i], c.Number[i], c.Text[i]
	}
	if c.values != nil {
		for k := i + 1; k < end; k++ {
			c.values[k] = c.values[i]
		}
	}
}
