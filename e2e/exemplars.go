// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"encoding/hex"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// requireExemplars requires that the sink has got exactly these exemplars, each
// `metric trace span value`, however often.
func requireExemplars(t *testing.T, sink *otlpSink, want map[string]bool) {
	t.Helper()
	got := map[string]bool{}
	put := func(metric string, all pmetric.ExemplarSlice) {
		for _, e := range all.All() {
			value := any(e.DoubleValue())
			if e.ValueType() == pmetric.ExemplarValueTypeInt {
				value = e.IntValue()
			}
			trace, span := e.TraceID(), e.SpanID()
			got[fmt.Sprintf("%s %s %s %v", metric, hex.EncodeToString(trace[:]), hex.EncodeToString(span[:]), value)] = true
		}
	}
	for _, md := range sink.all() {
		for _, rm := range md.ResourceMetrics().All() {
			for _, sm := range rm.ScopeMetrics().All() {
				for _, m := range sm.Metrics().All() {
					switch m.Type() {
					case pmetric.MetricTypeSum:
						for _, dp := range m.Sum().DataPoints().All() {
							put(m.Name(), dp.Exemplars())
						}
					case pmetric.MetricTypeHistogram:
						for _, dp := range m.Histogram().DataPoints().All() {
							put(m.Name(), dp.Exemplars())
						}
					}
				}
			}
		}
	}
	require.Equal(t, want, got)
}
