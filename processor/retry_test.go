// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package processor_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/config"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/doortest"
)

var (
	errComeAgain = errors.New("come again")
	errNever     = consumererror.NewPermanent(errors.New("never"))
)

// tally is what a sender knows to have counted.
type tally struct {
	users            map[string]int64 // records
	sizes            map[string]int64 // sum of their sizes, of those that are valid
	records, refused int64
	valid, invalid   int64
}

func newTally() *tally {
	return &tally{users: map[string]int64{}, sizes: map[string]int64{}}
}

// count adds one call that counts.
func (c *tally) count(ld plog.Logs) {
	for _, r := range ld.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().All() {
		user, _ := r.Attributes().Get("user")
		size, _ := r.Attributes().Get("size")
		c.users[user.Str()]++
		c.records++
		if size.Int() < 0 {
			c.invalid++
			continue
		}
		c.valid++
		c.sizes[user.Str()] += size.Int()
	}
}

func (c *tally) add(o *tally) {
	for user, n := range o.users {
		c.users[user] += n
	}
	for user, n := range o.sizes {
		c.sizes[user] += n
	}
	c.records += o.records
	c.refused += o.refused
	c.valid += o.valid
	c.invalid += o.invalid
}

// answerKey is where a call's context has the answer of the next consumer, so that a
// sender's own random numbers decide about its calls, in whatever order calls come.
type answerKey struct{}

// The sender's batches and what becomes of them follow from its seed alone.
func sendAll(t *testing.T, d *doortest.Door, rng *rand.Rand, count config.Count) *tally {
	c := newTally()
	for range 1 + rng.IntN(4) {
		ld := doortest.Logs()
		records := ld.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords()
		for range rng.IntN(20) {
			r := records.AppendEmpty()
			r.Attributes().PutStr("user", fmt.Sprint("u", rng.IntN(6)))
			r.Attributes().PutInt("size", rng.Int64N(10)-1) // one in ten is no size
		}
		for final := false; !final; {
			var answer error
			switch n := rng.IntN(10); {
			case n < 3:
				answer = errComeAgain
			case n == 3:
				answer = errNever
			}
			assert.Equal(t, answer, d.ConsumeLogs(context.WithValue(t.Context(), answerKey{}, answer), ld))
			final = !errors.Is(answer, errComeAgain)
			switch {
			case final || count == config.CountSeen:
				c.count(ld)
			default:
				c.refused += int64(ld.LogRecordCount())
			}
		}
	}
	return c
}

// sums returns the totals by user of a counter: the last values, or the sums of deltas.
func sums(payloads []pmetric.Metrics, metric string, temporality config.Temporality) map[string]int64 {
	all := map[string]int64{}
	for _, md := range payloads {
		for _, rm := range md.ResourceMetrics().All() {
			for _, m := range rm.ScopeMetrics().At(0).Metrics().All() {
				if m.Name() != metric {
					continue
				}
				for _, dp := range m.Sum().DataPoints().All() {
					user, _ := dp.Attributes().Get("user")
					value := dp.IntValue() + int64(dp.DoubleValue())
					if temporality == config.TemporalityDelta {
						value += all[user.Str()]
					}
					all[user.Str()] = value
				}
			}
		}
	}
	return all
}

// selfMetrics returns the integer self-metrics by name, and there by annotation and
// outcome, without those that are zero. It collects once: this test has many runs.
func selfMetrics(t *testing.T, tel *componenttest.Telemetry) map[string]map[string]int64 {
	var collected metricdata.ResourceMetrics
	require.NoError(t, tel.Reader.Collect(t.Context(), &collected))
	all := map[string]map[string]int64{}
	for _, sm := range collected.ScopeMetrics {
		for _, m := range sm.Metrics {
			name := strings.TrimPrefix(m.Name, prefix)
			all[name] = map[string]int64{}
			points, _ := m.Data.(metricdata.Sum[int64])
			for _, dp := range points.DataPoints {
				annotation, _ := dp.Attributes.Value("annotation")
				outcome, _ := dp.Attributes.Value("outcome")
				if key := strings.TrimSpace(annotation.AsString() + " " + outcome.AsString()); dp.Value != 0 {
					all[name][key] = dp.Value
				}
			}
		}
	}
	return all
}

// nonzero leaves out what is zero.
func nonzero(all map[string]int64) map[string]int64 {
	maps.DeleteFunc(all, func(_ string, n int64) bool { return n == 0 })
	return all
}

// Several senders at once, a next consumer that refuses three calls in ten and one in ten
// for good, emissions all the while: each series holds exactly the records of the calls
// that are final, and with `seen` those of every call; so do the outcomes (B19).
func TestB19ConcurrentRetries(t *testing.T) {
	runs := uint64(2000)
	if testing.Short() {
		runs = 200
	}
	var calls, refused, permanent atomic.Int64
	next, err := consumer.NewLogs(func(ctx context.Context, _ plog.Logs) error {
		calls.Add(1)
		answer, _ := ctx.Value(answerKey{}).(error)
		switch {
		case consumererror.IsPermanent(answer):
			permanent.Add(1)
		case answer != nil:
			refused.Add(1)
		}
		return answer
	})
	require.NoError(t, err)
	for seed := range runs {
		count := []config.Count{config.CountAccepted, config.CountSeen}[seed%2]
		temporality := []config.Temporality{config.TemporalityCumulative, config.TemporalityDelta}[seed/2%2]
		// A test of its own, so that nothing of a run is kept for the next ones.
		require.True(t, t.Run(fmt.Sprint(seed, " ", count, " ", temporality), func(t *testing.T) {
			retryOnce(t, seed, count, temporality, next)
		}))
	}
	// The test is about refusals, so there must be some.
	assert.InDelta(t, 0.3, float64(refused.Load())/float64(calls.Load()), 0.05)
	assert.InDelta(t, 0.1, float64(permanent.Load())/float64(calls.Load()), 0.05)
}

func retryOnce(t *testing.T, seed uint64, count config.Count, temporality config.Temporality, next consumer.Logs) {
	users := []config.Label{{Name: "user"}}
	cfg := config.Default()
	cfg.Interval = time.Millisecond // below what a configuration may say: emissions in between
	cfg.Count, cfg.Temporality, cfg.ErrorMode = count, temporality, config.ErrorModeSilent
	cfg.Annotations = []config.Annotation{
		{Metric: "n", Labels: users},
		{Metric: "size", Labels: users, Value: `attributes["size"]`},
	}
	sink := new(consumertest.MetricsSink)
	d := doortest.Processor(t, cfg, next, sink)
	want := newTally()
	var mu sync.Mutex
	var senders sync.WaitGroup
	for n := range 2 + seed%3 {
		senders.Go(func() {
			c := sendAll(t, d, rand.New(rand.NewPCG(seed, n)), count)
			mu.Lock()
			defer mu.Unlock()
			want.add(c)
		})
	}
	senders.Wait()

	self := selfMetrics(t, d.Telemetry)
	assert.Equal(t, nonzero(map[string]int64{
		"n matched":          want.records,
		"size matched":       want.valid,
		"size value_invalid": want.invalid,
	}), self["records"])
	assert.Equal(t, nonzero(map[string]int64{"": want.refused}), self["refused_records"])
	require.NoError(t, d.Shutdown())
	assert.Equal(t, want.users, sums(sink.AllMetrics(), "n", temporality))
	got := sums(sink.AllMetrics(), "size", temporality)
	assert.True(t, maps.Equal(want.sizes, got), "sizes: want %v, got %v", want.sizes, got)
	assert.Zero(t, sum(t, d.Telemetry, prefix+"lost_datapoints"))
}
