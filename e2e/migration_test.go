// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// beforeAfter is what a series says with another connector and with ours; nothing, if it
// does not have this series.
type beforeAfter struct{ before, after string }

// What connectors of others derive from the logs of the examples of migration, beside what
// ours derives: the same, but for what docs/migrating.md says.
func TestMigrationAgrees(t *testing.T) {
	for example, tc := range map[string]struct {
		connector string
		differs   map[string]beforeAfter
	}{
		"signal-to-metrics": {
			connector: "signal_to_metrics",
			differs: map[string]beforeAfter{
				// A text that is empty is a label to signal_to_metrics; to ours it is missing.
				`http.server.requests{method="GET",resource.service.name="shop",route="",status="200"}`:     {"1", ""},
				`http.server.requests{method="GET",resource.service.name="shop",route="none",status="200"}`: {"1", "2"},
				// It adds what is negative to a monotonic sum; ours does not.
				`http.server.sent{method="GET",resource.service.name="shop"}`: {"3992", "3993"},
				// Its gauge is the last record of a batch, ours the one with the latest time.
				`shop.stock{resource.service.name="shop"}`: {"36", "35"},
			},
		},
		"count": {
			connector: "count",
			differs: map[string]beforeAfter{
				// A text that is empty is a label to count; to ours it is missing, and required.
				`log.errors{code="E7",logger="",resource.host.name="node-1",resource.service.name="shop"}`: {"1", ""},
			},
		},
	} {
		t.Run(example, func(t *testing.T) {
			t.Parallel()
			theirs := runMigration(t, example, "before.yaml", tc.connector)
			ours := runMigration(t, example, "config.yaml", "annotation_metrics")
			require.NotEmpty(t, kinds(theirs.all()))
			require.Equal(t, kinds(theirs.all()), kinds(ours.all()))
			before, after := texts(theirs.points()), texts(ours.points())
			got := map[string]beforeAfter{}
			for series := range mergedKeys(before, after) {
				if before[series] != after[series] {
					got[series] = beforeAfter{before[series], after[series]}
				}
			}
			require.Equal(t, tc.differs, got)
			require.Greater(t, len(before), len(got), "nothing is the same")
		})
	}
}

func mergedKeys[V any](a, b map[string]V) map[string]V {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// One record that cannot be measured costs the connectors of others the metrics of its whole
// batch, and the sender is told that its logs were refused, although they have gone on.
// signal_to_metrics can be told otherwise, count cannot.
func TestMigrationOfARecordThatFails(t *testing.T) {
	const condition = `ToLowerCase(log.attributes["level"]) == "error"`
	batch := func() plog.Logs {
		return logs(attributes{"level": "ERROR"}, attributes{"id": 1}, attributes{"level": "error"})
	}
	want := map[string]string{`errors{resource.service.name="shop"}`: "2"}
	for connector, config := range map[string]string{
		"count":             "{logs: {errors: {conditions: ['%s']}}}",
		"signal_to_metrics": "{logs: [{name: errors, conditions: ['%s'], sum: {value: '1'}}]}",
	} {
		t.Run(connector, func(t *testing.T) {
			t.Parallel()
			p := runInProcess(t, connectorGraph(connector, fmt.Sprintf(config, condition)))
			require.ErrorContains(t, p.push("push").logs(t.Context(), batch()), "expected string but got nil")
			p.stop(t)
			require.Equal(t, 3, p.sunkLogs("logs_sink").records())
			require.Empty(t, p.metrics("metrics_sink").points())
		})
	}
	t.Run("signal_to_metrics with error_mode", func(t *testing.T) {
		t.Parallel()
		graph := connectorGraph("signal_to_metrics", fmt.Sprintf("{error_mode: ignore, logs: [{name: errors, conditions: ['%s'], sum: {value: '1'}}]}", condition))
		require.Equal(t, want, texts(derivedFrom(t, graph, []plog.Logs{batch()}).points()))
	})
	t.Run("annotation_metrics", func(t *testing.T) {
		t.Parallel()
		graph := connectorGraph("annotation_metrics", fmt.Sprintf("{annotations: [{metric: errors, condition: '%s'}]}", condition))
		require.Equal(t, want, texts(derivedFrom(t, graph, []plog.Logs{batch()}).points()))
	})
}

// A list of conditions is not one condition with `or` if an earlier one can fail: with
// error_mode signal_to_metrics goes on to the next condition, where `or` has failed. What
// cannot fail, or is guarded, first: then it is the same. count loses the batch.
func TestMigrationOfConditionsThatFail(t *testing.T) {
	const fails, guarded, aborted = `ToLowerCase(log.attributes["level"]) == "error"`,
		`(log.attributes["level"] != nil and ToLowerCase(log.attributes["level"]) == "error")`, `log.attributes["aborted"] == true`
	batch := func() plog.Logs {
		return logs(attributes{"level": "ERROR"}, attributes{"aborted": true}, attributes{"level": "info", "aborted": true})
	}
	const (
		signal   = `{error_mode: ignore, logs: [{name: stopped, conditions: ['%s', '%s'], sum: {value: '1', monotonic: true}}]}`
		annotate = `{annotations: [{metric: stopped, condition: '%s or %s'}]}`
		count    = `{logs: {stopped: {conditions: ['%s', '%s']}}}`
	)
	for name, tc := range map[string]struct {
		connector, config string
		conditions        [2]string
		want              string // nothing if the batch is refused
	}{
		"signal_to_metrics":                          {"signal_to_metrics", signal, [2]string{fails, aborted}, "3"},
		"annotation_metrics":                         {"annotation_metrics", annotate, [2]string{fails, aborted}, "2"},
		"annotation_metrics, what cannot fail first": {"annotation_metrics", annotate, [2]string{aborted, fails}, "3"},
		"annotation_metrics, guarded":                {"annotation_metrics", annotate, [2]string{guarded, aborted}, "3"},
		"count":                                      {"count", count, [2]string{fails, aborted}, ""},
		"count, what cannot fail first":              {"count", count, [2]string{aborted, fails}, "3"},
		"signal_to_metrics, what cannot fail first":  {"signal_to_metrics", signal, [2]string{aborted, fails}, "3"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			graph := connectorGraph(tc.connector, fmt.Sprintf(tc.config, tc.conditions[0], tc.conditions[1]))
			if tc.want == "" {
				p := runInProcess(t, graph)
				require.ErrorContains(t, p.push("push").logs(t.Context(), batch()), "expected string but got nil")
				p.stop(t)
				require.Empty(t, p.metrics("metrics_sink").points())
				return
			}
			want := map[string]string{`stopped{resource.service.name="shop"}`: tc.want}
			require.Equal(t, want, texts(derivedFrom(t, graph, []plog.Logs{batch()}).points()))
		})
	}
}

const (
	countAll          = "{logs: {records: }}"
	signalToCount     = "{logs: [{name: records, sum: {value: '1', monotonic: true}}]}"
	annotateRecords   = "{annotations: [{metric: records}]}"
	recordsOfTheShop  = `records{resource.service.name="shop"}`
	throughCumulative = "{processors: {deltatocumulative: }, service: {pipelines: {metrics: {processors: [deltatocumulative]}}}}"
)

// The points of count have the times of the records, so that deltatocumulative drops a
// batch whose records are older than those of the batch before.
func TestMigrationOfACountOfLateRecords(t *testing.T) {
	event := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	batches := func() []plog.Logs {
		var all []plog.Logs
		for _, late := range []time.Duration{0, time.Minute} {
			ld := logs(attributes{"id": 1})
			ld.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0).SetTimestamp(pcommon.NewTimestampFromTime(event.Add(-late)))
			all = append(all, ld)
		}
		return all
	}
	begin := time.Now()
	before := derivedFrom(t, connectorGraph("count", countAll), batches()).points()
	require.Len(t, before, 2)
	require.Equal(t, event, before[0].time.AsTime())
	require.Equal(t, event.Add(-time.Minute), before[1].time.AsTime())
	cumulative := derivedFrom(t, connectorGraph("count", countAll), batches(), throughCumulative)
	require.Equal(t, map[string]float64{recordsOfTheShop: 1}, cumulative.totals())

	after := derivedFrom(t, connectorGraph("annotation_metrics", annotateRecords), batches())
	require.Equal(t, map[string]float64{recordsOfTheShop: 2}, after.totals())
	for _, p := range after.points() {
		require.False(t, p.time.AsTime().Before(begin), "ours have the time of the emission")
	}
}

// A series that gets a whole number and then a fraction in one batch makes
// signal_to_metrics panic. Text that is a number is an error to it.
func TestMigrationOfASumOfMixedNumbers(t *testing.T) {
	batch := func() plog.Logs { return logs(attributes{"bytes": 10}, attributes{"bytes": 0.5}) }
	text := func() plog.Logs { return logs(attributes{"bytes": "2"}) }
	p := runInProcess(t, connectorGraph("signal_to_metrics", `{logs: [{name: sent, sum: {value: 'attributes["bytes"]'}}]}`))
	require.ErrorContains(t, p.push("push").logs(t.Context(), text()), "failed to parse sum OTTL value of type string")
	require.PanicsWithValue(t, "unexpected usage of sum datapoint, only double value expected", func() {
		_ = p.push("push").logs(t.Context(), batch())
	})

	after := derivedFrom(t, connectorGraph("annotation_metrics", `{annotations: [{metric: sent, value: 'attributes["bytes"]'}]}`),
		[]plog.Logs{batch(), text()})
	require.Equal(t, map[string]float64{`sent{resource.service.name="shop"}`: 12.5}, after.totals())
}

// What is a number, and what of it counts: to signal_to_metrics, which needs Double() for
// text, and to ours without and with it. An empty text means that there is no point.
func TestMigrationOfOddNumbers(t *testing.T) {
	for _, tc := range []struct {
		value                        any
		theirs, ours, oursWithDouble string
	}{
		{8, "8", "8", "8"},
		{"8", "8", "8", "8"},
		{"1e3", "1000", "1000", "1000"},
		{" 8 ", "", "8", ""},
		{".5", "0.5", "", "0.5"},
		{"5.", "5", "", "5"},
		{"NaN", "NaN", "", ""},
		{"Inf", "+Inf", "", ""},
		{"-4", "-4", "", ""},
		{-4, "-4", "", ""},
		{"n/a", "", "", ""},
	} {
		t.Run(fmt.Sprintf("%q", fmt.Sprint(tc.value)), func(t *testing.T) {
			t.Parallel()
			batch := []plog.Logs{logs(attributes{"n": tc.value})}
			const double, plain = `Double(attributes["n"])`, `attributes["n"]`
			for connector, cases := range map[string][]struct{ config, value, want string }{
				"signal_to_metrics": {
					{"{error_mode: ignore, logs: [{name: taken, sum: {value: '%s', monotonic: true}}]}", double, tc.theirs},
					{"{error_mode: ignore, logs: [{name: taken, histogram: {value: '%s', buckets: [10]}}]}", double, tc.theirs},
				},
				"annotation_metrics": {
					{"{annotations: [{metric: taken, value: '%s'}]}", plain, tc.ours},
					{"{annotations: [{metric: taken, value: '%s'}]}", double, tc.oursWithDouble},
					{"{annotations: [{metric: taken, type: histogram, buckets: [10], value: '%s'}]}", plain, tc.ours},
					{"{annotations: [{metric: taken, type: histogram, buckets: [10], value: '%s'}]}", double, tc.oursWithDouble},
				},
			} {
				for _, c := range cases {
					config := fmt.Sprintf(c.config, c.value)
					points := derivedFrom(t, connectorGraph(connector, config), batch).points()
					if c.want == "" {
						require.Empty(t, points, config)
						continue
					}
					require.NotEmpty(t, points, config)
					require.Equal(t, c.want, fmt.Sprint(points[len(points)-1].value), config)
				}
			}
		})
	}
}

// A label of more than 1,024 bytes is cut here, and stays whole there.
func TestMigrationOfALongLabel(t *testing.T) {
	batch := func() []plog.Logs { return []plog.Logs{logs(attributes{"path": "/" + strings.Repeat("x", 1024)})} }
	const whole, most = len(`records{path="/",resource.service.name="shop"}`) + 1024, len(`records{path="",resource.service.name="shop"}`) + 1024
	for connector, tc := range map[string]struct {
		config string
		want   int
	}{
		"count":              {"{logs: {records: {attributes: [{key: path}]}}}", whole},
		"signal_to_metrics":  {"{logs: [{name: records, attributes: [{key: path}], sum: {value: '1', monotonic: true}}]}", whole},
		"annotation_metrics": {"{annotations: [{metric: records, labels: [path]}]}", most},
	} {
		t.Run(connector, func(t *testing.T) {
			t.Parallel()
			points := derivedFrom(t, connectorGraph(connector, tc.config), batch()).points()
			require.NotEmpty(t, points)
			require.Len(t, withoutInstance(points[0].series), tc.want)
		})
	}
}

// A label that is a number once and then a text makes two points of count, and one series
// here.
func TestMigrationOfLabelsOfTwoTypes(t *testing.T) {
	batch := func() []plog.Logs { return []plog.Logs{logs(attributes{"code": 17}, attributes{"code": "17"})} }
	want := map[string]string{`records{code="17",resource.service.name="shop"}`: "2"}
	before := derivedFrom(t, connectorGraph("count", "{logs: {records: {attributes: [{key: code}]}}}"), batch()).points()
	require.Len(t, before, 2)
	require.Equal(t, want, texts(before))
	after := derivedFrom(t, connectorGraph("annotation_metrics", "{annotations: [{metric: records, labels: [code]}]}"), batch()).points()
	require.Equal(t, want, texts(after))
}

// What the metrics pipeline refuses, the connectors of others refuse, too, after the logs
// have gone on elsewhere: a sender that repeats them delivers them twice.
func TestMigrationWhereMetricsAreRefused(t *testing.T) {
	errRefused := errors.New("the backend is down")
	for connector, tc := range map[string]struct {
		config string
		want   error
	}{
		"count":              {config: countAll, want: errRefused},
		"signal_to_metrics":  {config: signalToCount, want: errRefused},
		"annotation_metrics": {config: "{interval: 1s, " + annotateRecords[1:]},
	} {
		t.Run(connector, func(t *testing.T) {
			t.Parallel()
			p := runInProcess(t, connectorGraph(connector, tc.config))
			metrics := p.metrics("metrics_sink")
			metrics.tell(func(context.Context, pmetric.Metrics) error { return errRefused })
			err := p.push("push").logs(t.Context(), logs(attributes{"id": 1}))
			require.ErrorIs(t, err, tc.want)
			require.Equal(t, 1, p.sunkLogs("logs_sink").records())
			waitFor(t, "an attempt", func() bool { return metrics.calls.Load() > 0 })
			metrics.tell(nil)
			p.stop(t)
			if tc.want != nil {
				require.Empty(t, metrics.points(), "lost, unless the sender repeats the logs")
				return
			}
			require.Equal(t, map[string]float64{recordsOfTheShop: 1}, metrics.totals())
		})
	}
}

// signal_to_metrics gives its points no start, and its resources an attribute that is
// another one at each start of the Collector.
func TestMigrationOfAStartTime(t *testing.T) {
	batch := func() []plog.Logs { return []plog.Logs{logs(attributes{"id": 1})} }
	var series []string
	for range 2 {
		points := derivedFrom(t, connectorGraph("signal_to_metrics", signalToCount), batch()).points()
		require.Len(t, points, 1)
		require.Zero(t, points[0].start)
		require.Contains(t, points[0].series, instanceLabel)
		series = append(series, points[0].series)
	}
	require.Len(t, slices.Compact(series), 2)
	require.Equal(t, withoutInstance(series[0]), withoutInstance(series[1]))

	for _, p := range derivedFrom(t, connectorGraph("annotation_metrics", annotateRecords), batch()).points() {
		require.NotZero(t, p.start)
		require.Equal(t, recordsOfTheShop, p.series)
	}
}
