// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package expr

import (
	"context"
	"errors"
	"fmt"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/contexts/ottllog"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/ottlfuncs"
	"go.opentelemetry.io/collector/component"
)

// errPanic is returned in place of a panic inside an expression. What the panic said is
// left out, for it may quote the record.
var errPanic = errors.New("the expression panicked")

// Record is a log record with its resource and scope, as OTTL sees it.
type Record = ottllog.TransformContext

// Parser turns text into conditions and values.
type Parser struct {
	ottl ottl.Parser[*Record]
}

// NewParser returns a parser whose expressions log through set.
func NewParser(set component.TelemetrySettings) (*Parser, error) {
	p, err := ottllog.NewParser(ottlfuncs.StandardConverters[*Record](), set)
	if err != nil {
		return nil, fmt.Errorf("create OTTL parser: %w", err)
	}
	return &Parser{ottl: p}, nil
}

// Condition parses an OTTL boolean expression. Syntax errors carry line and column.
func (p *Parser) Condition(text string) (*Condition, error) {
	c, err := p.ottl.ParseCondition(text)
	if err != nil {
		return nil, err
	}
	return &Condition{ottl: c}, nil
}

// Value parses an OTTL value expression. Syntax errors carry line and column.
func (p *Parser) Value(text string) (*Value, error) {
	v, err := p.ottl.ParseValueExpression(text)
	if err != nil {
		return nil, err
	}
	return &Value{ottl: v}, nil
}

// Condition is an OTTL boolean expression.
type Condition struct {
	ottl *ottl.Condition[*Record]
}

// Eval reports whether r matches.
func (c *Condition) Eval(ctx context.Context, r *Record) (match bool, err error) {
	defer func() {
		if recover() != nil {
			match, err = false, errPanic
		}
	}()
	return c.ottl.Eval(ctx, r)
}

// Value is an OTTL value expression.
type Value struct {
	ottl *ottl.ValueExpression[*Record]
}

// Eval returns what the expression yields for r; nil stands for an absent value.
func (v *Value) Eval(ctx context.Context, r *Record) (val any, err error) {
	defer func() {
		if recover() != nil {
			val, err = nil, errPanic
		}
	}()
	return v.ottl.Eval(ctx, r)
}
