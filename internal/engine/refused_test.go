// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/config"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/overhead"
)

// A million batches of new labels that are refused leave nothing behind: no series, no tuple,
// no resource, and what is learned of them stays within its bound. So a sender that is told to
// come again cannot fill a limit, nor the memory.
func TestRefusedBatchesLeaveNothing(t *testing.T) {
	batches := 1_000_000
	if testing.Short() || raceEnabled {
		batches = 100_000
	}
	e := newTestEngine(t, []config.Annotation{
		{Metric: "a", Labels: []config.Label{{Name: "user"}}},
		{Metric: "b", Labels: []config.Label{{Name: "user"}}, Value: `attributes["v"]`, Type: config.TypeHistogram, Buckets: []float64{1}},
	})
	ld := logsOf(1, func(_ int, r plog.LogRecord) {
		r.Attributes().PutStr("user", "")
		r.Attributes().PutInt("v", 1)
	})
	service := ld.ResourceLogs().At(0).Resource().Attributes().PutEmpty("service.name")
	user, _ := ld.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0).Attributes().Get("user")
	most := 0
	for i := range batches {
		user.SetStr(strconv.Itoa(i))
		service.SetStr(strconv.Itoa(i / 100))
		e.Stage(t.Context(), ld).Refuse()
		if i%1000 == 0 {
			most = max(most, learned(t, e))
		}
	}
	for _, table := range e.tables {
		assert.Zero(t, table.Len())
	}
	for _, family := range e.store.Families() {
		assert.Zero(t, family.Series())
		assert.Zero(t, family.Unsent())
	}
	assert.LessOrEqual(t, most, maxLearned(e.plan))
	assert.Len(t, e.batches.free, 1)
	s := e.counters.Snapshot()
	assert.EqualValues(t, batches, s.Refused)
	assert.Zero(t, s.Annotations[0].Records)
	assert.EqualValues(t, 1, count(t, e, ld)[overhead.Matched])
	assert.Equal(t, 1, e.tables[0].Len())
}

// Labels of a megabyte, and bytes that are no UTF-8, are cut and written out: what is kept of
// each is small, and all of them count.
func TestHugeLabels(t *testing.T) {
	e := newTestEngine(t, []config.Annotation{{Metric: "m", Labels: []config.Label{{Name: "user"}}}})
	const n = 20
	ld := logsOf(n, func(i int, r plog.LogRecord) {
		r.Attributes().PutStr("user", strings.Repeat("\xff", 1<<20)+strconv.Itoa(i))
	})
	assert.EqualValues(t, n, count(t, e, ld)[overhead.Matched])
	assert.Equal(t, n, e.store.Families()[0].Series())
	assert.EqualValues(t, n, e.counters.Snapshot().Annotations[0].Truncated)
	assert.LessOrEqual(t, learned(t, e), maxLearned(e.plan))
	view := e.tables[0].View()
	for id := range uint32(n) {
		assert.LessOrEqual(t, len(view.Text(id)), 1024+8)
	}
}

// A batch of a million label values is counted, under the limit, and its memory is not kept.
func TestManyValuesInOneBatch(t *testing.T) {
	n := 1_000_000
	if testing.Short() || raceEnabled {
		n = 100_000
	}
	e := newTestEngine(t, []config.Annotation{{Metric: "m", Labels: []config.Label{{Name: "user"}}}})
	ld := logsOf(n, func(i int, r plog.LogRecord) { r.Attributes().PutInt("user", int64(i)) })
	before := heap()
	b := e.Stage(t.Context(), ld)
	t.Logf("%d bytes for each value, staged", (int64(heap())-int64(before))/int64(n))
	runtime.KeepAlive(ld)
	b.Commit()
	assert.EqualValues(t, n, e.counters.Snapshot().Annotations[0].Records[overhead.Matched])
	assert.Equal(t, config.DefaultSeriesLimit, e.store.Families()[0].Series())
	assert.Equal(t, config.DefaultSeriesLimit, e.tables[0].Len())
	assert.EqualValues(t, n-config.DefaultSeriesLimit, e.counters.Snapshot().Annotations[0].Overflowed)
	assert.Equal(t, map[string]float64{"m": float64(n)}, emitted(t, e))
	assert.Empty(t, e.batches.free, "it was large")
	assert.LessOrEqual(t, learned(t, e), maxLearned(e.plan))
}

// heap returns how many bytes are in use.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
