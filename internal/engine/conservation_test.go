// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/config"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/conservation"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/doortest"
)

// counted is what a plain program counts in the same records, by series.
type counted map[string]conservation.Total

// count adds the records of one final call.
func (c counted) count(ld plog.Logs) {
	for _, rl := range ld.ResourceLogs().All() {
		service, _ := rl.Resource().Attributes().Get("service.name")
		for _, sl := range rl.ScopeLogs().All() {
			for _, r := range sl.LogRecords().All() {
				user, _ := r.Attributes().Get("user")
				add := func(metric string, count uint64, v float64) {
					name := fmt.Sprintf("%s{resource.service.name=%q,user=%q}", metric, service.Str(), user.Str())
					total := c[name]
					c[name] = conservation.Total{Count: total.Count + count, Sum: total.Sum + v}
				}
				add("n", 0, 1)
				if v, ok := r.Attributes().Get("v"); ok && v.Int() >= 0 {
					add("v", 0, float64(v.Int()))
					add("h", 1, float64(v.Int()))
				}
			}
		}
	}
}

// outcomes returns the door's self-metric `records`.
func outcomes(t testing.TB, d *doortest.Door) conservation.Records {
	m, err := d.Telemetry.GetMetric("otelcol_" + d.Kind + "_annotation_metrics_records")
	require.NoError(t, err)
	all := conservation.Records{}
	for _, dp := range m.Data.(metricdata.Sum[int64]).DataPoints {
		annotation, _ := dp.Attributes.Value("annotation")
		outcome, _ := dp.Attributes.Value("outcome")
		all.Add(annotation.AsString(), outcome.AsString(), dp.Value)
	}
	return all
}

func randomLogs(rng *rand.Rand) plog.Logs {
	ld := plog.NewLogs()
	for range rng.IntN(4) {
		rl := ld.ResourceLogs().AppendEmpty()
		rl.Resource().Attributes().PutStr("service.name", fmt.Sprint("s", rng.IntN(3)))
		rl.Resource().Attributes().PutInt("process.pid", rng.Int64())
		for range rng.IntN(3) {
			records := rl.ScopeLogs().AppendEmpty().LogRecords()
			n := rng.IntN(20)
			if rng.IntN(10) == 0 {
				n = rng.IntN(1200) // more than a chunk
			}
			for range n {
				r := records.AppendEmpty()
				r.Attributes().PutStr("user", fmt.Sprint("u", rng.IntN(8)))
				switch rng.IntN(4) {
				case 0:
				case 1:
					r.Attributes().PutInt("v", -1)
				default:
					r.Attributes().PutInt("v", rng.Int64N(1000))
				}
			}
		}
	}
	return ld
}

// Conservation: whatever the next consumers of logs and metrics answer, what is emitted
// is what a plain program counts in the records of final calls, series by series, and
// the outcomes of each annotation sum to those records. Of a sampled annotation it is three
// times what matched, whatever was chosen.
func TestConservation(t *testing.T) {
	for seed := range uint64(40) {
		for _, temporality := range []config.Temporality{config.TemporalityCumulative, config.TemporalityDelta} {
			t.Run(fmt.Sprint(temporality, " ", seed), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { conserve(t, rand.New(rand.NewPCG(seed, 7)), temporality) })
			})
		}
	}
}

func conserve(t *testing.T, rng *rand.Rand, temporality config.Temporality) {
	labels := []config.Label{{Name: "user"}}
	cfg := settings(t, temporality,
		config.Annotation{Metric: "n", Labels: labels},
		config.Annotation{Metric: "v", Labels: labels, Value: `attributes["v"]`},
		config.Annotation{Metric: "h", Labels: labels, Value: `attributes["v"]`, Type: config.TypeHistogram, Buckets: []float64{10, 500}},
		config.Annotation{Metric: "s", Labels: labels, Condition: `attributes["v"] != nil`, SampleRate: new(1.0 / 3)},
	)
	cfg.ErrorMode = config.ErrorModeSilent
	expected, records := counted{}, 0
	var answer error
	next, err := consumer.NewLogs(func(context.Context, plog.Logs) error { return answer })
	require.NoError(t, err)
	sink := &metricsConsumer{}
	d := doortest.Processor(t, cfg, next, sink)
	for range 30 {
		sink.setAnswer(nil)
		if rng.IntN(3) == 0 {
			sink.setAnswer(refuse)
		}
		for range rng.IntN(4) {
			ld := randomLogs(rng)
			answer = [...]error{nil, nil, errors.New("come again"), consumererror.NewPermanent(errors.New("never"))}[rng.IntN(4)]
			final := answer == nil || consumererror.IsPermanent(answer)
			require.Equal(t, answer, d.ConsumeLogs(t.Context(), ld))
			if final {
				expected.count(ld)
				records += ld.LogRecordCount()
			}
		}
		tick()
	}
	sink.setAnswer(nil)
	booked := outcomes(t, d)
	require.NoError(t, booked.Check(int64(records), "n", "v", "h", "s"))
	require.NoError(t, d.Shutdown())
	ledger := conservation.Of(sink.AllMetrics()...)
	require.NoError(t, ledger.Err())
	require.NoError(t, ledger.CheckMatched(booked, "s", 3))
	actual := ledger.Series()
	maps.DeleteFunc(actual, func(name string, total conservation.Total) bool {
		sampled := strings.HasPrefix(name, "s{")
		if sampled {
			assert.Zero(t, math.Mod(total.Sum, 3), name)
		}
		return sampled
	})
	assert.Equal(t, expected, counted(actual))
	assert.Equal(t, int64(0), selfMetric(t, d, "lost_datapoints"))
}
