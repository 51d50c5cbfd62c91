// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/config"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/doortest"
)

// ledger is what a plain program counts in the same records: by metric, service and
// user.
type ledger map[string]float64

// count adds the records of one final call.
func (l ledger) count(ld plog.Logs) {
	for _, rl := range ld.ResourceLogs().All() {
		service, _ := rl.Resource().Attributes().Get("service.name")
		for _, sl := range rl.ScopeLogs().All() {
			for _, r := range sl.LogRecords().All() {
				user, _ := r.Attributes().Get("user")
				key := service.AsString() + "/" + user.AsString()
				l["n "+key]++
				if v, ok := r.Attributes().Get("v"); ok && v.Int() >= 0 {
					l["v "+key] += float64(v.Int())
					l["h "+key]++
				}
			}
		}
	}
}

// read adds up what was emitted: all points of deltas, the last one of each cumulative
// series.
func read(payloads []pmetric.Metrics, temporality config.Temporality) ledger {
	l := ledger{}
	put := func(name string, resource, attributes pcommon.Map, v float64) {
		service, _ := resource.Get("service.name")
		user, _ := attributes.Get("user")
		key := name + " " + service.AsString() + "/" + user.AsString()
		if temporality == config.TemporalityDelta {
			v += l[key]
		}
		l[key] = v
	}
	for _, md := range payloads {
		for _, rm := range md.ResourceMetrics().All() {
			for _, m := range rm.ScopeMetrics().At(0).Metrics().All() {
				if m.Type() == pmetric.MetricTypeHistogram {
					for _, dp := range m.Histogram().DataPoints().All() {
						var n uint64
						for _, bucket := range dp.BucketCounts().AsRaw() {
							n += bucket
						}
						put("h", rm.Resource().Attributes(), dp.Attributes(), float64(n))
					}
					continue
				}
				for _, dp := range m.Sum().DataPoints().All() {
					put(m.Name(), rm.Resource().Attributes(), dp.Attributes(), float64(dp.IntValue())+dp.DoubleValue())
				}
			}
		}
	}
	return l
}

// outcome returns how many records came to an outcome at an annotation.
func outcome(t testing.TB, d *doortest.Door, annotation, outcome string) int64 {
	m, err := d.Telemetry.GetMetric("otelcol_" + d.Kind + "_annotation_metrics_records")
	require.NoError(t, err)
	for _, dp := range m.Data.(metricdata.Sum[int64]).DataPoints {
		a, _ := dp.Attributes.Value("annotation")
		o, _ := dp.Attributes.Value("outcome")
		if a.AsString() == annotation && o.AsString() == outcome {
			return dp.Value
		}
	}
	return 0
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
	expected, records := ledger{}, 0
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
	assert.Equal(t, int64(4*records), selfMetric(t, d, "records"))
	matched := outcome(t, d, "s", "matched")
	require.NoError(t, d.Shutdown())
	actual := read(sink.AllMetrics(), temporality)
	sampled := 0.0
	for key, v := range actual {
		if strings.HasPrefix(key, "s ") {
			assert.Zero(t, math.Mod(v, 3), key)
			sampled += v
			delete(actual, key)
		}
	}
	assert.Equal(t, float64(3*matched), sampled)
	assert.Equal(t, expected, actual)
	assert.Equal(t, int64(0), selfMetric(t, d, "lost_datapoints"))
}
