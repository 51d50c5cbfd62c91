// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package subject

import (
	"context"
	"errors"
	"fmt"

	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/otel/attribute"

	annotationmetrics "github.com/annotationmetrics/annotationmetricsprocessor"
	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/rules"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/config"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/engine"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/metadata"
	instruments "github.com/annotationmetrics/annotationmetricsprocessor/internal/telemetry"
)

// Bare is an engine without a door, to which logs are given directly.
type Bare struct {
	*engine.Engine
	telemetry *telemetry
}

// NewBare starts an engine with a configuration as a user would write it.
func NewBare(raw map[string]any, options ...engine.Option) (*Bare, error) {
	cfg, err := configure(annotationmetrics.NewFactory().CreateDefaultConfig(), raw)
	if err != nil {
		return nil, err
	}
	b := &Bare{telemetry: newTelemetry()}
	builder, err := metadata.NewTelemetryBuilder(b.telemetry.settings)
	if err != nil {
		return nil, err
	}
	b.Engine, err = engine.New(cfg.(*config.Config), b.telemetry.settings, &instruments.Instruments{
		Builder:           builder,
		Component:         attribute.String("processor", "annotation_metrics"),
		EmittedDatapoints: builder.EmittedDatapoints,
		LostDatapoints:    builder.LostDatapoints,
		EmissionFailures:  builder.EmissionFailures,
		StorageFailures:   builder.StorageFailures,
	}, options...)
	if err != nil {
		return nil, err
	}
	if err := b.Start(engine.Host{}); err != nil {
		return nil, err
	}
	return b, nil
}

// Overhead returns the seconds that the engine says it took so far.
func (b *Bare) Overhead() (float64, error) {
	return b.telemetry.overhead()
}

// Emit has the engine emit all that it holds to next. It returns when that is done.
func (b *Bare) Emit(next consumer.Metrics) {
	b.Attach(next)
	b.Detach(context.Background())
}

// End ends the engine without an emission.
func (b *Bare) End() error {
	b.Shutdown(context.Background())
	return b.telemetry.close()
}

// Engine is an engine that takes a load.
type Engine struct {
	passes
	*Bare
	rules  rules.Set
	beside []*Engine
}

// NewEngine returns an engine with the rules.
func NewEngine(load Load, set rules.Set) (*Engine, error) {
	return newEngine(load, set)
}

// NewSilentEngine returns an engine that reads no clock and keeps no account of time.
func NewSilentEngine(load Load, set rules.Set) (*Engine, error) {
	return newEngine(load, set, engine.WithoutAccounting())
}

func newEngine(load Load, set rules.Set, options ...engine.Option) (*Engine, error) {
	bare, err := NewBare(set.AnnotationMetrics(), options...)
	if err != nil {
		return nil, fmt.Errorf("rules %q: %w", set.Name, err)
	}
	return &Engine{passes: passes{load: load}, Bare: bare, rules: set}, nil
}

// Beside returns the same engine for the load of another goroutine, which must be of the
// same data. It ends with the first.
func (e *Engine) Beside(load Load) *Engine {
	other := &Engine{passes: passes{load: load}, Bare: e.Bare, rules: e.rules}
	e.beside = append(e.beside, other)
	return other
}

// Pass stages and commits each batch.
func (e *Engine) Pass() error {
	return e.pass(e.consume)
}

func (e *Engine) consume(ctx context.Context, ld plog.Logs) error {
	e.Stage(ctx, ld).Commit()
	return nil
}

// Close compares the outcomes in the self-metrics, and the values and the number of
// series in what the engine emits.
func (e *Engine) Close() error {
	truth, passes := e.rules.Truth(e.load.Data), e.n
	for _, other := range e.beside {
		passes += other.n
	}
	s := newSink()
	s.reading.Store(true)
	e.Emit(s)
	return errors.Join(
		checkOutcomes(e.telemetry, truth, int64(len(e.load.Data.Records)), passes),
		s.check(truth, passes, true),
		e.End(),
	)
}
