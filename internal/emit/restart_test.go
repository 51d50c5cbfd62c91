// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package emit_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/doortest"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/emit"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/labels"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/overhead"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/series"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/state"
)

type recorder struct{}

func (recorder) Emitted(int) {}
func (recorder) Lost(int)    {}
func (recorder) Failed()     {}

// The wall clock steps back by an hour while nothing runs. A life that emitted nothing, one
// that did, and one that counted only: times rise over all of them, and every start lies
// before its point (B25).
func TestB25WallClockStepsBackOverARestart(t *testing.T) {
	for _, delta := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			host, sink := doortest.NewHost(nil), new(consumertest.MetricsSink)
			list, err := labels.NewList(nil)
			require.NoError(t, err)
			for life, emits := range []bool{false, true, false, true} {
				table := labels.NewTable(list, labels.NewResources())
				family := series.NewFamily(&series.Definition{Name: "n", Delta: delta}, table)
				client, err := host.Storage.GetClient(t.Context(), component.KindProcessor, doortest.ID, "")
				require.NoError(t, err)
				st := state.New(state.Settings{
					Client: client, Annotations: []state.Annotation{{Family: family}},
					Failed: func() { t.Error("a save failed") }, Status: func(error) {}, Logger: zap.NewNop(), Restoring: zap.NewNop(),
				})
				core, logs := observer.New(zap.WarnLevel)
				f := emit.New(emit.Settings{
					Store: series.NewStore([]*series.Family{family}), Interval: time.Second, Recorder: recorder{},
					Status:   func(error) {},
					Counters: overhead.NewCounters(1), Logger: zap.New(core),
					Now: func() time.Time { return time.Now().Add(-time.Duration(life) * time.Hour) },
				})
				f.Start(emit.Writer{}, st)
				if emits {
					f.Attach(sink)
				}
				d := series.NewDelta(family.Definition())
				d.Grow(1)
				d.Add(series.Sample{})
				var tuples labels.Tuples
				tuple := list.Tuple(labels.NewResource(nil), "")
				tuples.Add(&tuple)
				table.Resolve(&tuples)
				d.Seal()
				require.Equal(t, int64(1), family.Commit(d, &tuples, 0).Matched)
				time.Sleep(1500 * time.Millisecond)
				synctest.Wait()
				f.Stop(t.Context())
				f.Settle()
				st.Close()
				assert.Equal(t, life > 0, logs.FilterMessageSnippet("the wall clock is behind").Len() > 0, "it says so")
			}
			var last pcommon.Timestamp
			var sum int64
			for _, md := range sink.AllMetrics() {
				dp := md.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().At(0).Sum().DataPoints().At(0)
				assert.Less(t, dp.StartTimestamp(), dp.Timestamp())
				assert.Greater(t, dp.Timestamp(), last)
				last = dp.Timestamp()
				if sum += dp.IntValue(); !delta {
					sum = dp.IntValue()
				}
			}
			assert.Equal(t, int64(4), sum)
		})
	}
}
