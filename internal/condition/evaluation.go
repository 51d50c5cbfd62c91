// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package condition

import (
	"context"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/columns"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/syntax"
)

// evaluation is one call of Eval. It stays on the stack.
type evaluation struct {
	ctx   context.Context
	chunk *columns.Chunk
	err   error
}

// node evaluates n for the records in want. A record for which it fails is in failed and
// never in match. OTTL makes `not <error>` true; masking failed records here, before any
// term that follows, keeps that from selecting records.
func (e *evaluation) node(n *node, want columns.Set) (match, failed columns.Set) {
	switch n.kind {
	case syntax.And:
		for i := range n.terms {
			if want == (columns.Set{}) {
				break
			}
			m, f := e.node(&n.terms[i], want)
			failed.Union(&f)
			want = m
		}
		return want, failed
	case syntax.Or:
		for i := range n.terms {
			if want == (columns.Set{}) {
				break
			}
			m, f := e.node(&n.terms[i], want)
			match.Union(&m)
			failed.Union(&f)
			want = want.Without(&m)
			want = want.Without(&f)
		}
		return match, failed
	case syntax.Not:
		m, failed := e.node(&n.terms[0], want)
		m.Union(&failed)
		return want.Without(&m), failed
	case syntax.Literal:
		if n.value {
			match = want
		}
		return match, failed
	default:
		return e.leaf(n, want)
	}
}

func (e *evaluation) leaf(n *node, want columns.Set) (match, failed columns.Set) {
	if n.test != nil {
		match, want = n.test.run(e.chunk, want)
	}
	if want == (columns.Set{}) {
		return match, failed
	}
	for i := range want.All() {
		ok, err := n.condition.Eval(e.ctx, e.chunk.Record(i))
		switch {
		case err != nil:
			failed.Add(i)
			e.err = err
		case ok:
			match.Add(i)
		}
	}
	return match, failed
}
