// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package columns

import (
	"sort"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/contexts/ottllog"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/expr"
)

// Size is the most records in a chunk: so many that what a stage costs once per chunk does
// not show, and few enough for the cache of a CPU.
const Size = 512

// Chunk is a run of up to Size records of one batch, across resources and scopes.
type Chunk struct {
	columns []Column
	loader  loader

	n    int
	runs []Run
	// used and usedRuns are how many records and runs there is something of in memory, of
	// this chunk or of one before it in the same batch.
	used, usedRuns int

	sparing bool
	opened  [Size]*expr.Record
	open    Set
}

// Run is the records of a chunk that have one resource and scope: those from Start up to,
// not including, End.
type Run struct {
	Start, End int
	// Position is the position of the resource in its batch.
	Position int

	resource plog.ResourceLogs
	scope    plog.ScopeLogs
	first    int // the position of the record Start in its scope
}

// Resource returns the resource of the run's records.
func (r *Run) Resource() pcommon.Resource {
	return r.resource.Resource()
}

// NewChunk returns an empty chunk with the columns of schema.
func NewChunk(schema *Schema) *Chunk {
	return &Chunk{columns: make([]Column, len(schema.sources)), loader: newLoader(schema), sparing: schema.Sparing}
}

// Len returns how many records the chunk holds.
func (c *Chunk) Len() int {
	return c.n
}

// Runs returns the runs of the chunk, in order. None is empty.
func (c *Chunk) Runs() []Run {
	return c.runs
}

// Column returns the column in slot.
func (c *Chunk) Column(slot int) *Column {
	return &c.columns[slot]
}

func (c *Chunk) run(i int) *Run {
	return &c.runs[sort.Search(len(c.runs), func(k int) bool { return c.runs[k].End > i })]
}

func (r *Run) logRecord(i int) plog.LogRecord {
	return r.scope.LogRecords().At(r.first + i - r.Start)
}

// EventTime returns the event time of record i: its timestamp, else the time at which it
// was observed, else 0.
func (c *Chunk) EventTime(i int) pcommon.Timestamp {
	r := c.run(i).logRecord(i)
	if t := r.Timestamp(); t != 0 {
		return t
	}
	return r.ObservedTimestamp()
}

// Trace returns the trace and span of record i, zero if it has none, and whether the trace
// was sampled.
func (c *Chunk) Trace(i int) (trace pcommon.TraceID, span pcommon.SpanID, sampled bool) {
	r := c.run(i).logRecord(i)
	return r.TraceID(), r.SpanID(), r.Flags().IsSampled()
}

// Record returns record i for OTTL, to be used before that of another record is asked for.
// All expressions of a chunk share it.
func (c *Chunk) Record(i int) *expr.Record {
	if c.opened[i] == nil {
		if c.sparing {
			c.closeRecords()
		}
		r := c.run(i)
		c.opened[i] = ottllog.NewTransformContextPtr(r.resource, r.scope, r.logRecord(i))
		c.open.Add(i)
	}
	return c.opened[i]
}

func (c *Chunk) closeRecords() {
	for i := range c.open.All() {
		c.opened[i].Close()
		c.opened[i] = nil
	}
	c.open = Set{}
}

// begin empties the chunk for more of the same batch. What the columns hold of it stays
// in place unseen, and is overwritten or released with the rest.
func (c *Chunk) begin() {
	c.closeRecords()
	c.runs = c.runs[:0]
	c.n = 0
	for slot := range c.columns {
		c.columns[slot].begin()
	}
}

// Release empties the chunk and lets go of everything that it pointed to. Only what was
// used is cleared, since full clears would dominate batches of one record.
func (c *Chunk) Release() {
	c.begin()
	clear(c.runs[:c.usedRuns])
	for slot := range c.columns {
		c.columns[slot].release(c.used)
	}
	c.used, c.usedRuns = 0, 0
}
