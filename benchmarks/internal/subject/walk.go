// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package subject

import (
	"context"
	"fmt"
	"math"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
)

// Walk looks at every attribute of every record once: at the length of its key and at
// its value.
type Walk struct {
	passes
	seen uint64
}

// NewWalk returns a walk over the load.
func NewWalk(load Load) *Walk {
	return &Walk{passes: passes{load: load}}
}

// Pass walks over each batch.
func (w *Walk) Pass() error {
	return w.pass(w.consume)
}

func (w *Walk) consume(_ context.Context, ld plog.Logs) error {
	var seen uint64
	for _, rl := range ld.ResourceLogs().All() {
		for _, sl := range rl.ScopeLogs().All() {
			for _, r := range sl.LogRecords().All() {
				for k, v := range r.Attributes().All() {
					seen += uint64(len(k))
					switch v.Type() {
					case pcommon.ValueTypeStr:
						seen += uint64(len(v.Str()))
					case pcommon.ValueTypeInt:
						seen += uint64(v.Int())
					case pcommon.ValueTypeDouble:
						seen += math.Float64bits(v.Double())
					case pcommon.ValueTypeBool:
						if v.Bool() {
							seen++
						}
					default:
						return fmt.Errorf("an attribute's type must be one that the data has, found %s", v.Type())
					}
				}
			}
		}
	}
	w.seen += seen
	return nil
}

// Close compares what was seen with the same sum over the plain records.
func (w *Walk) Close() error {
	var once uint64
	for i := range w.load.Data.Records {
		for _, a := range w.load.Data.Records[i].Attributes {
			once += uint64(len(a.Key))
			switch v := a.Value.(type) {
			case string:
				once += uint64(len(v))
			case int64:
				once += uint64(v)
			case float64:
				once += math.Float64bits(v)
			case bool:
				if v {
					once++
				}
			}
		}
	}
	return differs("the sum over all attributes", int64(once*uint64(w.n)), int64(w.seen))
}
