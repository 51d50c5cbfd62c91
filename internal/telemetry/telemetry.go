// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package telemetry

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/overhead"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/series"
)

// Builder is what mdatagen generates for a door: one method for each asynchronous
// instrument, and Shutdown, which removes the callbacks.
type Builder interface {
	RegisterExpiredSeriesCallback(metric.Int64Callback) error
	RegisterOverheadTimeCallback(metric.Float64Callback) error
	RegisterOverflowedRecordsCallback(metric.Int64Callback) error
	RegisterRecordsCallback(metric.Int64Callback) error
	RegisterRefusedRecordsCallback(metric.Int64Callback) error
	RegisterSeriesCallback(metric.Int64Callback) error
	RegisterSeriesLimitCallback(metric.Int64Callback) error
	RegisterTruncatedLabelsCallback(metric.Int64Callback) error
	Shutdown()
}

// Instruments are the instruments of one door.
type Instruments struct {
	Builder
	// Component is the attribute that tells this component from others of its kind:
	// `processor` or `connector`, with the full component ID.
	Component attribute.KeyValue

	EmittedDatapoints, LostDatapoints, EmissionFailures, StorageFailures metric.Int64Counter
}

// Source is what the asynchronous instruments read.
type Source struct {
	Counters *overhead.Counters
	// Families are in the order of the annotations.
	Families []*series.Family
	// PerAnnotation splits by annotation.
	PerAnnotation bool
}

// Register has the instruments read source from now on, and makes the synchronous ones
// appear with the value 0. Shutdown undoes the former.
func (i *Instruments) Register(source Source) error {
	i.emission().start()
	a := i.attributes(source)
	return errors.Join(
		i.RegisterOverheadTimeCallback(func(_ context.Context, o metric.Float64Observer) error {
			a.observeTime(source.Counters.Snapshot(), o)
			return nil
		}),
		i.RegisterRecordsCallback(func(_ context.Context, o metric.Int64Observer) error {
			a.observeRecords(source.Counters.Snapshot(), o)
			return nil
		}),
		i.RegisterRefusedRecordsCallback(func(_ context.Context, o metric.Int64Observer) error {
			o.Observe(source.Counters.Snapshot().Refused, a.component)
			return nil
		}),
		i.RegisterOverflowedRecordsCallback(func(_ context.Context, o metric.Int64Observer) error {
			s := source.Counters.Snapshot()
			a.observe(o, func(n int) int64 { return s.Annotations[n].Overflowed })
			return nil
		}),
		i.RegisterTruncatedLabelsCallback(func(_ context.Context, o metric.Int64Observer) error {
			s := source.Counters.Snapshot()
			a.observe(o, func(n int) int64 { return s.Annotations[n].Truncated })
			return nil
		}),
		i.RegisterSeriesCallback(func(_ context.Context, o metric.Int64Observer) error {
			a.observe(o, func(n int) int64 { return int64(source.Families[n].Series()) })
			return nil
		}),
		i.RegisterExpiredSeriesCallback(func(_ context.Context, o metric.Int64Observer) error {
			a.observe(o, func(n int) int64 { return source.Families[n].Expired() })
			return nil
		}),
		i.RegisterSeriesLimitCallback(func(_ context.Context, o metric.Int64Observer) error {
			a.observeLimits(source.Families, o)
			return nil
		}),
	)
}

// Recorder counts what became of emissions.
func (i *Instruments) Recorder() *Emission {
	return i.emission()
}

func (i *Instruments) emission() *Emission {
	return &Emission{instruments: i, component: metric.WithAttributeSet(attribute.NewSet(i.Component))}
}

// Emission counts what became of emissions. It is safe for concurrent use.
type Emission struct {
	instruments *Instruments
	component   metric.MeasurementOption
}

func (e *Emission) start() {
	i := e.instruments
	for _, c := range []metric.Int64Counter{i.EmittedDatapoints, i.LostDatapoints, i.EmissionFailures, i.StorageFailures} {
		c.Add(context.Background(), 0, e.component)
	}
}

// Emitted counts data points that the metrics consumer accepted.
func (e *Emission) Emitted(datapoints int) {
	e.instruments.EmittedDatapoints.Add(context.Background(), int64(datapoints), e.component)
}

// Lost counts data points that will never be accepted.
func (e *Emission) Lost(datapoints int) {
	e.instruments.LostDatapoints.Add(context.Background(), int64(datapoints), e.component)
}

// Failed counts one payload that the metrics consumer did not accept.
func (e *Emission) Failed() {
	e.instruments.EmissionFailures.Add(context.Background(), 1, e.component)
}

// StorageFailed counts one write to the storage that failed.
func (e *Emission) StorageFailed() {
	e.instruments.StorageFailures.Add(context.Background(), 1, e.component)
}

// seconds returns nanoseconds as seconds.
func seconds(ns int64) float64 {
	return time.Duration(ns).Seconds()
}
