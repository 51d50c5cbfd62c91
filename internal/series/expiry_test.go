// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package series

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// ending is a family whose emissions a test takes step by step.
type ending struct {
	*Family
	snapshot *Snapshot
	clock    time.Duration
}

func newEnding(t testing.TB, def Definition) *ending {
	def.ExpireAfter = time.Minute
	f := newTestFamily(t, def)
	f.birth = 1
	return &ending{Family: f, snapshot: NewSnapshot(f)}
}

func (e *ending) commit(samples ...sample) { commitAt(e.Family, e.clock, samples...) }

func (e *ending) take(now pcommon.Timestamp) {
	e.snapshot.Take(Moment{Time: now, Clock: int64(e.clock), Saving: true})
}

// live returns what is left of the emission, without ends, and its slots.
func (e *ending) live() (pmetric.Metric, []Point) {
	m := pmetric.NewMetric()
	e.snapshot.Describe(m)
	var points []Point
	for _, ok := e.snapshot.Next(); ok; _, ok = e.snapshot.Next() {
		e.snapshot.Points(func(p Point) {
			e.snapshot.Write(p, m)
			points = append(points, p)
		})
	}
	return m, points
}

// ends returns the points that say which series have ended, and their slots.
func (e *ending) ends() (pmetric.Metric, []uint32) {
	m := pmetric.NewMetric()
	e.snapshot.Describe(m)
	var slots []uint32
	for e.snapshot.NextEnd() {
		e.snapshot.Ends(func(p Point) {
			e.snapshot.WriteEnd(p, m)
			slots = append(slots, p.Slot)
		})
	}
	return m, slots
}

// emission takes all of an emission.
func (e *ending) emission(now pcommon.Timestamp) (live, ends pmetric.Metric, ended []uint32) {
	e.take(now)
	live, _ = e.live()
	ends, ended = e.ends()
	return live, ends, ended
}

// What begins while an emission is under way begins at its time, and so it waits for the
// next one: also in a slot that was vacant, and also what returns.
func TestLivesThatBeginDuringAnEmissionWait(t *testing.T) {
	for _, def := range []Definition{
		{},
		{Delta: true},
		{InitialZero: true},
		{Type: Histogram, Boundaries: []float64{1}},
		{Type: ExponentialHistogram, MaxSize: 20, Delta: true},
	} {
		for _, accepted := range []bool{true, false} {
			t.Run(fmt.Sprint(def, accepted), func(t *testing.T) {
				e := newEnding(t, def)
				e.commit(sample{user: "a", value: 1}, sample{user: "b", value: 1})
				for now := pcommon.Timestamp(10); now < 40; now += 10 {
					_, points := e.snapshotOf(now)
					e.MarkBegun(zerosOf(points))
				}
				e.clock += time.Minute
				e.commit(sample{user: "b", value: 1})
				_, _, ended := e.emission(40)
				require.Equal(t, []uint32{0}, ended)
				if accepted {
					e.Remove(ended)
				}

				e.take(50)
				e.commit(sample{user: "a", value: 1})
				require.EqualValues(t, 2, e.n, "in its old slot")
				live, _ := e.live()
				for _, s := range spansOf(live) {
					assert.Less(t, s.start, s.time)
				}
				assert.NotContains(t, spansOf(live), "a")
				_, again := e.ends()
				assert.Empty(t, again, "it lives")
				assert.Equal(t, 1, e.Unsent())
				assert.Contains(t, e.snapshot.Saved().Slots, uint32(0), "what is saved has the life that the emission lacks")

				live, points := e.snapshotOf(60)
				want := span{50, 60}
				assert.Equal(t, want, spansOf(live)["a"])
				e.MarkBegun(zerosOf(points))
				if def.InitialZero {
					live, _ = e.snapshotOf(70)
					assert.Equal(t, map[string]float64{"a": 1, "b": 2}, values(live))
				}
				assert.Zero(t, e.Unsent())
			})
		}
	}
}

func (e *ending) snapshotOf(now pcommon.Timestamp) (pmetric.Metric, []Point) {
	e.take(now)
	return e.live()
}

// zerosOf returns the slots of the zeros among points.
func zerosOf(points []Point) []uint32 {
	var slots []uint32
	for _, p := range points {
		if p.Fresh {
			slots = append(slots, p.Slot)
		}
	}
	return slots
}

type span struct{ start, time pcommon.Timestamp }

// spansOf returns start and time of each point of a sum or histogram, by label.
func spansOf(m pmetric.Metric) map[string]span {
	found := map[string]span{}
	put := func(attributes pcommon.Map, start, time pcommon.Timestamp) {
		user, _ := attributes.Get("user")
		found[user.Str()] = span{start, time}
	}
	switch m.Type() {
	case pmetric.MetricTypeSum:
		for _, dp := range m.Sum().DataPoints().All() {
			put(dp.Attributes(), dp.StartTimestamp(), dp.Timestamp())
		}
	case pmetric.MetricTypeHistogram:
		for _, dp := range m.Histogram().DataPoints().All() {
			put(dp.Attributes(), dp.StartTimestamp(), dp.Timestamp())
		}
	case pmetric.MetricTypeExponentialHistogram:
		for _, dp := range m.ExponentialHistogram().DataPoints().All() {
			put(dp.Attributes(), dp.StartTimestamp(), dp.Timestamp())
		}
	}
	return found
}

// A series that had expired before a restart ends after it, also if series do not expire any
// more; and if it returns its new life begins later than that.
func TestRestoredEnds(t *testing.T) {
	e := newEnding(t, Definition{})
	e.commit(sample{user: "a"})
	e.emission(10)
	e.clock += time.Minute
	_, _, ended := e.emission(20)
	require.Equal(t, []uint32{0}, ended)
	later := &ending{Family: newTestFamily(t, Definition{})}
	later.snapshot = NewSnapshot(later.Family)
	e.blocks[0].dirty = true // as if the emission had not been saved
	e.Dirty(Moment{Time: 20}, func(saved *Saved) {
		require.Equal(t, Restored{Series: 1}, later.Restore(saved, e.Geometry(), Moment{Time: 20}))
	})
	later.EndRestore(false)
	live, ends, ended := later.emission(30)
	assert.Empty(t, spansOf(live))
	assert.Equal(t, map[string]span{"a": {1, 30}}, spansOf(ends))
	later.commit(sample{user: "a"})
	later.Remove(ended)
	live, _, _ = later.emission(40)
	assert.Equal(t, map[string]span{"a": {31, 40}}, spansOf(live))
	assert.Equal(t, map[string]float64{"a": 1}, values(live))
}
