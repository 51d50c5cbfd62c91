// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package conservation

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// at is a point of the metric m of one user.
type at struct {
	start, time pcommon.Timestamp
	value       int64
	end         bool
}

const (
	cumulative = pmetric.AggregationTemporalityCumulative
	delta      = pmetric.AggregationTemporalityDelta
)

// of returns a payload for each point; temporality 0 makes it a gauge.
func of(temporality pmetric.AggregationTemporality, monotonic bool, points ...at) []pmetric.Metrics {
	var all []pmetric.Metrics
	for _, p := range points {
		md := pmetric.NewMetrics()
		m := md.ResourceMetrics().AppendEmpty().ScopeMetrics().AppendEmpty().Metrics().AppendEmpty()
		m.SetName("m")
		var dp pmetric.NumberDataPoint
		if temporality == 0 {
			dp = m.SetEmptyGauge().DataPoints().AppendEmpty()
		} else {
			s := m.SetEmptySum()
			s.SetAggregationTemporality(temporality)
			s.SetIsMonotonic(monotonic)
			dp = s.DataPoints().AppendEmpty()
		}
		dp.Attributes().PutStr("user", "a")
		dp.SetStartTimestamp(p.start)
		dp.SetTimestamp(p.time)
		dp.SetIntValue(p.value)
		dp.SetFlags(pmetric.DefaultDataPointFlags.WithNoRecordedValue(p.end))
		all = append(all, md)
	}
	return all
}

// What a series may say, and what that adds up to.
func TestLedgerAddsUp(t *testing.T) {
	for name, test := range map[string]struct {
		payloads []pmetric.Metrics
		want     float64
		lives    int
	}{
		"the last value of every life": {of(cumulative, true, at{1, 5, 0, false}, at{1, 10, 3, false}, at{1, 20, 7, false}, at{1, 30, 0, true}, at{31, 40, 2, false}), 9, 2},
		"a life without an end":        {of(cumulative, true, at{1, 10, 7, false}, at{11, 40, 2, false}), 9, 2},
		"all deltas":                   {of(delta, true, at{1, 10, 3, false}, at{10, 20, 7, false}, at{35, 40, 2, false}), 12, 1},
		"what is repeated, once":       {of(delta, true, at{1, 10, 3, false}, at{10, 20, 7, false}, at{1, 10, 3, false}, at{10, 20, 7, false}), 10, 1},
		"what goes up and down":        {of(cumulative, false, at{1, 10, 3, false}, at{1, 20, -7, false}), -7, 1},
	} {
		l := Of(test.payloads...)
		require.NoError(t, l.Check(map[string]Total{"m": {Sum: test.want}}), name)
		assert.Equal(t, map[string]Total{`m{user="a"}`: {Sum: test.want}}, l.Series(), name)
		assert.Len(t, l.Lives()[`m{user="a"}`], test.lives, name)
		require.Error(t, l.Check(map[string]Total{"m": {Sum: test.want + 1}}), name)
		require.Error(t, l.Check(nil), name)
	}
	gauge := Of(of(0, false, at{0, 10, 3, false}, at{0, 20, 0, true}, at{0, 30, 1, false})...)
	require.NoError(t, gauge.Check(map[string]Total{}))
	assert.Equal(t, []Life{{End: 30, Points: 2, First: Total{Sum: 3}}}, gauge.Lives()[`m{user="a"}`])
}

// What a series must not say.
func TestLedgerObjects(t *testing.T) {
	for want, payloads := range map[string][]pmetric.Metrics{
		"another point at this time":  of(delta, true, at{1, 10, 3, false}, at{1, 10, 4, false}),
		"there was a point at":        of(cumulative, true, at{1, 10, 3, false}, at{1, 9, 3, false}),
		"does not start before":       of(cumulative, true, at{10, 10, 3, false}),
		"goes back":                   of(cumulative, true, at{1, 10, 3, false}, at{1, 20, 2, false}),
		"the life before ended":       of(cumulative, true, at{1, 10, 3, false}, at{10, 20, 1, false}),
		"this life has ended":         of(cumulative, true, at{1, 10, 3, false}, at{1, 20, 0, true}, at{1, 30, 3, false}),
		"ends a life that never was":  of(cumulative, true, at{1, 10, 3, false}, at{11, 20, 0, true}),
		"the point before ended":      of(delta, true, at{1, 10, 3, false}, at{9, 20, 1, false}),
		"and is":                      append(of(delta, true, at{1, 10, 3, false}), of(cumulative, true, at{11, 20, 3, false})...),
		"metrics of type Summary are": {summary()},
		"the buckets sum to 3":        {histogram(4)},
	} {
		require.ErrorContains(t, Of(payloads...).Err(), want)
	}
	require.NoError(t, Of(histogram(3)).Check(map[string]Total{"m": {3, 5}}))
	var many []at
	for range 2 * maxErrs {
		many = append(many, at{1, 1, int64(len(many)), false})
	}
	require.ErrorContains(t, Of(of(cumulative, true, many...)...).Err(), "and 20 more")
}

func summary() pmetric.Metrics {
	md := pmetric.NewMetrics()
	md.ResourceMetrics().AppendEmpty().ScopeMetrics().AppendEmpty().Metrics().AppendEmpty().SetEmptySummary()
	return md
}

func histogram(count uint64) pmetric.Metrics {
	md := pmetric.NewMetrics()
	m := md.ResourceMetrics().AppendEmpty().ScopeMetrics().AppendEmpty().Metrics().AppendEmpty()
	m.SetName("m")
	h := m.SetEmptyHistogram()
	h.SetAggregationTemporality(cumulative)
	dp := h.DataPoints().AppendEmpty()
	dp.SetTimestamp(1)
	dp.SetCount(count)
	dp.SetSum(5)
	dp.BucketCounts().FromRaw([]uint64{1, 2})
	return md
}

func TestRecords(t *testing.T) {
	r := Records{}
	r.Add("m", Matched, 2)
	r.Add("m", Matched, 1)
	r.Add("m", "filtered", 1)
	require.NoError(t, r.Check(4, "m"))
	require.ErrorContains(t, r.Check(5, "m"), "the outcomes of m sum to 4")
	require.Error(t, r.Check(4, "m", "another"))

	counter := Of(of(cumulative, true, at{1, 10, 6, false})...)
	require.NoError(t, counter.CheckMatched(r, "m", 2))
	require.ErrorContains(t, counter.CheckMatched(r, "m", 1), "m counts 6 records, but 3 matched")
	require.NoError(t, Of(histogram(3)).CheckMatched(r, "m", 1))
	require.Error(t, new(Ledger).CheckMatched(r, "m", 1))
	require.NoError(t, new(Ledger).CheckMatched(Records{}, "m", 1))
}
