// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package processor_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	collectorprocessor "go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/processor/processortest"
	collectorreceiver "go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/config"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/doortest"
	"github.com/annotationmetrics/annotationmetricsprocessor/processor"
	"github.com/annotationmetrics/annotationmetricsprocessor/receiver"
)

func counting(count config.Count) *config.Config {
	cfg := config.Default()
	cfg.Count = count
	cfg.Annotations = []config.Annotation{
		{Metric: "all", InitialZero: new(bool)},
		{Metric: "never", Condition: "false"},
	}
	return cfg
}

func logs(n int) plog.Logs {
	ld := plog.NewLogs()
	records := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords()
	for range n {
		records.AppendEmpty()
	}
	return ld
}

// sum returns the self-metric's value over all points that have the attributes.
func sum(t *testing.T, tel *componenttest.Telemetry, name string, attributes ...string) int64 {
	m, err := tel.GetMetric(name)
	require.NoError(t, err)
	var total int64
points:
	for _, dp := range m.Data.(metricdata.Sum[int64]).DataPoints {
		for i := 0; i < len(attributes); i += 2 {
			found := false
			for _, kv := range dp.Attributes.ToSlice() {
				found = found || string(kv.Key) == attributes[i] && kv.Value.AsString() == attributes[i+1]
			}
			if !found {
				continue points
			}
		}
		total += dp.Value
	}
	return total
}

const prefix = "otelcol_processor_annotation_metrics_"

// total returns the value of the metric's only point, 0 if there is none.
func total(payloads []pmetric.Metrics, metric string) int64 {
	var value int64
	for _, md := range payloads {
		for _, rm := range md.ResourceMetrics().All() {
			for _, m := range rm.ScopeMetrics().At(0).Metrics().All() {
				if m.Name() == metric {
					value = m.Sum().DataPoints().At(0).IntValue()
				}
			}
		}
	}
	return value
}

// A batch counts once, when the next consumer's answer is final: a sender that is
// refused comes again (B19). With `seen` each time counts.
func TestB19RefusalAndRetry(t *testing.T) {
	errRetry := errors.New("come again")
	errPermanent := consumererror.NewPermanent(errors.New("never"))
	for _, test := range []struct {
		name     string
		count    config.Count
		answers  []error
		counted  int64
		refused  int64
		outcomes int64
	}{
		{"accepted at once", config.CountAccepted, []error{nil}, 5, 0, 5},
		{"refused, then accepted", config.CountAccepted, []error{errRetry, errRetry, nil}, 5, 10, 5},
		{"refused for good", config.CountAccepted, []error{errPermanent}, 5, 0, 5},
		{"refused, then for good", config.CountAccepted, []error{errRetry, fmt.Errorf("wrapped: %w", errPermanent)}, 5, 5, 5},
		{"never accepted", config.CountAccepted, []error{errRetry}, 0, 5, 0},
		{"seen each time", config.CountSeen, []error{errRetry, errRetry, nil}, 15, 0, 15},
	} {
		t.Run(test.name, func(t *testing.T) {
			var answer error
			next, err := consumer.NewLogs(func(context.Context, plog.Logs) error { return answer })
			require.NoError(t, err)
			sink := new(consumertest.MetricsSink)
			d := doortest.Processor(t, counting(test.count), next, sink)
			for _, answer = range test.answers {
				assert.Equal(t, answer, d.ConsumeLogs(t.Context(), logs(5)), "the caller gets the next consumer's answer")
			}
			assert.Equal(t, test.outcomes, sum(t, d.Telemetry, prefix+"records", "annotation", "all", "outcome", "matched"))
			assert.Equal(t, test.outcomes, sum(t, d.Telemetry, prefix+"records", "annotation", "never", "outcome", "filtered"))
			assert.Equal(t, test.refused, sum(t, d.Telemetry, prefix+"refused_records"))
			require.NoError(t, d.Shutdown())
			assert.Equal(t, test.counted, total(sink.AllMetrics(), "all"))
		})
	}
}

type contextKey struct{}

// The next consumer gets the very context and logs that came in, and may do with the
// logs what it likes: nothing of them is read afterwards.
func TestSameContextAndLogs(t *testing.T) {
	ctx := context.WithValue(t.Context(), contextKey{}, "value")
	var gotCtx context.Context
	var gotLogs plog.Logs
	next, err := consumer.NewLogs(func(ctx context.Context, ld plog.Logs) error {
		gotCtx, gotLogs = ctx, ld //nolint:fatcontext // the test compares it
		ld.ResourceLogs().RemoveIf(func(plog.ResourceLogs) bool { return true })
		return nil
	})
	require.NoError(t, err)
	cfg := counting(config.CountAccepted)
	cfg.Annotations[0].Labels = []config.Label{{Name: "user"}}
	sink := new(consumertest.MetricsSink)
	d := doortest.Processor(t, cfg, next, sink)
	ld := doortest.Logs(func(r plog.LogRecord) { r.Attributes().PutStr("user", "a") })
	require.NoError(t, d.ConsumeLogs(ctx, ld))
	assert.Equal(t, ctx, gotCtx)
	assert.Equal(t, ld, gotLogs)
	require.NoError(t, d.Shutdown())
	attributes := sink.AllMetrics()[0].ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().At(0).Sum().DataPoints().At(0).Attributes()
	assert.Equal(t, map[string]any{"user": "a"}, attributes.AsRaw())
}

func TestReadOnlyInput(t *testing.T) {
	d := doortest.Processor(t, counting(config.CountAccepted), consumertest.NewNop(), consumertest.NewNop())
	assert.False(t, d.Capabilities().MutatesData)
	ld := logs(3)
	ld.MarkReadOnly()
	require.NoError(t, d.ConsumeLogs(t.Context(), ld))
}

// The metrics of every processor are there, and the time in them is ours alone.
func TestProcessorhelperMetrics(t *testing.T) {
	d := doortest.Processor(t, counting(config.CountAccepted), consumertest.NewNop(), consumertest.NewNop())
	for range 20 {
		require.NoError(t, d.ConsumeLogs(t.Context(), logs(100)))
	}
	assert.Equal(t, int64(2000), sum(t, d.Telemetry, "otelcol_processor_incoming_items"))
	assert.Equal(t, int64(2000), sum(t, d.Telemetry, "otelcol_processor_outgoing_items"))
	m, err := d.Telemetry.GetMetric("otelcol_processor_internal_duration")
	require.NoError(t, err)
	assert.Positive(t, m.Data.(metricdata.Histogram[float64]).DataPoints[0].Sum)
}

// The time of the next consumers, of logs and of metrics, is in no stage, whatever they
// answer, and the stages have times.
func TestOverheadExcludesNextConsumers(t *testing.T) {
	for _, answer := range []error{nil, errors.New("come again"), consumererror.NewPermanent(errors.New("never"))} {
		for _, temporality := range []config.Temporality{config.TemporalityCumulative, config.TemporalityDelta} {
			synctest.Test(t, func(t *testing.T) {
				next, err := consumer.NewLogs(func(context.Context, plog.Logs) error { time.Sleep(time.Hour); return answer })
				require.NoError(t, err)
				metrics, err := consumer.NewMetrics(func(context.Context, pmetric.Metrics) error { time.Sleep(2 * time.Second); return nil })
				require.NoError(t, err)
				cfg := counting(config.CountAccepted)
				cfg.Temporality = temporality
				d := doortest.Processor(t, cfg, next, metrics)
				for range 3 {
					require.Equal(t, answer, d.ConsumeLogs(t.Context(), logs(1000)))
				}
				m, err := d.Telemetry.GetMetric(prefix + "overhead_time")
				require.NoError(t, err)
				for _, dp := range m.Data.(metricdata.Sum[float64]).DataPoints {
					assert.Zero(t, dp.Value, "in a bubble only waiting takes time: %v", dp.Attributes)
				}
			})
		}
	}
	d := doortest.Processor(t, counting(config.CountAccepted), consumertest.NewNop(), consumertest.NewNop())
	for range 10 {
		require.NoError(t, d.ConsumeLogs(t.Context(), logs(1000)))
	}
	m, err := d.Telemetry.GetMetric(prefix + "overhead_time")
	require.NoError(t, err)
	stages := map[string]float64{}
	for _, dp := range m.Data.(metricdata.Sum[float64]).DataPoints {
		stage, _ := dp.Attributes.Value("stage")
		stages[stage.AsString()] += dp.Value
	}
	for _, stage := range []string{"load", "eval", "extract", "emit"} {
		assert.Positive(t, stages[stage], stage)
	}
}

// newProcessor makes a processor of the doors' ID that is not started.
func newProcessor(t *testing.T, cfg *config.Config) collectorprocessor.Logs {
	p, err := processor.New(t.Context(), collectorprocessor.Settings{
		ID: doortest.ID, TelemetrySettings: componenttest.NewNopTelemetrySettings(), BuildInfo: component.NewDefaultBuildInfo(),
	}, cfg, consumertest.NewNop())
	require.NoError(t, err)
	return p
}

func newReceiver(t *testing.T, next consumer.Metrics) collectorreceiver.Metrics {
	f := receiver.NewFactory()
	r, err := f.CreateMetrics(t.Context(), collectorreceiver.Settings{
		ID: doortest.ID, TelemetrySettings: componenttest.NewNopTelemetrySettings(), BuildInfo: component.NewDefaultBuildInfo(),
	}, f.CreateDefaultConfig(), next)
	require.NoError(t, err)
	return r
}

func TestMissingPartner(t *testing.T) {
	p := newProcessor(t, counting(config.CountAccepted))
	err := p.Start(t.Context(), componenttest.NewNopHost())
	require.ErrorContains(t, err, `processor "annotation_metrics/test" has no receiver "annotation_metrics/test"`)
	require.NoError(t, p.Shutdown(t.Context()))

	r := newReceiver(t, consumertest.NewNop())
	err = r.Start(t.Context(), componenttest.NewNopHost())
	require.ErrorContains(t, err, `receiver "annotation_metrics/test" has no processor "annotation_metrics/test"`)
	require.NoError(t, r.Shutdown(t.Context()))
}

func TestShutdownTwiceAndWithoutStart(t *testing.T) {
	cfg := counting(config.CountAccepted)
	for _, c := range []component.Component{newProcessor(t, cfg), newReceiver(t, consumertest.NewNop())} {
		require.NoError(t, c.Shutdown(t.Context()))
		require.NoError(t, c.Shutdown(t.Context()))
	}
	d := doortest.Processor(t, cfg, consumertest.NewNop(), consumertest.NewNop())
	require.NoError(t, d.Shutdown())
	require.NoError(t, d.Shutdown())
}

// A storage that is none fails the start, and says which there are.
func TestNoSuchStorage(t *testing.T) {
	for id, want := range map[string]string{
		"file_storage": "`storage` must be the ID of an extension under `service::extensions`, found \"file_storage\"; there are: \"memory_storage\"",
	} {
		cfg := counting(config.CountAccepted)
		storage := component.MustNewID(id)
		cfg.Storage = &storage
		p, r := newProcessor(t, cfg), newReceiver(t, new(consumertest.MetricsSink))
		require.ErrorContains(t, p.Start(t.Context(), doortest.NewHost(nil)), want)
		require.NoError(t, p.Shutdown(t.Context()))
		require.NoError(t, r.Shutdown(t.Context()))
	}
}

// A second Collector in one process with the same service.instance.id does not start, whichever of
// its components starts first, and leaves the first one as it is.
func TestSecondCollectorWithSameInstanceID(t *testing.T) {
	const already = `already running in another Collector of this process with the same service.instance.id ""`
	sink, other := new(consumertest.MetricsSink), new(consumertest.MetricsSink)
	host := componenttest.NewNopHost()
	a, r := newProcessor(t, counting(config.CountAccepted)), newReceiver(t, sink)
	require.NoError(t, a.Start(t.Context(), host))
	require.NoError(t, r.Start(t.Context(), host))
	b, s := newProcessor(t, counting(config.CountAccepted)), newReceiver(t, other)
	require.ErrorContains(t, b.Start(t.Context(), host), already)
	require.ErrorContains(t, s.Start(t.Context(), host), already)
	require.NoError(t, s.Shutdown(t.Context()))
	require.NoError(t, b.Shutdown(t.Context()))
	require.NoError(t, a.ConsumeLogs(t.Context(), logs(2)))
	require.NoError(t, r.Shutdown(t.Context()))
	require.NoError(t, a.Shutdown(t.Context()))
	assert.Equal(t, int64(2), total(sink.AllMetrics(), "all"))
	assert.Zero(t, other.DataPointCount())
}

func TestVerifyShutdown(t *testing.T) {
	typ := doortest.ID.Type()
	factory := collectorprocessor.NewFactory(typ, func() component.Config { return counting(config.CountAccepted) },
		collectorprocessor.WithLogs(func(ctx context.Context, set collectorprocessor.Settings, cfg component.Config, next consumer.Logs) (collectorprocessor.Logs, error) {
			f := receiver.NewFactory()
			r, err := f.CreateMetrics(ctx, collectorreceiver.Settings{ID: set.ID, TelemetrySettings: set.TelemetrySettings, BuildInfo: set.BuildInfo},
				f.CreateDefaultConfig(), consumertest.NewNop())
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, r.Shutdown(context.Background())) })
			return processor.New(ctx, set, cfg.(*config.Config), next)
		}, component.StabilityLevelDevelopment))
	processortest.VerifyShutdown(t, factory, counting(config.CountAccepted))
}

// Many senders, many emissions: every accepted record is in the total.
func TestConsumeLogsConcurrentSafe(t *testing.T) {
	cfg := counting(config.CountAccepted)
	cfg.Annotations[0].Labels = []config.Label{{Name: "user"}}
	cfg.SeriesLimit = 10
	sink := new(consumertest.MetricsSink)
	d := doortest.Processor(t, cfg, consumertest.NewNop(), sink)
	const senders, batches, size = 8, 100, 20
	var wg sync.WaitGroup
	for s := range senders {
		wg.Go(func() {
			for b := range batches {
				ld := logs(size)
				for i, r := range ld.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().All() {
					r.Attributes().PutInt("user", int64((s*7+b*3+i)%30))
				}
				assert.NoError(t, d.ConsumeLogs(t.Context(), ld))
			}
		})
	}
	wg.Wait()
	assert.Equal(t, int64(senders*batches*size), sum(t, d.Telemetry, prefix+"records", "annotation", "all", "outcome", "matched"))
	assert.Equal(t, int64(10), sum(t, d.Telemetry, prefix+"series", "annotation", "all"))
	require.NoError(t, d.Shutdown())
	var counted int64
	payloads := sink.AllMetrics()
	last := payloads[len(payloads)-1]
	for _, rm := range last.ResourceMetrics().All() {
		for _, dp := range rm.ScopeMetrics().At(0).Metrics().At(0).Sum().DataPoints().All() {
			counted += dp.IntValue()
		}
	}
	assert.Equal(t, int64(senders*batches*size), counted)
}
