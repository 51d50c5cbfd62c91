// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package expr

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/contexts/ottllog"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/ottl/ottlfuncs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
)

func newParser(t testing.TB) *Parser {
	t.Helper()
	p, err := NewParser(componenttest.NewNopTelemetrySettings())
	require.NoError(t, err)
	return p
}

// newTestParser returns a parser with one more function, Test.
func newTestParser(t testing.TB, test func(context.Context, *Record) (any, error)) *Parser {
	t.Helper()
	functions := ottlfuncs.StandardConverters[*Record]()
	functions["Test"] = ottl.NewFactory("Test", nil,
		func(ottl.FunctionContext, ottl.Arguments) (ottl.ExprFunc[*Record], error) { return test, nil })
	p, err := ottllog.NewParser(functions, componenttest.NewNopTelemetrySettings())
	require.NoError(t, err)
	return &Parser{ottl: p}
}

// newRecord returns a record that has every part that the tests read.
func newRecord(t testing.TB) *Record {
	t.Helper()
	ld := plog.NewLogs()
	rl := ld.ResourceLogs().AppendEmpty()
	rl.Resource().Attributes().PutStr("service.name", "shop")
	sl := rl.ScopeLogs().AppendEmpty()
	sl.Scope().SetName("library")
	r := sl.LogRecords().AppendEmpty()
	r.Body().SetStr("hello")
	r.SetSeverityNumber(plog.SeverityNumberError)
	r.SetSeverityText("ERROR")
	r.SetTimestamp(1_700_000_000_000_000_000)
	r.SetObservedTimestamp(1_700_000_001_000_000_000)
	r.SetTraceID(pcommon.TraceID{1})
	r.SetSpanID(pcommon.SpanID{2})
	r.SetEventName("event")
	r.SetFlags(plog.DefaultLogRecordFlags.WithIsSampled(true))
	r.Attributes().PutInt("n", 7)
	r.Attributes().PutStr("s", "text")
	r.Attributes().PutEmptyMap("m").PutEmptySlice("list").AppendEmpty().SetDouble(0.5)
	ld.MarkReadOnly()
	return ottllog.NewTransformContextPtr(rl, sl, r)
}

// TestPathSpellings: users of the filter processor write bare paths, users of the newer
// components paths with a context. Both mean the same.
func TestPathSpellings(t *testing.T) {
	p := newParser(t)
	r := newRecord(t)
	for path, want := range map[string]any{
		`attributes["n"]`:              int64(7),
		`attributes["s"]`:              "text",
		`attributes["m"]["list"][0]`:   0.5,
		`attributes["none"]`:           nil,
		`body`:                         "hello",
		`severity_number`:              int64(17),
		`severity_text`:                "ERROR",
		`time_unix_nano`:               int64(1_700_000_000_000_000_000),
		`observed_time_unix_nano`:      int64(1_700_000_001_000_000_000),
		`trace_id.string`:              "01000000000000000000000000000000",
		`span_id.string`:               "0200000000000000",
		`event_name`:                   "event",
		`flags`:                        int64(1),
		`Len(attributes)`:              int64(3),
		`Concat([severity_text], "-")`: "ERROR",
	} {
		t.Run(path, func(t *testing.T) {
			bare, err := p.Value(path)
			require.NoError(t, err)
			got, err := bare.Eval(t.Context(), r)
			require.NoError(t, err)
			assert.Equal(t, want, got)

			spelled, err := p.Value(withContext(path))
			require.NoError(t, err)
			got, err = spelled.Eval(t.Context(), r)
			require.NoError(t, err)
			assert.Equal(t, want, got, withContext(path))

			both, err := p.Condition(fmt.Sprintf("%s == %s", path, withContext(path)))
			require.NoError(t, err)
			match, err := both.Eval(t.Context(), r)
			require.NoError(t, err)
			assert.True(t, match)
		})
	}
	for path, want := range map[string]any{
		`resource.attributes["service.name"]`: "shop",
		`scope.name`:                          "library",
		`instrumentation_scope.name`:          "library",
	} {
		v, err := p.Value(path)
		require.NoError(t, err, path)
		got, err := v.Eval(t.Context(), r)
		require.NoError(t, err)
		assert.Equal(t, want, got, path)
	}
}

// withContext puts the context in front of the only path of an expression.
func withContext(text string) string {
	switch text {
	case `Len(attributes)`:
		return `Len(log.attributes)`
	case `Concat([severity_text], "-")`:
		return `Concat([log.severity_text], "-")`
	}
	return "log." + text
}

// TestNoEditors: an annotation measures a record and must not be able to change it.
func TestNoEditors(t *testing.T) {
	p := newParser(t)
	for _, text := range []string{`set(body, "x")`, `delete_key(attributes, "n")`, `append(attributes["a"], "b")`, `truncate_all(attributes, 1)`} {
		_, err := p.Value(text)
		require.Error(t, err, text)
		_, err = p.Condition(text)
		assert.Error(t, err, text)
	}
}

// TestSyntaxErrors tell where the mistake is.
func TestSyntaxErrors(t *testing.T) {
	p := newParser(t)
	_, err := p.Condition("body == \"a\" and\n  severity_number >=")
	assert.ErrorContains(t, err, "2:")
	_, err = p.Value(`attributes["a"`)
	assert.ErrorContains(t, err, "1:")
	for _, text := range []string{"", "   ", "body", "1", "and", `"a" = "b"`, "nowhere == 1", "None() == 1", "span.name == nil"} {
		_, err := p.Condition(text)
		assert.Error(t, err, text)
	}
	for _, text := range []string{"", "body == 1", "None()", "metric.name"} {
		_, err := p.Value(text)
		assert.Error(t, err, text)
	}
}

// TestPanic: what an expression panics with becomes an error, which does not quote the
// record, and the next evaluation is as good as new.
func TestPanic(t *testing.T) {
	panics := true
	for _, what := range []any{"a secret", errors.New("a secret"), 1} {
		p := newTestParser(t, func(context.Context, *Record) (any, error) {
			if panics {
				panic(what)
			}
			return int64(1), nil
		})
		r := newRecord(t)
		v, err := p.Value("Test()")
		require.NoError(t, err)
		c, err := p.Condition("Test() == 1")
		require.NoError(t, err)

		panics = true
		got, err := v.Eval(t.Context(), r)
		assert.Nil(t, got)
		require.Error(t, err)
		assert.NotContains(t, err.Error(), "secret")
		match, err := c.Eval(t.Context(), r)
		assert.False(t, match)
		require.Error(t, err)
		assert.NotContains(t, err.Error(), "secret")

		panics = false
		got, err = v.Eval(t.Context(), r)
		require.NoError(t, err)
		assert.EqualValues(t, 1, got)
		match, err = c.Eval(t.Context(), r)
		require.NoError(t, err)
		assert.True(t, match)
	}
}

// TestRuntimePanic: the panics of the runtime, such as of a nil pointer in a function,
// are no different.
func TestRuntimePanic(t *testing.T) {
	p := newTestParser(t, func(context.Context, *Record) (any, error) {
		var none *Record
		return none.GetLogRecord().Body().Str(), nil
	})
	v, err := p.Value("Test()")
	require.NoError(t, err)
	_, err = v.Eval(t.Context(), newRecord(t))
	assert.Error(t, err)
}

type keyOfContext struct{}

// TestRequestContext: functions and paths see the request's context, in which the
// client's metadata is.
func TestRequestContext(t *testing.T) {
	p := newTestParser(t, func(ctx context.Context, _ *Record) (any, error) {
		return ctx.Value(keyOfContext{}), nil
	})
	v, err := p.Value("Test()")
	require.NoError(t, err)
	c, err := p.Condition(`Test() == "client"`)
	require.NoError(t, err)
	ctx := context.WithValue(t.Context(), keyOfContext{}, "client")
	got, err := v.Eval(ctx, newRecord(t))
	require.NoError(t, err)
	assert.Equal(t, "client", got)
	match, err := c.Eval(ctx, newRecord(t))
	require.NoError(t, err)
	assert.True(t, match)
}

// TestConcurrentSafe: one parser, and one expression, serve all pipelines. It is for the
// race detector.
func TestConcurrentSafe(t *testing.T) {
	p := newParser(t)
	texts := []string{
		`IsMatch(body, "^h")`,
		`ExtractPatterns(body, "(?P<c>h)")["c"] == "h"`,
		`attributes["n"] * 2 > 3 and severity_number >= SEVERITY_NUMBER_ERROR`,
		`ParseJSON("{\"a\": 1}")["a"] == 1.0`,
		`FormatTime(log.time, "%Y") == "2023"`,
		`Sort(Split("b,a", ","))[0] == "a"`,
		`URL("http://a/b")["url.path"] == "/b"`,
		`UserAgent("curl/7.1")["user_agent.name"] == "curl"`,
		`cache["a"] == nil`,
	}
	var conditions []*Condition
	for _, text := range texts {
		c, err := p.Condition(text)
		require.NoError(t, err, text)
		conditions = append(conditions, c)
	}
	value, err := p.Value(`Concat([body, attributes["s"]], "-")`)
	require.NoError(t, err)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			r := newRecord(t)
			for range 50 {
				for i, c := range conditions {
					match, err := c.Eval(t.Context(), r)
					assert.NoError(t, err, texts[i])
					assert.True(t, match, texts[i])
				}
				got, err := value.Eval(t.Context(), r)
				assert.NoError(t, err)
				assert.Equal(t, "hello-text", got)
			}
			_, err := p.Condition(texts[0])
			assert.NoError(t, err)
		})
	}
	wg.Wait()
}

// TestReadOnly: evaluation does not write to a batch that others read.
func TestReadOnly(t *testing.T) {
	p := newParser(t)
	r := newRecord(t) // marked read-only: pdata panics when it is written to
	for _, text := range []string{
		`attributes["m"]["none"]["deeper"]`, `cache["x"]`, `attributes`, `resource.attributes`, `body`,
		`Keys(attributes)`, `ToKeyValueString(attributes)`, `Sort(attributes["m"]["list"])`,
	} {
		v, err := p.Value(text)
		require.NoError(t, err, text)
		_, err = v.Eval(t.Context(), r)
		assert.NoError(t, err, text)
	}
}
