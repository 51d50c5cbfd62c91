// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package labels

import (
	"encoding/binary"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/columns"
)

// AllAttributes selects every resource attribute, if it is the only name.
const AllAttributes = "*"

// Selector says which resource attributes stay on derived metrics.
type Selector struct {
	all   bool
	names []string
}

// NewSelector returns the selector of the named attributes. "*" as the only name selects
// every one.
func NewSelector(names []string) *Selector {
	if len(names) == 1 && names[0] == AllAttributes {
		return &Selector{all: true}
	}
	// In order, so that equal resources have one key whatever the order in the config.
	return &Selector{names: slices.Sorted(slices.Values(names))}
}

// resource returns the selected part of attributes. The texts have the form that they
// have as labels; an attribute that cannot be a label, or has no text, is absent.
func (s *Selector) resource(attributes pcommon.Map) *Resource {
	var attrs []Attribute
	add := func(name string, v pcommon.Value) {
		text, sc, err := appendValue(nil, v)
		if err != nil {
			text = nil
		}
		text, _ = cut(text)
		attrs = append(attrs, Attribute{Name: name, Text: string(text), Kind: sc.kind, Number: sc.number})
	}
	if s.all {
		for name, v := range attributes.All() {
			text, _ := cut(appendValid(nil, name))
			add(string(text), v)
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
	attrs = slices.DeleteFunc(attrs, func(a Attribute) bool { return a.Text == "" })
	key := binary.AppendUvarint(nil, uint64(len(attrs)))
	for _, a := range attrs {
		key = binary.AppendUvarint(key, uint64(len(a.Name)))
		key = append(key, a.Name...)
		key = binary.AppendUvarint(key, uint64(len(a.Text)))
		key = append(key, a.Text...)
	}
	return &Resource{Key: string(key), Attributes: attrs}
}

// batchResources gives the resources of one batch dense IDs: resources that differ only
// in what the selector leaves out have one ID.
type batchResources struct {
	selector *Selector
	byKey    map[string]uint32
	// byPosition holds, by the resource's position in the batch, its ID plus 1; 0 is
	// not known yet.
	byPosition []uint32
	all        []*Resource
}

func newBatchResources(s *Selector) batchResources {
	return batchResources{selector: s, byKey: map[string]uint32{}}
}

func (b *batchResources) id(chunk *columns.Chunk, i int) uint32 {
	position := chunk.ResourcePosition(i)
	if position >= len(b.byPosition) {
		b.byPosition = append(b.byPosition, make([]uint32, position+1-len(b.byPosition))...)
	}
	if known := b.byPosition[position]; known > 0 {
		return known - 1
	}
	r := b.selector.resource(chunk.Resource(i).Attributes())
	id, ok := b.byKey[r.Key]
	if !ok {
		id = uint32(len(b.all))
		b.byKey[r.Key] = id
		b.all = append(b.all, r)
	}
	b.byPosition[position] = id + 1
	return id
}

func (b *batchResources) reset() {
	clear(b.byKey)
	b.byPosition = b.byPosition[:0]
	clear(b.all)
	b.all = b.all[:0]
}
