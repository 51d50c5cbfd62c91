// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package telemetry_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/metadata"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/overhead"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/series"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/telemetry"
)

const prefix = "otelcol_processor_annotation_metrics_"

func instruments(t *testing.T, tel *componenttest.Telemetry, id string) *telemetry.Instruments {
	b, err := metadata.NewTelemetryBuilder(tel.NewTelemetrySettings())
	require.NoError(t, err)
	return &telemetry.Instruments{
		Builder:           b,
		Component:         attribute.String("processor", id),
		EmittedDatapoints: b.EmittedDatapoints,
		LostDatapoints:    b.LostDatapoints,
		EmissionFailures:  b.EmissionFailures,
		StorageFailures:   b.StorageFailures,
	}
}

func newTelemetry(t *testing.T) *componenttest.Telemetry {
	tel := componenttest.NewTelemetry()
	t.Cleanup(func() { require.NoError(t, tel.Shutdown(context.Background())) })
	return tel
}

// source has two annotations, the second without a limit, and figures that tell all
// points apart.
func source(perAnnotation bool) telemetry.Source {
	counters, tally := overhead.NewCounters(2), overhead.NewTally(2)
	for i := range 2 {
		a := tally.Annotation(i)
		for stage := range a.Time {
			a.Time[stage] = int64(i+1) * int64(stage+1) * int64(time.Second)
		}
		a.Time[overhead.StageLoad] = 0
		for outcome := range a.Records {
			a.Records[outcome] = int64(10*(i+1) + outcome)
		}
		a.Overflowed, a.Truncated = int64(i+3), int64(i+5)
	}
	counters.AddTime(tally)
	counters.AddRecords(tally)
	counters.AddRefused(7)
	store := series.NewStore([]*series.Family{
		series.NewFamily(&series.Definition{Name: "one", Limit: 100}, nil),
		series.NewFamily(&series.Definition{Name: "two"}, nil),
	})
	return telemetry.Source{Counters: counters, Families: store.Families(), PerAnnotation: perAnnotation}
}

// collect returns every point of ours as `name{attributes}`.
func collect(t *testing.T, tel *componenttest.Telemetry) map[string]float64 {
	var rm metricdata.ResourceMetrics
	require.NoError(t, tel.Reader.Collect(t.Context(), &rm))
	found := map[string]float64{}
	put := func(name string, set attribute.Set, value float64) {
		key := strings.TrimPrefix(name, prefix) + "{" + set.Encoded(attribute.DefaultEncoder()) + "}"
		require.NotContains(t, found, key)
		found[key] = value
	}
	for _, sm := range rm.ScopeMetrics {
		for _, m := range sm.Metrics {
			switch data := m.Data.(type) {
			case metricdata.Sum[int64]:
				for _, dp := range data.DataPoints {
					put(m.Name, dp.Attributes, float64(dp.Value))
				}
			case metricdata.Sum[float64]:
				for _, dp := range data.DataPoints {
					put(m.Name, dp.Attributes, dp.Value)
				}
			case metricdata.Gauge[int64]:
				for _, dp := range data.DataPoints {
					put(m.Name, dp.Attributes, float64(dp.Value))
				}
			}
		}
	}
	return found
}

func TestPerAnnotation(t *testing.T) {
	tel := newTelemetry(t)
	i := instruments(t, tel, "annotation_metrics/x")
	require.NoError(t, i.Register(source(true)))
	got := collect(t, tel)
	// Stages of the whole, of each annotation without load; nine outcomes each; two each
	// of expired, overflowed, truncated and series; one limit; refused, three of emission and
	// one of storage.
	assert.Len(t, got, 5+2*4+2*9+4*2+1+1+4)
	for key, value := range map[string]float64{
		"overhead_time{processor=annotation_metrics/x,stage=load}":                   0,
		"overhead_time{annotation=two,processor=annotation_metrics/x,stage=eval}":    4,
		"overhead_time{annotation=one,processor=annotation_metrics/x,stage=flush}":   5,
		"records{annotation=one,outcome=sampled_out,processor=annotation_metrics/x}": 10,
		"records{annotation=two,outcome=matched,processor=annotation_metrics/x}":     28,
		"overflowed_records{annotation=two,processor=annotation_metrics/x}":          4,
		"truncated_labels{annotation=one,processor=annotation_metrics/x}":            5,
		"series{annotation=one,processor=annotation_metrics/x}":                      0,
		"series_limit{annotation=one,processor=annotation_metrics/x}":                100,
		"refused_records{processor=annotation_metrics/x}":                            7,
		"emitted_datapoints{processor=annotation_metrics/x}":                         0,
		"lost_datapoints{processor=annotation_metrics/x}":                            0,
		"emission_failures{processor=annotation_metrics/x}":                          0,
	} {
		require.Contains(t, got, key)
		assert.InDelta(t, value, got[key], 0, key)
	}
	assert.NotContains(t, got, "series_limit{annotation=two,processor=annotation_metrics/x}", "no limit, no point")
	i.Shutdown()
}

// Without the split, annotations add up; a limit of all is none if one has none.
func TestTotals(t *testing.T) {
	tel := newTelemetry(t)
	i := instruments(t, tel, "annotation_metrics")
	require.NoError(t, i.Register(source(false)))
	got := collect(t, tel)
	assert.Len(t, got, 5+9+4+1+4)
	for key, value := range map[string]float64{
		"overhead_time{processor=annotation_metrics,stage=eval}": 2 + 4,
		"records{outcome=matched,processor=annotation_metrics}":  18 + 28,
		"overflowed_records{processor=annotation_metrics}":       3 + 4,
		"truncated_labels{processor=annotation_metrics}":         5 + 6,
		"series{processor=annotation_metrics}":                   0,
	} {
		require.Contains(t, got, key)
		assert.InDelta(t, value, got[key], 0, key)
	}
	i.Shutdown()
}

// After the shutdown the asynchronous instruments are gone, what became of emissions
// still shows, and another life goes on counting.
func TestShutdown(t *testing.T) {
	tel := newTelemetry(t)
	for life := range 2 {
		i := instruments(t, tel, "annotation_metrics")
		require.NoError(t, i.Register(source(true)))
		i.Recorder().Emitted(5)
		i.Recorder().Lost(2)
		i.Recorder().Failed()
		i.Recorder().StorageFailed()
		i.Shutdown()
		n := float64(life + 1)
		assert.Equal(t, map[string]float64{
			"emitted_datapoints{processor=annotation_metrics}": 5 * n,
			"lost_datapoints{processor=annotation_metrics}":    2 * n,
			"storage_failures{processor=annotation_metrics}":   n,
			"emission_failures{processor=annotation_metrics}":  n,
		}, collect(t, tel))
	}
}

// Two components of one kind have points of their own.
func TestTwoComponents(t *testing.T) {
	tel := newTelemetry(t)
	a, b := instruments(t, tel, "annotation_metrics/a"), instruments(t, tel, "annotation_metrics/b")
	require.NoError(t, a.Register(source(true)))
	require.NoError(t, b.Register(source(true)))
	got := collect(t, tel)
	assert.InDelta(t, 7, got["refused_records{processor=annotation_metrics/a}"], 0)
	assert.InDelta(t, 7, got["refused_records{processor=annotation_metrics/b}"], 0)
	a.Shutdown()
	got = collect(t, tel)
	assert.NotContains(t, got, "refused_records{processor=annotation_metrics/a}")
	assert.Contains(t, got, "refused_records{processor=annotation_metrics/b}")
	b.Shutdown()
}
