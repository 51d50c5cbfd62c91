// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package series

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// gaugeValues returns the points of a gauge by label.
func gaugeValues(m pmetric.Metric) map[string]float64 {
	found := map[string]float64{}
	for _, dp := range m.Gauge().DataPoints().All() {
		user, _ := dp.Attributes().Get("user")
		found[user.Str()] = dp.DoubleValue()
	}
	return found
}

// Of each interval there is the extreme of its own values, whatever came before, and
// nothing if there are none. Temporality does not matter.
func TestExtremesOfEachInterval(t *testing.T) {
	type found = map[string]float64
	for _, delta := range []bool{false, true} {
		lowest := newTestFamily(t, Definition{Type: MinGauge, Delta: delta})
		highest := newTestFamily(t, Definition{Type: MaxGauge, Delta: delta})
		for i, interval := range []struct {
			batches [][]sample
			low     found
			high    found
		}{
			{[][]sample{{{"a", 3, 9}, {"a", 5, 1}, {"b", -1, 0}}, {{"a", 4, 0}}}, found{"a": 3, "b": -1}, found{"a": 5, "b": -1}},
			{[][]sample{{{"a", 10, 0}}, {{"a", 8, 0}}}, found{"a": 8}, found{"a": 10}},
			{nil, found{}, found{}},
			{[][]sample{{{"b", -math.MaxFloat64, 0}}, {{"b", math.MaxFloat64, 0}, {"c", 0, 0}}}, found{"b": -math.MaxFloat64, "c": 0}, found{"b": math.MaxFloat64, "c": 0}},
			{[][]sample{{{"a", 1, 0}}}, found{"a": 1}, found{"a": 1}},
		} {
			for _, batch := range interval.batches {
				commit(lowest, batch...)
				commit(highest, batch...)
			}
			now := pcommon.Timestamp(i + 1)
			assert.Equal(t, interval.low, gaugeValues(emit(lowest, now)), "interval %d", i)
			assert.Equal(t, interval.high, gaugeValues(emit(highest, now)), "interval %d", i)
		}
	}
}

// What a snapshot took is nowhere else, so that it must be kept until it is accepted; a
// point has a time and no start.
func TestExtremesAreTransient(t *testing.T) {
	f := newTestFamily(t, Definition{Type: MaxGauge})
	commit(f, sample{"a", 1, 0})
	s := NewSnapshot(f)
	s.Take(Moment{Time: 7})
	assert.True(t, s.Transient())
	dp := write(s).Gauge().DataPoints().At(0)
	assert.Equal(t, pcommon.Timestamp(7), dp.Timestamp())
	assert.Zero(t, dp.StartTimestamp())
	assert.False(t, NewSnapshot(newTestFamily(t, Definition{Type: Gauge, Delta: true})).Transient())
}

// New slots are without values, also in memory that held some.
func TestExtremesGrow(t *testing.T) {
	for _, typ := range []Type{MinGauge, MaxGauge} {
		e, to := newExtremes(typ), newExtremes(typ)
		e.grow(100)
		for slot := range uint32(100) {
			assert.True(t, math.IsInf(e.value[slot], 0))
			e.add(Sample{Slot: slot, Value: float64(slot)}, 1)
		}
		e.copyTo(to, 100)
		e.copyTo(to, 10)
		require.Len(t, to.value, 10)
		to.grow(100)
		for slot := range uint32(100) {
			assert.Equal(t, slot >= 10, math.IsInf(to.value[slot], 0))
		}
		// A slot without values changes none.
		to.fold([]uint32{5}, to, []uint32{50}, 1, nil)
		assert.InDelta(t, 5, to.value[5], 0)
		to.fold([]uint32{50}, to, []uint32{5}, 1, nil)
		assert.InDelta(t, 5, to.value[50], 0)
	}
}
