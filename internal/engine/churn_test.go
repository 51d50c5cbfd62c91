// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/config"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/conservation"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/doortest"
)

// Thousands of series expire while several senders commit to them, at the same instants as
// emissions, to a consumer that takes its time and refuses some: the sum over all lives of
// every series is what came in, also where series share a table, where a limit turns them into
// overflow, and through a shutdown in the midst of it (B8).
func TestB8ExpiryRacesUpdates(t *testing.T) {
	for _, temporality := range []config.Temporality{config.TemporalityCumulative, config.TemporalityDelta} {
		for seed := range uint64(2) {
			t.Run(fmt.Sprint(temporality, " ", seed), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { churn(t, temporality, seed) })
			})
		}
	}
}

func churn(t *testing.T, temporality config.Temporality, seed uint64) {
	value, list := `attributes["v"]`, perUser.Labels
	cfg := settings(t, temporality,
		config.Annotation{Metric: "at_once", Labels: list},
		config.Annotation{Metric: "zero", Labels: list, InitialZero: new(true)},
		config.Annotation{Metric: "value", Labels: list, Value: value, ExpireAfter: new(2 * time.Second)},
		config.Annotation{Metric: "up_down", Labels: list, Value: value, Type: config.TypeUpDownCounter, ExpireAfter: new(time.Second)},
		config.Annotation{Metric: "histogram", Labels: list, Value: value, Type: config.TypeHistogram, Buckets: []float64{3}, InitialZero: new(true)},
		config.Annotation{Metric: "exponential", Labels: list, Value: value, Type: config.TypeExponentialHistogram, MaxSize: new(20)},
		config.Annotation{Metric: "minimum", Labels: list, Value: value, Type: config.TypeGauge, Aggregate: config.AggregateMin},
		config.Annotation{Metric: "limited", Labels: list, SeriesLimit: new(7)},
	)
	cfg.Interval, cfg.ExpireAfter = time.Second, time.Second
	sink := &metricsConsumer{}
	d := doortest.Connector(t, cfg, sink)
	answers := rand.New(rand.NewPCG(seed, 8))
	sink.setAnswer(func(ctx context.Context, md pmetric.Metrics) error { // by one goroutine
		switch answers.IntN(8) {
		case 0:
			return refuse(ctx, md)
		case 1:
			time.Sleep(time.Duration(answers.IntN(4)) * 500 * time.Millisecond)
		case 2:
			runtime.Gosched()
		}
		return nil
	})

	want := counted{}
	var mu sync.Mutex
	send := func(rng *rand.Rand) {
		var names []string
		values := map[string]float64{}
		counts := map[string]uint64{}
		var fill []func(plog.LogRecord)
		n, of := 1+rng.IntN(4), 80
		if rng.IntN(200) == 0 {
			n, of = 500, 800 // which takes a while to commit
		}
		for range n {
			user, v := fmt.Sprint("u", rng.IntN(of)), 1+rng.IntN(5)
			names = append(names, user)
			values[user] += float64(v)
			counts[user]++
			fill = append(fill, func(r plog.LogRecord) {
				r.Attributes().PutStr("user", user)
				r.Attributes().PutInt("v", int64(v))
			})
		}
		assert.NoError(t, d.ConsumeLogs(t.Context(), doortest.Logs(fill...)))
		mu.Lock()
		defer mu.Unlock()
		for user, n := range counts {
			want.add("at_once", user, 0, float64(n))
			want.add("zero", user, 0, float64(n))
			want.add("value", user, 0, values[user])
			want.add("up_down", user, 0, values[user])
			want.add("histogram", user, n, values[user])
			want.add("exponential", user, n, values[user])
		}
		want.add("limited", "all", 0, float64(len(names)))
	}
	var senders sync.WaitGroup
	for n := range uint64(4) {
		senders.Go(func() {
			rng := rand.New(rand.NewPCG(seed, n))
			for range 250 {
				time.Sleep(time.Duration(rng.IntN(6)) * 500 * time.Millisecond)
				for range 1 + rng.IntN(3) {
					send(rng)
				}
			}
		})
	}
	senders.Wait()
	expired := selfMetric(t, d, "expired_series")
	booked := outcomes(t, d)
	sink.setAnswer(nil)
	require.NoError(t, d.Shutdown())
	assert.Greater(t, expired, int64(10_000))

	ledger := conservation.Of(sink.AllMetrics()...)
	require.NoError(t, ledger.Err())
	limited := conservation.Total{}
	actual := counted{}
	for name, total := range ledger.Series() {
		if strings.HasPrefix(name, "limited{") {
			limited.Sum += total.Sum
			continue
		}
		actual[name] = total
	}
	actual.add("limited", "all", 0, limited.Sum)
	assert.Equal(t, want, actual)
	for _, metric := range []string{"at_once", "zero", "histogram", "exponential", "limited"} {
		assert.NoError(t, ledger.CheckMatched(booked, metric, 1))
	}
	for name, lives := range ledger.Lives() {
		for _, life := range lives {
			if temporality == config.TemporalityCumulative && (strings.HasPrefix(name, "zero{") || strings.HasPrefix(name, "histogram{")) {
				assert.Zero(t, life.First, name)
			}
		}
	}
	assert.Equal(t, int64(0), selfMetric(t, d, "lost_datapoints"))
}

// add adds to a series of one user.
func (c counted) add(metric, user string, count uint64, sum float64) {
	name := fmt.Sprintf("%s{user=%q}", metric, user)
	total := c[name]
	c[name] = conservation.Total{Count: total.Count + count, Sum: total.Sum + sum}
}
