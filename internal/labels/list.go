// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package labels

import (
	"encoding/binary"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// List is the labels of one annotation, or of several with equal ones.
//
// The text of a tuple of the list holds, for each label in order, one byte of Kind; then
// the key, which holds, for each label, 0 if the label is absent, else 1, the length of
// its text and the text. No two tuples have one key, whatever bytes they are made of.
type List struct {
	labels []label
}

type label struct {
	name     string
	fallback *fallback // stands in for a missing value; nil if there is none
	required bool
}

type fallback struct {
	encoded
	kind Kind
}

// Definition describes one label to NewList.
type Definition struct {
	Name string
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
		lb := label{name: def.Name, required: def.Required}
		if def.Default != nil {
			text, kind, err := appendText(nil, def.Default)
			if err != nil {
				return nil, err
			}
			if len(text) > 0 {
				text, shortened := cut(text)
				lb.fallback = &fallback{encoded{text: string(text), cut: shortened}, kind}
			}
		}
		l.labels = append(l.labels, lb)
	}
	return l, nil
}

// appendLabel appends the part of a key that a label of this text makes; no text means
// that it is absent.
func appendLabel(key []byte, text string) []byte {
	if text == "" {
		return append(key, 0)
	}
	key = append(key, 1)
	key = binary.AppendUvarint(key, uint64(len(text)))
	return append(key, text...)
}

// Key returns the part of a tuple's text that tells it from all others of the list and
// its resource.
func (l *List) Key(text string) string {
	return text[len(l.labels):]
}

// Tuple returns the tuple of a resource with this text.
func (l *List) Tuple(r *Resource, text string) Tuple {
	return Tuple{Resource: r, Text: text, Hash: mix(r.Hash + hashText(l.Key(text)))}
}

// PutTo puts the labels of the tuple with this text into m, with the types that they were
// born with. What m then holds shares the memory of text.
func (l *List) PutTo(m pcommon.Map, text string) {
	m.EnsureCapacity(len(l.labels))
	key := l.Key(text)
	for k := range l.labels {
		var label string
		if label, key = cutLabel(key); label != "" {
			put(m, l.labels[k].name, label, Kind(text[k]))
		}
	}
}

// IsText reports whether text is that of a tuple of the list.
func (l *List) IsText(text string) bool {
	if len(text) < len(l.labels) {
		return false
	}
	for k := range l.labels {
		if Kind(text[k]) > KindBool {
			return false
		}
	}
	key := l.Key(text)
	for range l.labels {
		switch {
		case key == "":
			return false
		case key[0] == 0:
			key = key[1:]
		default:
			n, width := binary.Uvarint([]byte(key[1:min(len(key), 1+binary.MaxVarintLen64)]))
			if key[0] != 1 || width <= 0 || n == 0 || n > uint64(len(key)-1-width) {
				return false
			}
			key = key[1+width+int(n):]
		}
	}
	return key == ""
}

// Size returns an upper estimate of the bytes that PutTo adds in OTLP.
func (l *List) Size(text string) int {
	n := 0
	key := l.Key(text)
	for k := range l.labels {
		var label string
		if label, key = cutLabel(key); label != "" {
			n += size(l.labels[k].name, label)
		}
	}
	return n
}

// cutLabel returns the text of the first label of key, and the rest.
func cutLabel(key string) (text, rest string) {
	if key[0] == 0 {
		return "", key[1:]
	}
	key = key[1:]
	n, width := uint64(0), 0
	for shift := 0; ; shift += 7 {
		b := key[width]
		width++
		n |= uint64(b&0x7f) << shift
		if b < 0x80 {
			break
		}
	}
	return key[width : width+int(n)], key[width+int(n):]
}
