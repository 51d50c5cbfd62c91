// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/otel/attribute"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/columns"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/config"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/metadata"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/overhead"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/telemetry"
)

func newTestEngine(t testing.TB, annotations []config.Annotation, options ...Option) *Engine {
	t.Helper()
	cfg := config.Default()
	cfg.Interval = time.Hour
	cfg.Annotations = annotations
	for i := range annotations {
		annotations[i].InitialZero = new(bool)
	}
	set := componenttest.NewNopTelemetrySettings()
	b, err := metadata.NewTelemetryBuilder(set)
	require.NoError(t, err)
	e, err := New(cfg, set, &telemetry.Instruments{
		Builder:           b,
		Component:         attribute.String("processor", "annotation_metrics"),
		EmittedDatapoints: b.EmittedDatapoints,
		LostDatapoints:    b.LostDatapoints,
		EmissionFailures:  b.EmissionFailures,
		StorageFailures:   b.StorageFailures,
	}, options...)
	require.NoError(t, err)
	require.NoError(t, e.Start(Host{}))
	t.Cleanup(func() { e.Shutdown(t.Context()) })
	return e
}

// count stages and commits ld, and returns the outcomes of annotation 0 in it.
func count(t testing.TB, e *Engine, ld plog.Logs) [overhead.NumOutcomes]int64 {
	before := e.counters.Snapshot().Annotations[0].Records
	ld.MarkReadOnly()
	e.Stage(t.Context(), ld).Commit()
	after := e.counters.Snapshot().Annotations[0].Records
	for outcome := range after {
		after[outcome] -= before[outcome]
	}
	return after
}

func logsOf(n int, fill func(i int, r plog.LogRecord)) plog.Logs {
	ld := plog.NewLogs()
	records := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords()
	for i := range n {
		fill(i, records.AppendEmpty())
	}
	return ld
}

// learned returns what the scratch that is free keeps of label values.
func learned(t testing.TB, e *Engine) int {
	require.Len(t, e.scratches.free, 1)
	return e.scratches.free[0].size()
}

// What one batch needed of label values, tuples and resources is not kept for good, and
// what was learned and forgotten is counted right when it comes again.
func TestNothingKeepsWhatOneBatchNeeded(t *testing.T) {
	e := newTestEngine(t, []config.Annotation{{
		Metric: "m", Labels: []config.Label{{Name: "a"}, {Name: "b"}}, ResourceAttributes: &[]string{"*"},
	}})
	flood := func(from, n int) plog.Logs {
		return logsOf(n, func(i int, r plog.LogRecord) {
			r.Attributes().PutStr("a", fmt.Sprint("value-", from+i))
			r.Attributes().PutInt("b", int64(from+i))
		})
	}
	for _, n := range []int{1, 100_000, 1, 100_000} {
		assert.EqualValues(t, n, count(t, e, flood(0, n))[overhead.Matched])
		assert.LessOrEqual(t, learned(t, e), maxLearned(e.plan))
	}
	// Batch after batch of ever new values.
	for i := range 40 {
		assert.EqualValues(t, 5000, count(t, e, flood(i*5000, 5000))[overhead.Matched])
		assert.LessOrEqual(t, learned(t, e), maxLearned(e.plan))
	}
	// Long ones, and resources.
	long := logsOf(300, func(i int, r plog.LogRecord) {
		r.Attributes().PutStr("a", strings.Repeat("x", 1<<18)+strconv.Itoa(i))
	})
	assert.EqualValues(t, 300, count(t, e, long)[overhead.Matched])
	many := plog.NewLogs()
	for i := range 20_000 {
		rl := many.ResourceLogs().AppendEmpty()
		rl.Resource().Attributes().PutStr("r", strings.Repeat("x", 500)+strconv.Itoa(i))
		rl.ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
	}
	assert.EqualValues(t, 20_000, count(t, e, many)[overhead.Matched])
	assert.LessOrEqual(t, learned(t, e), maxLearned(e.plan))
}

// A batch of many tuples at many annotations is not kept for the next one, whatever became of it.
func TestLargeBatchesAreNotKept(t *testing.T) {
	var annotations []config.Annotation
	for i := range 20 {
		annotations = append(annotations, config.Annotation{
			Metric: fmt.Sprint("m", i), Type: config.TypeHistogram, Unit: "s", Value: `attributes["v"]`,
			Labels: []config.Label{{Name: "a"}}, Condition: fmt.Sprintf(`attributes["v"] != %d`, i+2),
		})
	}
	e := newTestEngine(t, annotations)
	many := func(n int) plog.Logs {
		return logsOf(n, func(i int, r plog.LogRecord) {
			r.Attributes().PutInt("a", int64(i))
			r.Attributes().PutInt("v", 1)
		})
	}
	e.Stage(t.Context(), many(16_000)).Refuse()
	assert.Empty(t, e.batches.free)
	e.Stage(t.Context(), many(10)).Refuse()
	require.Len(t, e.batches.free, 1)
	assert.LessOrEqual(t, e.batches.free[0].size(), maxStaged(e.plan))
}

// What was wrong with a record may quote it, and is not kept until the next batch.
func TestErrorsAreNotKept(t *testing.T) {
	const number = `Double(body)`
	e := newTestEngine(t, []config.Annotation{
		{Metric: "condition", Condition: number + " > 5"},
		{Metric: "value", Value: number},
		{Metric: "label", Labels: []config.Label{{Name: "l", Value: number}}},
	})
	outcomes := count(t, e, logsOf(1, func(_ int, r plog.LogRecord) { r.Body().SetStr("no number") }))
	require.EqualValues(t, 1, outcomes[overhead.ConditionError])
	s := e.scratches.free[0]
	for i := range s.conditions {
		assert.NoError(t, s.conditions[i].Err)
	}
	for i := range s.values {
		assert.NoError(t, s.values[i].Err)
	}
	for _, enc := range s.encoders {
		assert.NoError(t, enc.Err)
	}
}

// The type of a label is that of the record that makes the series, not of one that another
// resource, or a batch that was refused, came with before.
func TestLabelTypesAreOfTheirBatch(t *testing.T) {
	e := newTestEngine(t, []config.Annotation{{Metric: "m", Labels: []config.Label{{Name: "code"}}}})
	with := func(service string, code any) plog.Logs {
		ld := logsOf(1, func(_ int, r plog.LogRecord) { require.NoError(t, r.Attributes().PutEmpty("code").FromRaw(code)) })
		ld.ResourceLogs().At(0).Resource().Attributes().PutStr("service.name", service)
		return ld
	}
	e.Stage(t.Context(), with("a", "200")).Refuse()
	e.Stage(t.Context(), with("a", int64(200))).Commit()
	e.Stage(t.Context(), with("b", 200.0)).Commit()
	e.Stage(t.Context(), with("c", "200")).Commit()
	e.Stage(t.Context(), with("a", "200")).Commit() // the same series
	sink := new(consumertest.MetricsSink)
	e.Attach(sink)
	e.Detach(t.Context())
	got := map[string]any{}
	for _, rm := range sink.AllMetrics()[0].ResourceMetrics().All() {
		service, _ := rm.Resource().Attributes().Get("service.name")
		dps := rm.ScopeMetrics().At(0).Metrics().At(0).Sum().DataPoints()
		require.Equal(t, 1, dps.Len())
		code, _ := dps.At(0).Attributes().Get("code")
		got[service.Str()] = code.AsRaw()
	}
	assert.Equal(t, map[string]any{"a": int64(200), "b": 200.0, "c": "200"}, got)
}

// An annotation that matches nothing is billed for nearly nothing of what the others cost,
// wherever it stands.
func TestNobodyPaysForOthers(t *testing.T) {
	condition := `attributes["v"] < 0`
	e := newTestEngine(t, []config.Annotation{
		{Metric: "idle", Condition: condition, Value: `attributes["w"]`, Labels: []config.Label{{Name: "b"}}},
		{Metric: "busy", Labels: []config.Label{{Name: "a"}}, Value: `attributes["v"]`, Type: config.TypeGauge},
		{Metric: "busy2", Labels: []config.Label{{Name: "a"}, {Name: "b"}}},
	})
	ld := plog.NewLogs()
	for i := range 5000 {
		rl := ld.ResourceLogs().AppendEmpty()
		rl.Resource().Attributes().PutStr("service.name", fmt.Sprint("s", i))
		r := rl.ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
		r.Attributes().PutStr("a", fmt.Sprint("a", i))
		r.Attributes().PutStr("b", fmt.Sprint("b", i))
		r.Attributes().PutInt("v", int64(i))
	}
	ld.MarkReadOnly()
	for range 20 {
		e.Stage(t.Context(), ld).Commit()
	}
	s := e.counters.Snapshot()
	for _, stage := range []overhead.Stage{overhead.StageExtract, overhead.StageEmit} {
		total := s.Shared[stage]
		for _, a := range s.Annotations {
			total += a.Time[stage]
		}
		// A pause of the garbage collector may hit anybody; a bill that is wrong was half of it.
		assert.Less(t, s.Annotations[0].Time[stage], total/5, "%v of %d ns", stage, total)
	}
}

// However many annotations there are, what their values need is learned once.
func TestManyListsAreLearnedOnce(t *testing.T) {
	var annotations []config.Annotation
	for i := range 150 {
		annotations = append(annotations, config.Annotation{
			Metric: fmt.Sprint("m", i), Labels: []config.Label{{Name: "a", Default: strconv.Itoa(i)}, {Name: "b"}, {Name: "c"}},
		})
	}
	e := newTestEngine(t, annotations)
	ld := logsOf(1000, func(i int, r plog.LogRecord) {
		r.Attributes().PutInt("a", int64(i%30))
		r.Attributes().PutInt("b", int64(i%19))
		r.Attributes().PutInt("c", int64(i%7))
	})
	ctx := t.Context()
	assert.Less(t, testing.AllocsPerRun(3, func() { e.Stage(ctx, ld).Commit() }), 1000.0)
}

// Chunks in which every record has other attributes, of other types, 10,000 of them, or a
// body of 10 MB.
func TestUncommonRecords(t *testing.T) {
	e := newTestEngine(t, []config.Annotation{{
		Metric:    "m",
		Condition: `(attributes["a1"] != nil or attributes["a2"] == 5 or IsMatch(body, "^needle")) and attributes["a1"] != "x"`,
		Labels: []config.Label{
			{Name: "a0"},
			{Name: "a1"},
			{Name: "a2"},
			{Name: "a3"},
			{Name: "a4"},
			{Name: "a5"},
			{Name: "a6"},
			{Name: "a7"},
			{Name: "a8"},
			{Name: "a9"},
			{Name: "body", Value: "body"},
		},
	}})
	wild := logsOf(1500, func(i int, r plog.LogRecord) {
		for k := range i % 7 {
			v := r.Attributes().PutEmpty(fmt.Sprint("a", (i+k*3)%12))
			switch (i + k) % 5 {
			case 0:
				v.SetInt(5)
			case 1:
				v.SetStr("x")
			case 2:
				v.SetEmptyMap().PutInt("k", int64(i%3))
			case 3:
				v.SetDouble(5)
			}
		}
	})
	want := 0
	for _, r := range wild.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().All() {
		a1, has := r.Attributes().Get("a1")
		a2, ok := r.Attributes().Get("a2")
		if !ok {
			a2 = pcommon.NewValueEmpty()
		}
		five := a2.Type() == pcommon.ValueTypeInt && a2.Int() == 5 || a2.Type() == pcommon.ValueTypeDouble && a2.Double() == 5
		if (has && a1.Type() != pcommon.ValueTypeEmpty || five) && (!has || a1.Type() != pcommon.ValueTypeStr) {
			want++
		}
	}
	require.Greater(t, want, 100)
	assert.EqualValues(t, want, count(t, e, wild)[overhead.Matched])

	large := logsOf(3, func(i int, r plog.LogRecord) {
		for k := range 10_000 {
			r.Attributes().PutInt(fmt.Sprint("a", k+i), int64(i))
		}
		r.Body().SetStr("needle" + strings.Repeat("x", 10<<20))
	})
	outcomes := count(t, e, large)
	assert.EqualValues(t, 3, outcomes[overhead.Matched])
	assert.EqualValues(t, 3, e.counters.Snapshot().Annotations[0].Truncated, "the body is a label, cut")
}

// A batch whose values were seen before costs no memory, whatever its size.
func TestSteadyStateAllocatesNothing(t *testing.T) {
	e := newTestEngine(t, []config.Annotation{
		{Metric: "a", Condition: `attributes["n"] >= 2 and attributes["s"] != "x"`, Labels: []config.Label{{Name: "s"}}},
		{Metric: "b", Labels: []config.Label{{Name: "s"}, {Name: "n"}}},
		{Metric: "c", Type: config.TypeHistogram, Unit: "s", Value: `attributes["d"]`, Labels: []config.Label{{Name: "n"}}},
		{Metric: "d", Type: config.TypeGauge, Value: `Int(attributes["s"])`},
	})
	for _, n := range []int{1, 100, 2000} {
		ld := logsOf(n, func(i int, r plog.LogRecord) {
			r.Attributes().PutStr("s", strconv.Itoa(i%7))
			r.Attributes().PutInt("n", int64(i%5))
			r.Attributes().PutDouble("d", float64(i%11)/2)
		})
		ctx := t.Context()
		assert.Zero(t, testing.AllocsPerRun(20, func() { e.Stage(ctx, ld).Commit() }), "batches of %d", n)
	}
}

// Where annotations share all that they need, the clock is read once for each stage of a
// chunk, and once to begin.
func TestClockReadings(t *testing.T) {
	e := newTestEngine(t, []config.Annotation{
		{Metric: "a", Condition: `attributes["n"] > 1`, Labels: []config.Label{{Name: "n"}}},
		{Metric: "b", Condition: `attributes["n"] > 1`, Labels: []config.Label{{Name: "n"}}},
	})
	reads := 0
	e.clock = func() int64 { reads++; return overhead.Now() }
	for _, chunks := range []int{1, 2, 10} {
		ld := logsOf(chunks*columns.Size, func(i int, r plog.LogRecord) { r.Attributes().PutInt("n", int64(i%5)) })
		reads = 0
		e.Stage(t.Context(), ld).Refuse()
		assert.Equal(t, 1+4*chunks+2, reads, "2 of them when the batch ends")
	}
}

// Without accounting no time is booked, and all else is.
func TestWithoutAccounting(t *testing.T) {
	for _, on := range []bool{true, false} {
		var options []Option
		if !on {
			options = append(options, WithoutAccounting())
		}
		e := newTestEngine(t, []config.Annotation{{Metric: "m"}}, options...)
		ld := logsOf(1000, func(int, plog.LogRecord) {})
		assert.EqualValues(t, 1000, count(t, e, ld)[overhead.Matched])
		var total int64
		s := e.counters.Snapshot()
		for stage := range s.Shared {
			total += s.Shared[stage] + s.Annotations[0].Time[stage]
		}
		assert.Equal(t, on, total > 0)
	}
}
