// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package condition

import (
	"context"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/columns"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/expr"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/syntax"
)

// Predicate is a condition ready for evaluation.
type Predicate struct {
	root node
	text string
}

// Compile returns the predicate for an OTTL boolean expression. It adds the columns that
// the predicate reads to schema. The error is that of the OTTL library.
func Compile(text string, parser *expr.Parser, schema *columns.Schema) (*Predicate, error) {
	whole, err := parser.Condition(text)
	if err != nil {
		return nil, err
	}
	return build(text, whole, parser, schema), nil
}

// build returns the predicate for text, which the OTTL library has parsed into whole.
func build(text string, whole *expr.Condition, parser *expr.Parser, schema *columns.Schema) *Predicate {
	tree := syntax.Parse(text)
	c := compiler{parser: parser, schema: schema, conditions: map[string]*expr.Condition{text: whole}}
	folded := fold(tree)
	if !c.parseLeaves(folded) {
		// A part of a valid expression that is not valid for itself: package syntax has
		// taken it to pieces in the wrong places.
		folded = &syntax.Tree{Kind: syntax.Opaque, Text: text}
	}
	return &Predicate{root: c.node(folded), text: tree.String()}
}

// String returns a text that is equal for equal conditions only, and equal for conditions
// that differ in nothing but white space or needless brackets.
func (p *Predicate) String() string {
	return p.text
}

// Interpreted returns how many parts of the condition need the OTTL library for every
// record on which they have a say.
func (p *Predicate) Interpreted() int {
	return p.root.interpreted()
}

// Result is what a predicate says of the wanted records of a chunk. One of them that is in
// neither set does not match.
type Result struct {
	// Match holds the records for which the condition is true.
	Match columns.Set
	// Failed holds the records for which it could not be evaluated; none is in Match.
	Failed columns.Set
	// Err is the error of one of the failed records.
	Err error
}

// Eval evaluates the condition for the records of chunk that are wanted, and says nothing
// of others: the OTTL library does not see them. Functions of the library get ctx.
func (p *Predicate) Eval(ctx context.Context, chunk *columns.Chunk, wanted columns.Set) Result {
	e := evaluation{ctx: ctx, chunk: chunk}
	match, failed := e.node(&p.root, wanted)
	return Result{Match: match, Failed: failed, Err: e.err}
}
