// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package series

import (
	"math"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/columns"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/labels"
)

// sample is one record: the text of its label, and its value.
type sample struct {
	user  string
	value float64
	time  pcommon.Timestamp
}

// commit commits one batch to f. What became unsent is left out of the result, for the
// tests that are not about it.
func commit(t testing.TB, f *Family, samples ...sample) Committed {
	c := commitBatch(t, f, samples...)
	c.Unsent = 0
	return c
}

func commitBatch(t testing.TB, f *Family, samples ...sample) Committed {
	schema := &columns.Schema{}
	list, err := labels.NewList([]labels.Definition{{Name: "user", Slot: schema.Attribute("user")}})
	require.NoError(t, err)
	tuples := labels.NewTuples(list, labels.NewSelector([]string{"service.name"}))
	ld := plog.NewLogs()
	rl := ld.ResourceLogs().AppendEmpty()
	rl.Resource().Attributes().PutStr("service.name", "shop")
	records := rl.ScopeLogs().AppendEmpty().LogRecords()
	for _, s := range samples {
		records.AppendEmpty().Attributes().PutStr("user", s.user)
	}
	delta := NewDelta(f.Definition())
	chunk := columns.NewChunk(schema)
	reader := columns.NewReader(ld)
	for n := 0; reader.Next(chunk); n += chunk.Len() {
		for i := range chunk.Len() {
			id, status, err := tuples.ID(t.Context(), chunk, i)
			require.NoError(t, err)
			require.Equal(t, labels.OK, status)
			delta.Grow(tuples.Len())
			s := samples[n+i]
			delta.Add(Sample{Slot: id, Value: s.value, Time: s.time})
		}
	}
	return f.Commit(delta, tuples)
}

func newTestFamily(def Definition) *Family {
	def.Name = "m"
	return NewStore([]*Definition{&def}).Families()[0]
}

// emit takes a snapshot and returns its metric, and each point's label.
func emit(f *Family, now pcommon.Timestamp) pmetric.Metric {
	s := NewSnapshot(f)
	s.Take(now)
	m := pmetric.NewMetric()
	s.Describe(m)
	s.Slots(func(slot uint32, _ *labels.Resource, _ bool) { s.Write(slot, m) })
	return m
}

// sums returns the points of a sum by label.
func values(m pmetric.Metric) map[string]float64 {
	found := map[string]float64{}
	for _, dp := range m.Sum().DataPoints().All() {
		user := "overflow"
		if v, ok := dp.Attributes().Get("user"); ok {
			user = v.Str()
		}
		found[user] = dp.DoubleValue() + float64(dp.IntValue())
	}
	return found
}

// At the limit new labels share one series, totals stay exact, and what has a series
// keeps it (B15).
func TestB15Limit(t *testing.T) {
	f := newTestFamily(Definition{Type: ValueCounter, Limit: 2})
	assert.Equal(t, Committed{Matched: 3, Overflowed: 1}, commit(t, f, sample{"a", 1, 0}, sample{"b", 2, 0}, sample{"c", 4, 0}))
	assert.Equal(t, Committed{Matched: 3, Overflowed: 2}, commit(t, f, sample{"d", 8, 0}, sample{"a", 16, 0}, sample{"c", 32, 0}))
	assert.Equal(t, 2, f.Series())
	assert.Equal(t, map[string]float64{"a": 17, "b": 2, "overflow": 44}, values(emit(f, 1)))
}

// However many labels come, the family holds limit + 1 series and no more keys (B15).
func TestB15LimitBoundsMemory(t *testing.T) {
	f := newTestFamily(Definition{Limit: 10})
	const n = 5000
	for i := range n {
		commit(t, f, sample{user: strconv.Itoa(i)})
	}
	assert.Len(t, f.index, 10)
	assert.Len(t, f.identities, 11)
	assert.LessOrEqual(t, cap(f.values.(*counts).n), 32)
	assert.Len(t, f.resources.byKey, 1)
	var sum float64
	for _, v := range values(emit(f, 1)) {
		sum += v
	}
	assert.InDelta(t, n, sum, 0)
}

// Cut labels are counted for each record that has them.
func TestTruncatedLabelsAreCounted(t *testing.T) {
	f := newTestFamily(Definition{})
	long := strings.Repeat("x", labels.MaxText+1)
	c := commit(t, f, sample{user: long}, sample{user: "a"}, sample{user: long})
	assert.Equal(t, Committed{Matched: 3, Truncated: 2}, c)
}

// A sum stays finite, also against what came in earlier batches, and only the value that
// would end that is left out.
func TestSumsStayFinite(t *testing.T) {
	for _, def := range []Definition{
		{Type: ValueCounter},
		{Type: UpDownCounter},
		{Type: Histogram, Boundaries: []float64{1}},
	} {
		f := newTestFamily(def)
		const most = math.MaxFloat64
		assert.Equal(t, Committed{Matched: 2, Invalid: 1}, commit(t, f, sample{"a", most, 0}, sample{"a", 1, 0}, sample{"a", most, 0}))
		assert.Equal(t, Committed{Matched: 3, Invalid: 1}, commit(t, f, sample{"a", 2, 0}, sample{"a", most, 0}, sample{"b", most, 0}, sample{"a", 3, 0}))
		// Also among values of every other magnitude.
		assert.Equal(t, Committed{Matched: 4, Invalid: 1}, commit(t, f, sample{"a", 1, 0}, sample{"a", 0x1p999, 0}, sample{"a", 2, 0}, sample{"a", 0x1p899, 0}, sample{"a", 3, 0}))
		if def.Type == UpDownCounter {
			assert.Equal(t, Committed{Matched: 2}, commit(t, f, sample{"a", -most, 0}, sample{"a", most, 0}))
		}
	}
	// A gauge has no sum, nor has a histogram of negative values.
	for _, def := range []Definition{{Type: Gauge}, {Type: Histogram, Boundaries: []float64{-1}}} {
		f := newTestFamily(def)
		assert.Equal(t, int64(2), commit(t, f, sample{"a", math.MaxFloat64, 0}, sample{"a", math.MaxFloat64, 0}).Matched)
	}
}

// The buckets of a histogram sum to its count, and a value equal to a boundary is below
// it (B14).
func TestB14Buckets(t *testing.T) {
	f := newTestFamily(Definition{Type: Histogram, Boundaries: []float64{0, 1, 10}})
	values := []float64{math.Copysign(0, -1), 0, math.SmallestNonzeroFloat64, 1, math.Nextafter(1, 2), 10, math.Nextafter(10, 11), math.MaxFloat64}
	var samples []sample
	for _, v := range values {
		samples = append(samples, sample{"a", v, 0})
	}
	commit(t, f, samples...)
	dp := emit(f, 1).Histogram().DataPoints().At(0)
	assert.Equal(t, []uint64{2, 2, 2, 2}, dp.BucketCounts().AsRaw())
	assert.Equal(t, uint64(len(values)), dp.Count())
	assert.Equal(t, []float64{0, 1, 10}, dp.ExplicitBounds().AsRaw())
	assert.True(t, dp.HasSum())
	assert.InDelta(t, math.MaxFloat64, dp.Sum(), 0)
}

// OTLP has no sum for a histogram of values that may be negative.
func TestHistogramOfNegativeValuesHasNoSum(t *testing.T) {
	f := newTestFamily(Definition{Type: Histogram, Boundaries: []float64{-1, 0}})
	commit(t, f, sample{"a", -5, 0}, sample{"a", 5, 0})
	assert.False(t, emit(f, 1).Histogram().DataPoints().At(0).HasSum())
}

func TestAllowsNegative(t *testing.T) {
	for _, test := range []struct {
		def  Definition
		want bool
	}{
		{Definition{Type: Counter}, false},
		{Definition{Type: ValueCounter}, false},
		{Definition{Type: UpDownCounter}, true},
		{Definition{Type: Gauge}, true},
		{Definition{Type: Histogram}, false},
		{Definition{Type: Histogram, Boundaries: []float64{0, 1}}, false},
		{Definition{Type: Histogram, Boundaries: []float64{-1, 1}}, true},
	} {
		assert.Equal(t, test.want, test.def.AllowsNegative(), "%+v", test.def)
	}
}

// Of two batches in flight the gauge keeps the value with the later event time, whichever
// is committed first.
func TestGaugeKeepsLatest(t *testing.T) {
	for _, order := range [][]sample{
		{{"a", 1, 10}, {"a", 2, 20}},
		{{"a", 2, 20}, {"a", 1, 10}},
	} {
		f := newTestFamily(Definition{Type: Gauge})
		for _, s := range order {
			commit(t, f, s)
		}
		dp := emit(f, 30).Gauge().DataPoints().At(0)
		assert.InDelta(t, 2, dp.DoubleValue(), 0)
		assert.Equal(t, pcommon.Timestamp(30), dp.Timestamp())
		assert.Zero(t, dp.StartTimestamp())
	}
}

func TestEventTime(t *testing.T) {
	const arrival = 100
	assert.Equal(t, pcommon.Timestamp(99), EventTime(99, arrival))
	assert.Equal(t, pcommon.Timestamp(arrival), EventTime(0, arrival))
	assert.Equal(t, pcommon.Timestamp(arrival), EventTime(101, arrival))
	assert.Equal(t, pcommon.Timestamp(arrival), EventTime(math.MaxUint64, arrival))
}

// A cumulative series starts at the emission before its first record; a delta point
// where the series' previous one ended, however long ago.
func TestStarts(t *testing.T) {
	type span struct{ start, time pcommon.Timestamp }
	spans := func(m pmetric.Metric) map[string]span {
		found := map[string]span{}
		for _, dp := range m.Sum().DataPoints().All() {
			user, _ := dp.Attributes().Get("user")
			found[user.Str()] = span{dp.StartTimestamp(), dp.Timestamp()}
		}
		return found
	}
	for _, delta := range []bool{false, true} {
		def := Definition{Name: "m", Delta: delta}
		store := NewStore([]*Definition{&def})
		store.Start(5)
		f := store.Families()[0]
		commit(t, f, sample{user: "a"})
		assert.Equal(t, map[string]span{"a": {5, 10}}, spans(emit(f, 10)))
		emit(f, 20)
		emit(f, 30)
		commit(t, f, sample{user: "a"}, sample{user: "b"})
		want := map[string]span{"a": {5, 40}, "b": {30, 40}}
		if delta {
			want = map[string]span{"a": {10, 40}, "b": {30, 40}}
		}
		assert.Equal(t, want, spans(emit(f, 40)))
	}
}

// What a snapshot holds does not change while the family goes on, and a delta family
// gives it away.
func TestSnapshotIsACopy(t *testing.T) {
	for _, delta := range []bool{false, true} {
		f := newTestFamily(Definition{Type: Histogram, Boundaries: []float64{1}, Delta: delta})
		commit(t, f, sample{"a", 1, 0})
		s := NewSnapshot(f)
		s.Take(1)
		commit(t, f, sample{"a", 1, 0}, sample{"b", 1, 0})
		m := pmetric.NewMetric()
		s.Describe(m)
		s.Slots(func(slot uint32, _ *labels.Resource, changed bool) {
			assert.True(t, changed)
			s.Write(slot, m)
		})
		require.Equal(t, 1, m.Histogram().DataPoints().Len())
		assert.Equal(t, uint64(1), m.Histogram().DataPoints().At(0).Count())

		next := emit(f, 2).Histogram().DataPoints()
		require.Equal(t, 2, next.Len())
		want := uint64(2)
		if delta {
			want = 1
		}
		assert.Equal(t, want, next.At(0).Count())
	}
}

// Unsent counts the series that no emission has shown, until one is accepted.
func TestUnsent(t *testing.T) {
	f := newTestFamily(Definition{})
	assert.Equal(t, 2, commitBatch(t, f, sample{user: "a"}, sample{user: "b"}, sample{user: "a"}).Unsent)
	assert.Equal(t, 1, commitBatch(t, f, sample{user: "a"}, sample{user: "c"}).Unsent, "a was unsent before")
	assert.Equal(t, 3, f.Unsent())
	emit(f, 1)
	assert.Equal(t, 0, f.Unsent())
	f.MarkUnsent([]uint32{1})
	assert.Equal(t, 1, f.Unsent())
	commit(t, f, sample{user: "b"})
	assert.Equal(t, 1, f.Unsent())
}

func TestFamilyConcurrentSafe(t *testing.T) {
	f := newTestFamily(Definition{Delta: true, Limit: 7})
	const goroutines, batches = 6, 200
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			for i := range batches {
				commit(t, f, sample{user: strconv.Itoa(i % 10)}, sample{user: strconv.Itoa(g)})
			}
		})
	}
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	var sum float64
	add := func(now pcommon.Timestamp) {
		for _, v := range values(emit(f, now)) {
			sum += v
		}
	}
	for now := pcommon.Timestamp(1); ; now++ {
		add(now)
		select {
		case <-done:
			add(now + 1)
			assert.InDelta(t, goroutines*batches*2, sum, 0)
			return
		default:
		}
	}
}

// After Reset a delta is as good as new, also where it shrinks.
func TestDeltaReset(t *testing.T) {
	for _, typ := range []Type{Counter, ValueCounter, UpDownCounter, Gauge, Histogram} {
		def := &Definition{Type: typ, Boundaries: []float64{1}}
		d := NewDelta(def)
		for _, tuples := range []int{3, maxKept + 1} {
			d.Grow(tuples)
			for slot := range uint32(tuples) {
				d.Add(Sample{Slot: slot, Value: 2, Time: 9})
				d.Add(Sample{Slot: slot, Value: math.MaxFloat64, Time: 9})
			}
			d.Reset()
			assert.LessOrEqual(t, cap(d.records), maxKept, "what one large batch needed is not kept")
			assert.Empty(t, d.used)
			assert.Empty(t, d.huge)
			d.Grow(3)
			fresh := NewDelta(def)
			fresh.Grow(3)
			assert.Equal(t, fresh.records, d.records[:3])
			m, want := pmetric.NewMetric(), pmetric.NewMetric()
			p := point{identity: &identity{}}
			d.values.describe(m, 0)
			d.values.write(2, m, p)
			fresh.values.describe(want, 0)
			fresh.values.write(2, want, p)
			assert.Equal(t, want, m)
		}
	}
}

// A series' key does not repeat its resource, however large that is, and equal labels of
// two resources are two series.
func TestKeysDoNotHoldResources(t *testing.T) {
	def := &Definition{Name: "m"}
	f := NewStore([]*Definition{def}).Families()[0]
	list, err := labels.NewList(nil)
	require.NoError(t, err)
	for range 2 {
		tuples := labels.NewTuples(list, labels.NewSelector([]string{"host.name"}))
		ld := plog.NewLogs()
		for _, host := range []string{"a", "b", strings.Repeat("c", 1000)} {
			rl := ld.ResourceLogs().AppendEmpty()
			rl.Resource().Attributes().PutStr("host.name", host)
			rl.ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
		}
		chunk := columns.NewChunk(&columns.Schema{})
		reader := columns.NewReader(ld)
		require.True(t, reader.Next(chunk))
		delta := NewDelta(def)
		for i := range chunk.Len() {
			id, _, err := tuples.ID(t.Context(), chunk, i)
			require.NoError(t, err)
			delta.Grow(tuples.Len())
			delta.Add(Sample{Slot: id})
		}
		require.Equal(t, int64(3), f.Commit(delta, tuples).Matched)
	}
	assert.Equal(t, 3, f.Series())
	for key := range f.index {
		assert.Less(t, len(key), 8)
	}
	for _, dp := range emit(f, 1).Sum().DataPoints().All() {
		assert.Equal(t, int64(2), dp.IntValue())
	}
}
