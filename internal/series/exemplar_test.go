// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package series

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/labels"
)

// traced is one record of a trace, whose ID is n.
type traced struct {
	n       byte
	value   float64
	time    pcommon.Timestamp
	sampled bool
}

const arrival = 1000

// commitTraced commits one batch of one user's records.
func commitTraced(f *Family, records ...traced) {
	d := NewDelta(f.Definition())
	d.Grow(1)
	for _, r := range records {
		d.AddEach([]uint32{0}, []float64{r.value}, []pcommon.Timestamp{r.time})
		d.Offer(0, &Exemplar{
			Value: r.value, Time: r.time, Arrival: arrival, Sampled: r.sampled,
			TraceID: pcommon.TraceID{r.n}, SpanID: pcommon.SpanID{r.n},
		})
	}
	commitDelta(f, d, tuplesOf("a"))
}

func tuplesOf(users ...string) (tuples []labels.Tuple) {
	for _, user := range users {
		tuples = append(tuples, tupleOf(shop, user))
	}
	return tuples
}

// exemplars returns the exemplars of the only point of m.
func exemplars(t *testing.T, m pmetric.Metric) (found []traced) {
	for _, e := range exemplarsOf(m).All() {
		require.Equal(t, e.TraceID()[0], e.SpanID()[0])
		found = append(found, traced{n: e.TraceID()[0], value: e.DoubleValue() + float64(e.IntValue()), time: e.Timestamp()})
	}
	return found
}

// TestExemplars: of sums and gauges a point has the newest, of histograms the newest of each
// bucket, sorted by value; one of a sampled trace comes before one that is not, and each is
// sent once.
func TestExemplars(t *testing.T) {
	newest := []traced{{n: 1, value: 5, time: 100}, {n: 2, value: 3, time: 100, sampled: true}, {n: 3, value: 4, time: 100, sampled: true}, {n: 4, value: 2, time: 100}}
	for name, c := range map[string]struct {
		def     Definition
		records []traced
		want    []traced
	}{
		"counter":         {Definition{Type: Counter}, newest, []traced{{n: 3, value: 1, time: 100}}},
		"value counter":   {Definition{Type: ValueCounter}, newest, []traced{{n: 3, value: 4, time: 100}}},
		"updowncounter":   {Definition{Type: UpDownCounter}, newest, []traced{{n: 3, value: 4, time: 100}}},
		"gauge":           {Definition{Type: Gauge}, newest, []traced{{n: 3, value: 4, time: 100}}},
		"max":             {Definition{Type: MaxGauge}, newest, []traced{{n: 3, value: 4, time: 100}}},
		"none is sampled": {Definition{Type: Gauge}, []traced{{n: 1, value: 5, time: 100}, {n: 2, value: 3, time: 50}}, []traced{{n: 2, value: 3, time: 50}}},
		"histogram": {
			Definition{Type: Histogram, Boundaries: []float64{3, 4}},
			newest,
			[]traced{{n: 2, value: 3, time: 100}, {n: 3, value: 4, time: 100}, {n: 1, value: 5, time: 100}},
		},
		"exponential": {
			Definition{Type: ExponentialHistogram, MaxSize: 20},
			newest,
			[]traced{{n: 4, value: 2, time: 100}, {n: 2, value: 3, time: 100}, {n: 3, value: 4, time: 100}, {n: 1, value: 5, time: 100}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			c.def.Exemplars = true
			together, apart := newTestFamily(t, c.def), newTestFamily(t, c.def)
			commitTraced(together, c.records...)
			assert.Equal(t, c.want, exemplars(t, emit(together, 2000)))
			for _, r := range c.records {
				commitTraced(apart, r)
			}
			assert.Equal(t, c.want, exemplars(t, emit(apart, 2000)), "batch by batch")
			commit(apart, sample{"a", 1, 1})
			assert.Empty(t, exemplars(t, emit(apart, 3000)), "sent once")
		})
	}
}

// TestExemplarsOfExponentialHistograms are at most 20, those of sampled traces first.
func TestExemplarsOfExponentialHistograms(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 200 {
		f := newTestFamily(t, Definition{Type: ExponentialHistogram, MaxSize: 20, Exemplars: true})
		var records []traced
		sampled := 0
		for n := range 1 + rng.IntN(60) {
			r := traced{n: byte(n), value: 1 + rng.Float64(), time: 100, sampled: rng.IntN(4) == 0}
			if r.sampled {
				sampled++
			}
			records = append(records, r)
		}
		for rest := records; len(rest) > 0; {
			n := 1 + rng.IntN(len(rest))
			commitTraced(f, rest[:n]...)
			rest = rest[n:]
		}
		got := exemplars(t, emit(f, 2000))
		require.Len(t, got, min(maxExemplars, len(records)))
		of := map[byte]bool{}
		for i, e := range got {
			of[e.n] = true
			require.True(t, i == 0 || got[i-1].value <= e.value, "sorted")
		}
		// Those of sampled traces, the newest first; then the rest, the newest first.
		kept := 0
		for _, want := range []bool{true, false} {
			for i := len(records) - 1; i >= 0 && kept < maxExemplars; i-- {
				if records[i].sampled == want {
					require.True(t, of[records[i].n], "record %d of %d, %d sampled", i, len(records), sampled)
					kept++
				}
			}
		}
	}
}

// TestB24Exemplars: an event time counts only inside the interval; whatever it says, the
// exemplar of a record does not shut out later ones, and lies between the points.
func TestB24Exemplars(t *testing.T) {
	f := newTestFamily(t, Definition{Type: Gauge, Exemplars: true})
	emit(f, 500)
	for _, c := range []struct{ event, want pcommon.Timestamp }{
		{event: 501, want: 501}, {event: 500, want: 1000}, {event: 1, want: 1000}, {event: 999, want: 999}, {event: 1000, want: 1000},
	} {
		commitTraced(f, traced{n: 1, value: 1, time: c.event})
		assert.Equal(t, c.want, f.blocks[0].exemplars[0].cells[0].Time)
	}
	assert.Equal(t, []traced{{n: 1, value: 1, time: 900}}, exemplars(t, emit(f, 900)), "not later than its point")

	// The clock of the emissions is ahead of that of the arrivals.
	emit(f, 5000)
	commitTraced(f, traced{n: 1, value: 1, time: 900})
	assert.Equal(t, []traced{{n: 1, value: 1, time: 5001}}, exemplars(t, emit(f, 6000)), "not earlier than the point before")
}

// TestFreshExemplars wait for the point that says what they are examples of.
func TestFreshExemplars(t *testing.T) {
	f := newTestFamily(t, Definition{Type: ValueCounter, Exemplars: true, InitialZero: true})
	commitTraced(f, traced{n: 1, value: 7, time: 100})
	assert.Empty(t, exemplars(t, emit(f, 2000)))
	f.MarkBegun([]uint32{0})
	assert.Equal(t, []traced{{n: 1, value: 7, time: 100}}, exemplars(t, emit(f, 3000)))
}

// TestHugeExemplars: a value that may not count is none.
func TestHugeExemplars(t *testing.T) {
	f := newTestFamily(t, Definition{Type: ValueCounter, Exemplars: true})
	commitTraced(f, traced{n: 1, value: 7, time: 100}, traced{n: 2, value: 1e300, time: 100})
	assert.Equal(t, []traced{{n: 1, value: 7, time: 100}}, exemplars(t, emit(f, 2000)))
}
