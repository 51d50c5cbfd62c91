// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package labels

import (
	"context"
	"strings"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/columns"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/expr"
)

// NoSlot stands for the column of a source that has none.
const NoSlot = -1

// Source is where a label's value comes from: the column in Slot or, if that is NoSlot,
// the expression. A column that holds a path has the expression too, which knows what is
// wrong where the path leads nowhere.
type Source struct {
	Slot  int
	Value *expr.Value
}

// noCode is the code of a value that is no label: absent, or without text.
const noCode = 0

// Dictionary gives the values of one source codes: small numbers, equal for equal label
// texts. A value is turned into text when it is first seen and only looked up from then
// on, over many batches. It owns its memory and belongs to one goroutine.
type Dictionary struct {
	source Source

	labels []encoded         // by code
	texts  map[string]uint32 // the codes of label texts
	cells  []cell            // the values seen in the column, with their codes
	index  cellIndex         // finds cells
	quick  quickTable        // finds cells of strings first
	size   int               // roughly the bytes of all these
	buf    []byte

	// Of the chunk that was read last.
	codes  [columns.Size]uint32
	kinds  [columns.Size]Kind
	failed columns.Set
	err    error // of one of the failed
}

// encoded is a label value ready to become part of a key.
type encoded struct {
	text string
	cut  bool
}

// cell is a string or a number as the column holds it.
type cell struct {
	text   string
	number uint64
	kind   columns.Kind
	code   uint32
}

// NewDictionary returns an empty dictionary for the values of source.
func NewDictionary(source Source) *Dictionary {
	return &Dictionary{source: source, labels: make([]encoded, 1), texts: map[string]uint32{}, index: newCellIndex()}
}

// Release lets go of the batch that was read, and of what was wrong in it.
func (d *Dictionary) Release() {
	d.err = nil
}

// Size returns roughly how many bytes the dictionary keeps for the next batch.
func (d *Dictionary) Size() int {
	return d.size + cap(d.buf)
}

// Read gives the wanted records of chunk their codes.
func (d *Dictionary) Read(ctx context.Context, chunk *columns.Chunk, wanted *columns.Set) {
	d.failed, d.err = columns.Set{}, nil
	if d.source.Slot == NoSlot {
		for i := range wanted.All() {
			d.eval(ctx, chunk, i)
		}
		return
	}
	column := chunk.Column(d.source.Slot)
	for i := range wanted.All() {
		switch kind := column.Kind[i]; kind {
		case columns.Str:
			d.codes[i], d.kinds[i] = d.textCode(column.Text[i]), KindString
		case columns.Int:
			d.codes[i], d.kinds[i] = d.numberCode(kind, column.Number[i]), KindInt
		case columns.Double:
			d.codes[i], d.kinds[i] = d.numberCode(kind, column.Number[i]), KindDouble
		case columns.Bool:
			d.codes[i], d.kinds[i] = d.numberCode(kind, column.Number[i]), KindBool
		case columns.Absent, columns.Empty:
			d.codes[i] = noCode
		case columns.Failed:
			d.eval(ctx, chunk, i)
		default:
			d.put(i, column.Value(i))
		}
	}
}

// eval gives record i the code of what the expression yields.
func (d *Dictionary) eval(ctx context.Context, chunk *columns.Chunk, i int) {
	v, err := d.source.Value.Eval(ctx, chunk.Record(i))
	if err != nil {
		d.fail(i, err)
		return
	}
	d.put(i, v)
}

func (d *Dictionary) fail(i int, err error) {
	d.failed.Add(i)
	d.err = err
}

// put gives record i the code of a value of any type.
func (d *Dictionary) put(i int, v any) {
	var err error
	if d.buf, d.kinds[i], err = appendText(d.buf[:0], v); err != nil {
		d.fail(i, err)
		return
	}
	d.codes[i] = d.code()
}

// code returns the code of the label whose text is in d.buf.
func (d *Dictionary) code() uint32 {
	if len(d.buf) == 0 {
		return noCode
	}
	var shortened bool
	d.buf, shortened = cut(d.buf)
	if code, ok := d.texts[string(d.buf)]; ok {
		return code
	}
	return d.newCode(encoded{text: string(d.buf), cut: shortened})
}

// codeOf returns the code of a label that stands in for missing values.
func (d *Dictionary) codeOf(l encoded) uint32 {
	if code, ok := d.texts[l.text]; ok {
		return code
	}
	return d.newCode(l)
}

func (d *Dictionary) newCode(l encoded) uint32 {
	code := uint32(len(d.labels))
	d.labels = append(d.labels, l)
	d.texts[l.text] = code
	d.size += len(l.text) + 80
	return code
}

// textCode returns the code of a string.
func (d *Dictionary) textCode(s string) uint32 {
	switch {
	case s == "":
		return noCode
	case len(s) > MaxText:
		// Not kept as a cell: the whole of it would have to be.
		d.buf = appendValid(d.buf[:0], s)
		return d.code()
	}
	quick := quickHash(s)
	if position, ok := d.quick.position(quick); ok {
		if c := &d.cells[position]; c.text == s {
			return c.code
		}
	}
	position := d.find(hashText(s), s)
	if len(d.cells) <= maxQuick {
		d.quick.put(quick, position)
	}
	return d.cells[position].code
}

// find returns the position of the cell of a string that is not empty and has this hash.
func (d *Dictionary) find(h uint64, s string) int {
	for at := d.index.start(h); ; at = d.index.next(at) {
		e := d.index.slots[at]
		if e == 0 {
			return d.learn(h, s)
		}
		// Cells of numbers have no text.
		if e.matches(h) && d.cells[e.position()].text == s {
			return e.position()
		}
	}
}

func (d *Dictionary) learn(h uint64, s string) int {
	d.buf = appendValid(d.buf[:0], s)
	code := d.code()
	own := d.labels[code].text
	if own != s {
		own = strings.Clone(s)
	}
	return d.add(h, cell{text: own, kind: columns.Str, code: code})
}

// numberCode returns the code of an integer, a double or a boolean.
func (d *Dictionary) numberCode(kind columns.Kind, number uint64) uint32 {
	h := mix(number + uint64(kind)<<60)
	for at := d.index.start(h); ; at = d.index.next(at) {
		e := d.index.slots[at]
		if e == 0 {
			d.buf = appendNumber(d.buf[:0], kind, number)
			return d.cells[d.add(h, cell{number: number, kind: kind, code: d.code()})].code
		}
		if e.matches(h) {
			if c := &d.cells[e.position()]; c.kind == kind && c.number == number {
				return c.code
			}
		}
	}
}

// add returns the position of a new cell.
func (d *Dictionary) add(h uint64, c cell) int {
	d.index.add(h, len(d.cells))
	d.cells = append(d.cells, c)
	d.size += len(c.text) + 64
	return len(d.cells) - 1
}
