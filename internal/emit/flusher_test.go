// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package emit

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.uber.org/goleak"
	"go.uber.org/zap"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/labels"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/overhead"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/series"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

type nopRecorder struct{}

func (nopRecorder) Emitted(int) {}
func (nopRecorder) Lost(int)    {}
func (nopRecorder) Failed()     {}

// newFamily returns a family of int64 counters without labels, and its table.
func newFamily(t *testing.T, delta bool) (*series.Family, *labels.Table) {
	list, err := labels.NewList(nil)
	require.NoError(t, err)
	table := labels.NewTable(list, labels.NewResources())
	return series.NewFamily(&series.Definition{Name: "n", Delta: delta}, table), table
}

// count commits one record to the family.
func count(t *testing.T, family *series.Family, table *labels.Table) {
	d := series.NewDelta(family.Definition())
	d.Grow(1)
	d.Add(series.Sample{})
	var tuples labels.Tuples
	tuple := table.List().Tuple(&labels.Resource{}, "")
	tuples.Add(&tuple)
	table.Resolve(&tuples)
	d.Seal()
	require.Equal(t, int64(1), family.Commit(d, &tuples, 0).Matched)
}

// The wall clock steps back by an hour, and later by a year: times still rise, starts
// lie before them, and the chain of deltas has no gap (B25).
func TestB25WallClockStepsBack(t *testing.T) {
	for _, delta := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			family, table := newFamily(t, delta)
			store := series.NewStore([]*series.Family{family})
			var offset atomic.Int64 // of the wall clock
			sink := new(consumertest.MetricsSink)
			f := New(Settings{
				Store: store, Interval: time.Second, Recorder: nopRecorder{}, Status: func(error) {}, Counters: overhead.NewCounters(1), Logger: zap.NewNop(),
				Now: func() time.Time { return time.Now().Add(time.Duration(offset.Load())) },
			})
			start := pcommon.NewTimestampFromTime(time.Now())
			f.Start(Writer{}, nil)
			f.Attach(sink)
			for _, step := range []time.Duration{0, -time.Hour, 0, -365 * 24 * time.Hour, time.Hour, 0} {
				offset.Store(int64(step))
				count(t, family, table)
				time.Sleep(time.Second)
				synctest.Wait()
			}
			f.Stop(t.Context())
			payloads := sink.AllMetrics()
			require.GreaterOrEqual(t, len(payloads), 6)
			last := start
			for _, md := range payloads {
				dp := numberPoint(md)
				assert.Greater(t, dp.Timestamp(), last)
				assert.Less(t, dp.StartTimestamp(), dp.Timestamp())
				if delta {
					assert.Equal(t, last, dp.StartTimestamp())
				} else {
					assert.Equal(t, start, dp.StartTimestamp())
				}
				last = dp.Timestamp()
			}
		})
	}
}

func numberPoint(md pmetric.Metrics) pmetric.NumberDataPoint {
	return md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().At(0).Sum().DataPoints().At(0)
}

// Without a consumer nothing is emitted and nothing is lost; one that leaves and comes
// back gets everything, and none is called after it left.
func TestConsumerLeavesAndComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		family, table := newFamily(t, true)
		store := series.NewStore([]*series.Family{family})
		f := New(Settings{
			Store: store, Interval: time.Second, Recorder: nopRecorder{}, Status: func(error) {}, Counters: overhead.NewCounters(1), Logger: zap.NewNop(), Now: time.Now,
		})
		f.Start(Writer{}, nil)
		count(t, family, table)
		time.Sleep(5 * time.Second)
		first, second := new(consumertest.MetricsSink), new(consumertest.MetricsSink)
		f.Attach(first)
		count(t, family, table)
		f.Detach(t.Context())
		require.Equal(t, 1, first.DataPointCount())
		assert.Equal(t, int64(2), numberPoint(first.AllMetrics()[0]).IntValue())
		count(t, family, table)
		time.Sleep(5 * time.Second)
		f.Detach(t.Context()) // nobody is attached
		f.Attach(second)
		time.Sleep(time.Second)
		synctest.Wait()
		require.Equal(t, 1, second.DataPointCount())
		assert.Equal(t, int64(1), numberPoint(second.AllMetrics()[0]).IntValue())
		assert.Equal(t, numberPoint(first.AllMetrics()[0]).Timestamp(), numberPoint(second.AllMetrics()[0]).StartTimestamp())
		f.Stop(t.Context())
		f.Stop(t.Context())
		assert.Equal(t, 1, first.DataPointCount())
	})
}
