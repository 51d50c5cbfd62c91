// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/config"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/conservation"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/doortest"
)

// limitModel is a limit as a user understands it: who comes first has a series, a series that
// is idle for too long gives its place to whoever comes next, and all others are overflow.
type limitModel struct {
	limit      int
	seen       map[string]time.Time // by user with a series: the last record
	counts     counted
	overflowed int64
	expired    int64
	overflow   time.Time // the last record of the overflow series, zero if there is none
}

func (m *limitModel) record(user string) {
	if _, ok := m.seen[user]; !ok && len(m.seen) == m.limit {
		m.overflowed++
		m.overflow = time.Now()
		name := `n{otel.metric.overflow="true"}`
		m.counts[name] = conservation.Total{Sum: m.counts[name].Sum + 1}
		return
	}
	m.seen[user] = time.Now()
	m.counts.add("n", user, 0, 1)
}

// emit is an emission that is accepted.
func (m *limitModel) emit(expireAfter time.Duration) {
	for user, last := range m.seen {
		if time.Since(last) >= expireAfter {
			delete(m.seen, user)
			m.expired++
		}
	}
	if !m.overflow.IsZero() && time.Since(m.overflow) >= expireAfter {
		m.overflow = time.Time{}
		m.expired++
	}
}

// A limit is reached, recovers as series expire, and is reached again, many times: every record
// is where a plain model has it, and at no time are there more series than the limit and one.
func TestB15LimitRecovers(t *testing.T) {
	for seed := range uint64(6) {
		for _, temporality := range []config.Temporality{config.TemporalityCumulative, config.TemporalityDelta} {
			t.Run(fmt.Sprint(temporality, " ", seed), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { recoverLimit(t, temporality, seed) })
			})
		}
	}
}

func recoverLimit(t *testing.T, temporality config.Temporality, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 15))
	model := limitModel{limit: 1 + rng.IntN(12), seen: map[string]time.Time{}, counts: counted{}}
	a := perUser
	a.InitialZero = new(seed%2 == 1)
	cfg := settings(t, temporality, a)
	cfg.SeriesLimit, cfg.ExpireAfter = model.limit, interval*5/2
	sink := &metricsConsumer{}
	d := doortest.Connector(t, cfg, sink)
	full, roomy := 0, 0
	for range 300 {
		// Times of many users and times of few follow each other.
		of := 1 + rng.IntN(4)
		if rng.IntN(3) == 0 {
			of = 4 * model.limit
		}
		for range rng.IntN(10) {
			user := fmt.Sprint("u", rng.IntN(of))
			model.record(user)
			require.NoError(t, d.ConsumeLogs(t.Context(), users(user)))
		}
		tick()
		model.emit(cfg.ExpireAfter)
		require.Equal(t, int64(len(model.seen)), selfMetric(t, d, "series"))
		require.Equal(t, model.overflowed, selfMetric(t, d, "overflowed_records"))
		require.Equal(t, model.expired, selfMetric(t, d, "expired_series"))
		if len(model.seen) == model.limit {
			full++
		} else {
			roomy++
		}
	}
	require.NoError(t, d.Shutdown())
	ledger := conservation.Of(sink.AllMetrics()...)
	require.NoError(t, ledger.Err())
	assert.Equal(t, model.counts, counted(ledger.Series()))
	assert.Equal(t, int64(0), selfMetric(t, d, "lost_datapoints"))
	assert.Positive(t, roomy)
	assert.Positive(t, full)
	assert.Positive(t, model.overflowed)
	t.Logf("limit %d: full %d times of %d, %d records overflowed, %d series expired", model.limit, full, full+roomy, model.overflowed, model.expired)
}
