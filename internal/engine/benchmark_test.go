// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/config"
)

// BenchmarkSampled takes 10,000 records through an annotation whose condition needs the
// OTTL library, and through one whose condition is compiled, at several sample rates. The
// total that was emitted is compared with the truth.
func BenchmarkSampled(b *testing.B) {
	const size = 10_000
	ld := logsOf(size, func(i int, r plog.LogRecord) {
		r.Body().SetStr(fmt.Sprintf(`{"level":"%s","path":"/checkout/%d","ms":%d}`, []string{"info", "warn", "error", "debug"}[i%4], i, i%100))
		r.Attributes().PutStr("level", []string{"info", "warn", "error", "debug"}[i%4])
	})
	ld.MarkReadOnly()
	for _, bb := range []struct{ name, condition string }{
		{"ParseJSON", `ParseJSON(body)["level"] == "error"`},
		{"ConvertCase", `ConvertCase(attributes["level"], "upper") == "ERROR"`},
		{"compiled", `attributes["level"] == "error"`},
	} {
		for _, n := range []int{1, 10, 100} {
			b.Run(fmt.Sprintf("%s/1in%d", bb.name, n), func(b *testing.B) {
				e := newTestEngine(b, []config.Annotation{{Metric: "m", Condition: bb.condition, SampleRate: new(1 / float64(n))}})
				b.ReportAllocs()
				batches := 0
				for b.Loop() {
					e.Stage(b.Context(), ld).Commit()
					batches++
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(batches)/size, "ns/record")
				// Off by more than 6 standard errors is a fault: by chance it is 1 in 500 million.
				truth := float64(batches * size / 4)
				require.InDelta(b, truth, emitted(b, e)["m"], 6*math.Sqrt(truth*float64(n-1)))
			})
		}
	}
}
