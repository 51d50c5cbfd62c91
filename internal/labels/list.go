// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package labels

import (
	"context"
	"encoding/binary"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/columns"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/expr"
)

// List is the labels of one annotation, or of several with equal ones.
type List struct {
	labels []label
}

type label struct {
	name     string
	slot     int         // the column to read where value is nil
	value    *expr.Value // the expression to evaluate
	fallback *encoded    // stands in for a missing value; nil if there is none
	required bool
}

// encoded is a label value ready to be appended to a key.
type encoded struct {
	text      string
	scalar    scalar
	truncated bool
}

// Definition describes one label to NewList.
type Definition struct {
	Name string
	// Slot is the column that holds the value, if Value is nil.
	Slot int
	// Value is the expression that yields the value.
	Value *expr.Value
	// Default replaces a missing value; nil if there is none.
	Default any
	// Required refuses records without a value.
	Required bool
}

// NewList returns the list of the labels defined. It fails if a default has a type that
// labels cannot have.
func NewList(defs []Definition) (*List, error) {
	l := &List{labels: make([]label, 0, len(defs))}
	for _, def := range defs {
		lb := label{name: def.Name, slot: def.Slot, value: def.Value, required: def.Required}
		if def.Default != nil {
			text, s, err := appendText(nil, def.Default)
			if err != nil {
				return nil, err
			}
			text, truncated := cut(text)
			lb.fallback = &encoded{text: string(text), scalar: s, truncated: truncated}
		}
		l.labels = append(l.labels, lb)
	}
	return l, nil
}

// Status says whether a record has a label tuple.
type Status uint8

const (
	// OK records have one.
	OK Status = iota
	// Failed records have a label expression that could not be evaluated.
	Failed
	// Missing records lack a required label.
	Missing
)

// encoder builds the key of one tuple. The key holds, for each label in order, 0 if the
// label is absent, else 1, the length of its text and the text: no two tuples have one
// key, whatever bytes they are made of.
type encoder struct {
	key       []byte
	text      []byte
	scalars   []scalar
	truncated int
}

func (e *encoder) reset() {
	e.key, e.scalars, e.truncated = e.key[:0], e.scalars[:0], 0
}

// maxKeptText is the most bytes that an encoder keeps for the next batch.
const maxKeptText = 64 << 10

// shrink lets go of what an uncommonly long label needed.
func (e *encoder) shrink() {
	if cap(e.key) > maxKeptText {
		e.key = nil
	}
	if cap(e.text) > maxKeptText {
		e.text = nil
	}
}

func (e *encoder) absent() {
	e.key = append(e.key, 0)
	e.scalars = append(e.scalars, scalar{})
}

func add[T string | []byte](e *encoder, text T, s scalar) {
	e.key = append(e.key, 1)
	e.key = binary.AppendUvarint(e.key, uint64(len(text)))
	e.key = append(e.key, text...)
	e.scalars = append(e.scalars, s)
}

// value appends the label of v, cut if it is too long, and reports whether it has text.
func (e *encoder) value(v any) (bool, error) {
	text, s, err := appendText(e.text[:0], v)
	return e.addText(text, s, err)
}

// column is value without a detour through an interface.
func (e *encoder) column(v pcommon.Value) (bool, error) {
	text, s, err := appendValue(e.text[:0], v)
	return e.addText(text, s, err)
}

func (e *encoder) addText(text []byte, s scalar, err error) (bool, error) {
	e.text = text
	if err != nil || len(text) == 0 {
		return false, err
	}
	text, shortened := cut(text)
	if shortened {
		e.truncated++
	}
	add(e, text, s)
	return true, nil
}

// encode appends the tuple of record i. A failing label comes before a missing one.
func (l *List) encode(ctx context.Context, e *encoder, chunk *columns.Chunk, i int) (Status, error) {
	status := OK
	for k := range l.labels {
		lb := &l.labels[k]
		found, err := lb.encode(ctx, e, chunk, i)
		switch {
		case err != nil:
			return Failed, err
		case found:
		case lb.fallback != nil:
			add(e, lb.fallback.text, lb.fallback.scalar)
			if lb.fallback.truncated {
				e.truncated++
			}
		case lb.required:
			status = Missing
		default:
			e.absent()
		}
	}
	return status, nil
}

func (lb *label) encode(ctx context.Context, e *encoder, chunk *columns.Chunk, i int) (bool, error) {
	if lb.value != nil {
		v, err := lb.value.Eval(ctx, chunk.Record(i))
		if err != nil {
			return false, err
		}
		return e.value(v)
	}
	if v, ok := chunk.Attribute(lb.slot, i); ok {
		return e.column(v)
	}
	return false, nil
}

// attributes returns the labels that key holds. Their texts are parts of key.
func (l *List) attributes(key string, scalars []scalar) []Attribute {
	attrs := make([]Attribute, 0, len(l.labels))
	for k := range l.labels {
		present := key[0] == 1
		key = key[1:]
		if !present {
			continue
		}
		var text string
		text, key = cutText(key)
		attrs = append(attrs, Attribute{Name: l.labels[k].name, Text: text, Kind: scalars[k].kind, Number: scalars[k].number})
	}
	return attrs
}

// cutText returns the text whose length and bytes s begins with, and the rest.
func cutText(s string) (text, rest string) {
	n, width := uint64(0), 0
	for shift := 0; ; shift += 7 {
		b := s[width]
		width++
		n |= uint64(b&0x7f) << shift
		if b < 0x80 {
			break
		}
	}
	return s[width : width+int(n)], s[width+int(n):]
}
