// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package condition

import (
	"context"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/columns"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/expr"
)

// Predicate is a condition ready for evaluation.
type Predicate struct {
	condition *expr.Condition
}

// New returns the predicate for a parsed condition.
func New(c *expr.Condition) *Predicate {
	return &Predicate{condition: c}
}

// Result is what a predicate says of a chunk. A record in neither set does not match.
type Result struct {
	// Match holds the records for which the condition is true.
	Match columns.Set
	// Failed holds the records for which it could not be evaluated; none is in Match.
	Failed columns.Set
	// Err is the error of one of the failed records.
	Err error
}

// Eval evaluates the condition for every record of chunk.
func (p *Predicate) Eval(ctx context.Context, chunk *columns.Chunk) Result {
	var res Result
	for i := range chunk.Len() {
		match, err := p.condition.Eval(ctx, chunk.Record(i))
		switch {
		case err != nil:
			res.Failed.Add(i)
			res.Err = err
		case match:
			res.Match.Add(i)
		}
	}
	return res
}
