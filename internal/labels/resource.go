// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package labels

import (
	"encoding/binary"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// AllAttributes selects every resource attribute, if it is the only name.
const AllAttributes = "*"

// Selector says which resource attributes stay on derived metrics.
type Selector struct {
	all    bool
	names  []string
	except string // never selected, if not ""
}

// NewSelector returns the selector of the named attributes, of which except is never
// selected. "*" as the only name selects every other one.
func NewSelector(names []string, except string) *Selector {
	if len(names) == 1 && names[0] == AllAttributes {
		return &Selector{all: true, except: except}
	}
	// In order, so that equal resources have one key whatever the order in the config.
	names = slices.Sorted(slices.Values(names))
	if except != "" {
		names = slices.DeleteFunc(names, func(name string) bool { return name == except })
	}
	return &Selector{names: names, except: except}
}

// resource returns the selected part of attributes. The texts have the form that they
// have as labels; an attribute that cannot be a label, or has no text, is absent.
func (s *Selector) resource(attributes pcommon.Map) *Resource {
	var attrs []Attribute
	add := func(name string, v pcommon.Value) {
		text, kind, err := appendValue(nil, v)
		if err != nil {
			text = nil
		}
		text, _ = cut(text)
		attrs = append(attrs, Attribute{Name: name, Text: string(text), Kind: kind})
	}
	if s.all {
		for name, v := range attributes.All() {
			if text, _ := cut(appendValid(nil, name)); s.except == "" || string(text) != s.except {
				add(string(text), v)
			}
		}
		// Stable, so that of duplicate names the first stays.
		slices.SortStableFunc(attrs, func(a, b Attribute) int { return strings.Compare(a.Name, b.Name) })
		attrs = slices.CompactFunc(attrs, func(a, b Attribute) bool { return a.Name == b.Name })
	} else {
		for _, name := range s.names {
			if v, ok := attributes.Get(name); ok {
				add(name, v)
			}
		}
	}
	return NewResource(slices.DeleteFunc(attrs, func(a Attribute) bool { return a.Text == "" }))
}

// NewResource returns the resource with these attributes, which are in the order of their
// names.
func NewResource(attrs []Attribute) *Resource {
	key := binary.AppendUvarint(nil, uint64(len(attrs)))
	for _, a := range attrs {
		key = binary.AppendUvarint(key, uint64(len(a.Name)))
		key = append(key, a.Name...)
		key = binary.AppendUvarint(key, uint64(len(a.Text)))
		key = append(key, a.Text...)
	}
	return &Resource{Key: string(key), Hash: hashText(string(key)), Attributes: attrs}
}

// Resource is the part of a resource that identifies a series.
type Resource struct {
	// Key tells the resource from all others of its selector.
	Key string
	// Hash is equal for equal keys, in one process.
	Hash uint64
	// Attributes are the selected attributes that are present.
	Attributes []Attribute
}

// PutTo puts the resource's attributes into m.
func (r *Resource) PutTo(m pcommon.Map) {
	m.EnsureCapacity(len(r.Attributes))
	for _, a := range r.Attributes {
		a.PutTo(m)
	}
}
