// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package annotationmetricsprocessor

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/doortest"
)

// fuzzJSON are seeds that pdata itself would not build: duplicate keys, above all.
var fuzzJSON = []string{
	`{}`,
	`{"resourceLogs":[{},{"scopeLogs":[{},{"logRecords":[{},{"body":{}}]}]}]}`,
	`{"resourceLogs":[{"resource":{"attributes":[{"key":"a","value":{"intValue":"1"}},{"key":"a","value":{"stringValue":"x"}},
	{"key":"","value":{"boolValue":true}}]},"scopeLogs":[{"logRecords":[{"attributes":[{"key":"a","value":{}},
	{"key":"a","value":{"doubleValue":2}},{"key":"b","value":{"bytesValue":""}},{"key":"b","value":{"intValue":"7"}},
	{"key":"m","value":{"kvlistValue":{"values":[{"key":"k","value":{"arrayValue":{"values":[{"intValue":"3"}]}}},
	{"key":"k","value":{}}]}}}]}]}]}]}`,
}

// fuzzValues are one of every kind, and those of each kind that are apt to go wrong.
var fuzzValues = []any{
	nil, "", "text", "12.5", " 7\t", "+1", "NaN", "1e400", "0x1p4", "a\xffb", "\x00\n\"\\", strings.Repeat("é", 600), strings.Repeat("\xff", 300),
	int64(0), int64(-1), int64(math.MaxInt64), int64(math.MinInt64), true, false,
	0.0, math.Copysign(0, -1), 0.5, 1000.0, -1.0, math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, -math.MaxFloat64, 5e-324,
	[]byte{},
	[]byte{0xff, 0x00},
	[]any{},
	[]any{"b", int64(1), 0.5, nil, []any{}},
	map[string]any{},
	map[string]any{"k": []any{int64(1), "x"}, "\xff": math.NaN(), "deep": map[string]any{"er": []byte{1}}},
}

// fuzzBodies are texts that the functions in the config can parse, and some that they
// cannot.
var fuzzBodies = []string{
	`{"a":[1,{"b":null}],"n":1e3}`, `{"a":1,"a":2}`, `{"a":`, `a,b`, `"a,b`, `<a b="c">d<e/></a>`, `<a`, `a=b,c=d`, `a="b`,
	`https://user:pw@example.com:8080/p/a.txt?q=1#f`, `://`, `http://[::1`, `Mozilla/5.0 (X11; Linux x86_64) Firefox/115.0`, `2024-02-29T00:00:00Z`,
}

func fuzzSeeds(t testing.TB) []plog.Logs {
	t.Helper()
	var values, bodies []func(plog.LogRecord)
	for i, v := range fuzzValues {
		other := fuzzValues[(i*7+3)%len(fuzzValues)]
		values = append(values, func(r plog.LogRecord) {
			require.NoError(t, r.Body().FromRaw(v))
			require.NoError(t, r.Attributes().PutEmpty("a").FromRaw(v))
			require.NoError(t, r.Attributes().PutEmpty("b").FromRaw(other))
			require.NoError(t, r.Attributes().PutEmpty("m").FromRaw(map[string]any{"k": []any{v}}))
		})
	}
	for _, body := range fuzzBodies {
		bodies = append(bodies, func(r plog.LogRecord) { r.Body().SetStr(body) })
	}
	seeds := []plog.Logs{plog.NewLogs(), doortest.Logs(), doortest.Logs(values...), doortest.Logs(bodies...)}

	seeds = append(seeds, doortest.Logs(
		func(r plog.LogRecord) { // the largest of everything
			r.SetTimestamp(math.MaxUint64)
			r.SetObservedTimestamp(math.MaxInt64)
			r.SetSeverityNumber(math.MaxInt32)
			r.SetFlags(math.MaxUint32)
			r.SetDroppedAttributesCount(math.MaxUint32)
		},
		func(r plog.LogRecord) {
			r.SetTimestamp(1)
			r.SetSeverityNumber(math.MinInt32)
			r.SetSeverityText("\xff")
			r.SetEventName("\xfe")
			r.SetTraceID(pcommon.TraceID{1})
			r.SetSpanID(pcommon.SpanID{1})
		},
	))

	many := doortest.Logs(func(r plog.LogRecord) {
		r.Attributes().EnsureCapacity(10_000)
		for i := range 10_000 {
			r.Attributes().PutInt(fmt.Sprint("key", i), int64(i))
		}
		r.Attributes().PutStr("a", "the last")
	})
	seeds = append(seeds, many)

	deep := doortest.Logs(func(r plog.LogRecord) {
		s := r.Attributes().PutEmptySlice("a")
		m := r.Body().SetEmptyMap()
		for range 100 {
			s = s.AppendEmpty().SetEmptySlice()
			m = m.PutEmptyMap("m")
		}
	})
	seeds = append(seeds, deep)

	// Resources and scopes with every value, more records than a chunk holds, and more
	// series than the limit allows.
	wide := plog.NewLogs()
	for i, v := range fuzzValues {
		rl := wide.ResourceLogs().AppendEmpty()
		require.NoError(t, rl.Resource().Attributes().PutEmpty("a").FromRaw(v))
		rl.Resource().Attributes().PutStr("n\xff", "v")
		sl := rl.ScopeLogs().AppendEmpty()
		sl.Scope().SetName("s\xff")
		require.NoError(t, sl.Scope().Attributes().PutEmpty("a").FromRaw(v))
		for k := range 20 {
			sl.LogRecords().AppendEmpty().Attributes().PutInt("a", int64(i*k))
		}
	}
	return append(seeds, wide)
}
