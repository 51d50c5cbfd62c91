// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package subject

import (
	"context"
	"errors"
	"fmt"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/contexts/ottllog"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/ottlfuncs"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/rules"
)

// OTTL evaluates each distinct condition on each record with the OTTL library, and does
// nothing else: no labels, no metrics.
type OTTL struct {
	passes
	telemetry  *telemetry
	conditions []rules.Condition
	parsed     []*ottl.Condition[*ottllog.TransformContext]
	matched    []int64
}

// NewOTTL returns the conditions of the rules.
func NewOTTL(load Load, set rules.Set) (*OTTL, error) {
	o := &OTTL{passes: passes{load: load}, telemetry: newTelemetry(), conditions: set.Conditions()}
	parser, err := ottllog.NewParser(ottlfuncs.StandardConverters[*ottllog.TransformContext](), o.telemetry.settings)
	if err != nil {
		return nil, err
	}
	for _, c := range o.conditions {
		parsed, err := parser.ParseCondition(c.Text)
		if err != nil {
			return nil, fmt.Errorf("condition %q: %w", c.Text, err)
		}
		o.parsed = append(o.parsed, parsed)
	}
	o.matched = make([]int64, len(o.parsed))
	return o, nil
}

// Pass evaluates the conditions on each record.
func (o *OTTL) Pass() error {
	return o.pass(o.consume)
}

func (o *OTTL) consume(ctx context.Context, ld plog.Logs) error {
	for _, rl := range ld.ResourceLogs().All() {
		for _, sl := range rl.ScopeLogs().All() {
			for _, r := range sl.LogRecords().All() {
				record := ottllog.NewTransformContextPtr(rl, sl, r)
				for i, c := range o.parsed {
					match, err := c.Eval(ctx, record)
					if err != nil {
						return err
					}
					if match {
						o.matched[i]++
					}
				}
				record.Close()
			}
		}
	}
	return nil
}

// Close compares the number of matches.
func (o *OTTL) Close() error {
	errs := []error{o.telemetry.close()}
	for i, c := range o.conditions {
		var once int64
		for k := range o.load.Data.Records {
			if c.Match(&o.load.Data.Records[k]) {
				once++
			}
		}
		errs = append(errs, differs(fmt.Sprintf("the number of records that match %q", c.Text), once*o.n, o.matched[i]))
	}
	return errors.Join(errs...)
}
