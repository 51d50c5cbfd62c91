// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package columns

import "go.opentelemetry.io/collector/pdata/plog"

// Reader reads a batch chunk by chunk.
type Reader struct {
	resources               plog.ResourceLogsSlice
	resource, scope, record int
}

// NewReader returns a reader at the beginning of ld.
func NewReader(ld plog.Logs) Reader {
	return Reader{resources: ld.ResourceLogs()}
}

// Next fills c with the next records, in place of those that it held. It returns false,
// and leaves c empty, when there are none left. Whoever is done with a batch calls Release.
func (r *Reader) Next(c *Chunk) bool {
	c.begin()
	for ; r.resource < r.resources.Len(); r.resource, r.scope = r.resource+1, 0 {
		rl := r.resources.At(r.resource)
		scopes := rl.ScopeLogs()
		for ; r.scope < scopes.Len(); r.scope, r.record = r.scope+1, 0 {
			sl := scopes.At(r.scope)
			n := min(sl.LogRecords().Len()-r.record, Size-c.n)
			if n == 0 {
				if c.n == Size {
					return true
				}
				continue
			}
			c.load(Run{Start: c.n, End: c.n + n, Position: r.resource, resource: rl, scope: sl, first: r.record})
			r.record += n
			if r.record < sl.LogRecords().Len() {
				return true
			}
		}
	}
	return c.n > 0
}

// Done reports whether it is known that nothing is left but, perhaps, empty resources and
// scopes.
func (r *Reader) Done() bool {
	return r.resource >= r.resources.Len()
}

func (c *Chunk) load(run Run) {
	c.runs = append(c.runs, run)
	c.n = run.End
	c.used, c.usedRuns = max(c.used, c.n), max(c.usedRuns, len(c.runs))
	c.loader.load(c.columns, &run)
}
