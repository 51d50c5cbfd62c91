// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package labels

import (
	"context"
	"encoding/binary"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/columns"
)

// Tuple is a label tuple of a resource, as a batch saw it.
type Tuple struct {
	// Resource is the resource that the tuple belongs to.
	Resource *Resource
	// Key tells the tuple from all others of its list and resource.
	Key string
	// Attributes are the labels that are present, in the list's order.
	Attributes []Attribute
	// Truncated is how many of the label texts were cut.
	Truncated int
}

// AppendKey appends what tells the tuple from all others of its list, where resource is
// the number that its resource goes by.
func (t *Tuple) AppendKey(dst []byte, resource uint32) []byte {
	dst = binary.LittleEndian.AppendUint32(dst, resource)
	return append(dst, t.Key...)
}

// Tuples gives the label tuples of one batch dense IDs, from 0 on, in the order in which
// they appear. It owns all its memory and belongs to one goroutine.
type Tuples struct {
	list      *List
	resources batchResources
	ids       map[string]uint32
	tuples    []Tuple
	encoder   encoder
}

// NewTuples returns an empty table for the tuples of list, over the resources that
// selector tells apart.
func NewTuples(list *List, selector *Selector) *Tuples {
	return &Tuples{list: list, resources: newBatchResources(selector), ids: map[string]uint32{}}
}

// ID returns the ID of the tuple of record i in chunk, if it has one. The error is the
// label expression's, if that is why it has none.
func (t *Tuples) ID(ctx context.Context, chunk *columns.Chunk, i int) (uint32, Status, error) {
	e := &t.encoder
	e.reset()
	resource := t.resources.id(chunk, i)
	e.key = binary.LittleEndian.AppendUint32(e.key, resource)
	if status, err := t.list.encode(ctx, e, chunk, i); status != OK {
		return 0, status, err
	}
	if id, ok := t.ids[string(e.key)]; ok {
		return id, OK, nil
	}
	id := uint32(len(t.tuples))
	key := string(e.key)
	t.ids[key] = id
	key = key[4:]
	t.tuples = append(t.tuples, Tuple{
		Resource:   t.resources.all[resource],
		Key:        key,
		Attributes: t.list.attributes(key, e.scalars),
		Truncated:  e.truncated,
	})
	return id, OK, nil
}

// Tuple returns the tuple with the given ID.
func (t *Tuples) Tuple(id uint32) *Tuple {
	return &t.tuples[id]
}

// Len returns how many tuples there are.
func (t *Tuples) Len() int {
	return len(t.tuples)
}

// maxKept is the most tuples for which a table keeps its memory for the next batch, so
// that one large batch does not stay in memory for good.
const maxKept = 4096

// Reset empties the table for the next batch.
func (t *Tuples) Reset() {
	if len(t.tuples) > maxKept || len(t.resources.byPosition) > maxKept {
		*t = *NewTuples(t.list, t.resources.selector)
		return
	}
	t.resources.reset()
	t.encoder.shrink()
	clear(t.ids)
	clear(t.tuples)
	t.tuples = t.tuples[:0]
}

// Resource is the part of a resource that identifies a series.
type Resource struct {
	// Key tells the resource from all others of its selector.
	Key string
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
