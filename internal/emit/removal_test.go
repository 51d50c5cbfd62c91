// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package emit

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.uber.org/zap"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/labels"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/overhead"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/series"
)

// A batch that has found its tuples keeps their series where they are until it is committed:
// the ID of a tuple that went away meanwhile could be another's by then (B8).
func TestB8RemovalWaitsForCommits(t *testing.T) {
	list, err := labels.NewList(nil)
	require.NoError(t, err)
	table := labels.NewTable(list, labels.NewResources())
	family := series.NewFamily(&series.Definition{Name: "n", Delta: true, ExpireAfter: time.Nanosecond}, table)
	store := series.NewStore([]*series.Family{family})
	sink := new(consumertest.MetricsSink)
	f := New(Settings{
		Store: store, Interval: time.Millisecond, Recorder: nopRecorder{}, Status: func(error) {}, Counters: overhead.NewCounters(1), Logger: zap.NewNop(), Now: time.Now,
	})
	f.Start(Writer{}, nil)
	f.Attach(sink)
	store.BeginCommit()
	count(t, family, table)
	// In real time: nothing but the lock holds the removal up.
	require.Eventually(t, func() bool { return family.Expired() == 1 }, time.Minute, time.Millisecond)
	assert.Never(t, func() bool { return family.Series() == 0 }, 30*time.Millisecond, time.Millisecond)
	assert.Equal(t, 1, table.Len())
	store.EndCommit()
	require.Eventually(t, func() bool { return family.Series() == 0 && table.Len() == 0 }, time.Minute, time.Millisecond)
	f.Stop(t.Context())
	assert.Equal(t, 1, sink.DataPointCount())
}
