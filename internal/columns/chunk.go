// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package columns

import (
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/contexts/ottllog"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/expr"
)

// Size is the most records in a chunk.
const Size = 512

// Schema lists the record attributes that get a column each. It is built while
// annotations are compiled and read-only from then on.
type Schema struct {
	attributes []string
	slots      map[string]int
}

// Attribute returns the column of the record attribute key, and makes one if needed.
func (s *Schema) Attribute(key string) int {
	if slot, ok := s.slots[key]; ok {
		return slot
	}
	if s.slots == nil {
		s.slots = map[string]int{}
	}
	slot := len(s.attributes)
	s.slots[key] = slot
	s.attributes = append(s.attributes, key)
	return slot
}

// Chunk is a run of up to Size records of one batch, across resources and scopes.
type Chunk struct {
	schema  *Schema
	n       int
	records [Size]record
	values  [][]pcommon.Value
	present []Set
}

type record struct {
	resource      int
	resourceLogs  plog.ResourceLogs
	scopeLogs     plog.ScopeLogs
	logRecord     plog.LogRecord
	transformable *expr.Record
}

// NewChunk returns an empty chunk with the columns of schema.
func NewChunk(schema *Schema) *Chunk {
	c := &Chunk{
		schema:  schema,
		values:  make([][]pcommon.Value, len(schema.attributes)),
		present: make([]Set, len(schema.attributes)),
	}
	for i := range c.values {
		c.values[i] = make([]pcommon.Value, Size)
	}
	return c
}

// Len returns how many records the chunk holds.
func (c *Chunk) Len() int {
	return c.n
}

// ResourcePosition returns the position, in its batch, of the resource of record i.
func (c *Chunk) ResourcePosition(i int) int {
	return c.records[i].resource
}

// Resource returns the resource of record i.
func (c *Chunk) Resource(i int) pcommon.Resource {
	return c.records[i].resourceLogs.Resource()
}

// EventTime returns the event time of record i: its timestamp, else the time at which it
// was observed, else 0.
func (c *Chunk) EventTime(i int) pcommon.Timestamp {
	r := c.records[i].logRecord
	if t := r.Timestamp(); t != 0 {
		return t
	}
	return r.ObservedTimestamp()
}

// Attribute returns the value in column slot for record i, and whether there is one. Of
// duplicate keys the first counts, as in pcommon.Map.
func (c *Chunk) Attribute(slot, i int) (pcommon.Value, bool) {
	if !c.present[slot].Has(i) {
		return pcommon.Value{}, false
	}
	return c.values[slot][i], true
}

// Record returns record i for OTTL. All expressions of a chunk share it.
func (c *Chunk) Record(i int) *expr.Record {
	r := &c.records[i]
	if r.transformable == nil {
		r.transformable = ottllog.NewTransformContextPtr(r.resourceLogs, r.scopeLogs, r.logRecord)
	}
	return r.transformable
}

func (c *Chunk) add(r record) {
	c.records[c.n] = r
	if len(c.values) > 0 {
		attributes := r.logRecord.Attributes()
		for slot, key := range c.schema.attributes {
			if v, ok := attributes.Get(key); ok {
				c.values[slot][c.n] = v
				c.present[slot].Add(c.n)
			}
		}
	}
	c.n++
}

// Release empties the chunk and lets go of everything that it pointed to. Only what was
// used is cleared, since full clears would dominate batches of one record.
func (c *Chunk) Release() {
	for i := range c.records[:c.n] {
		if t := c.records[i].transformable; t != nil {
			t.Close()
		}
	}
	clear(c.records[:c.n])
	for slot := range c.values {
		clear(c.values[slot][:c.n])
		c.present[slot] = Set{}
	}
	c.n = 0
}

// Reader reads a batch chunk by chunk.
type Reader struct {
	resources               plog.ResourceLogsSlice
	resource, scope, record int
}

// NewReader returns a reader at the beginning of ld.
func NewReader(ld plog.Logs) Reader {
	return Reader{resources: ld.ResourceLogs()}
}

// Next releases c and fills it with the next records. It returns false when there are
// none left.
func (r *Reader) Next(c *Chunk) bool {
	c.Release()
	for ; r.resource < r.resources.Len(); r.resource, r.scope = r.resource+1, 0 {
		rl := r.resources.At(r.resource)
		scopes := rl.ScopeLogs()
		for ; r.scope < scopes.Len(); r.scope, r.record = r.scope+1, 0 {
			sl := scopes.At(r.scope)
			records := sl.LogRecords()
			for ; r.record < records.Len(); r.record++ {
				if c.n == Size {
					return true
				}
				c.add(record{resource: r.resource, resourceLogs: rl, scopeLogs: sl, logRecord: records.At(r.record)})
			}
		}
	}
	return c.n > 0
}
