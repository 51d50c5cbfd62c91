// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package condition

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/columns"
)

// BenchmarkEval evaluates one condition over a full chunk.
func BenchmarkEval(b *testing.B) {
	ld := plog.NewLogs()
	records := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords()
	for i := range columns.Size {
		r := records.AppendEmpty()
		r.SetSeverityNumber(plog.SeverityNumber(1 + i%24))
		r.Body().SetStr(fmt.Sprintf("GET /checkout/%d HTTP/1.1 200 in %d ms", i, i%7))
		r.Attributes().PutInt("status", int64(200+i%5*100))
		r.Attributes().PutDouble("duration", float64(i)/7)
		r.Attributes().PutStr("method", []string{"GET", "POST", "PUT"}[i%3])
		r.Attributes().PutStr("size", strconv.Itoa(i))
		if i%2 == 0 {
			r.Attributes().PutInt("sometimes", int64(i))
		}
	}
	for _, bb := range []struct {
		text  string
		match int
	}{
		{`attributes["status"] >= 500`, 204},
		{`attributes["sometimes"] >= 256`, 128},
		{`attributes["duration"] < 10.5`, 74},
		{`attributes["method"] == "POST"`, 171},
		{`attributes["sometimes"] != nil`, 256},
		{`Int(attributes["size"]) >= 500`, 12},
		{`IsMatch(body, "ms$")`, 512},
		{`IsMatch(body, "in 3 ms")`, 73},
		{`IsMatch(body, "^POST ")`, 0},
		{`IsMatch(body, ".*HTTP/1\\.1 200.*")`, 512},
		{`IsMatch(body, "(error|timeout|HTTP/2)")`, 0},
		{`IsMatch(body, "[0-9]+ ms")`, 512},
		{`attributes["status"] >= 500 and attributes["method"] == "POST" or severity_number >= SEVERITY_NUMBER_ERROR`, 211},
		{`attributes["method"] == "POST" and Len(attributes["size"]) == 3`, 138},
	} {
		b.Run(bb.text, func(b *testing.B) {
			p, chunk := compiled(b, bb.text, ld)
			b.ReportAllocs()
			var res Result
			wanted := all(chunk)
			for b.Loop() {
				res = p.Eval(b.Context(), chunk, wanted)
			}
			require.Equal(b, bb.match, res.Match.Len())
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/columns.Size, "ns/record")
		})
	}
}
