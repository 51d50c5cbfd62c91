// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/extension/xextension/storage"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/config"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/emit"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/labels"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/overhead"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/plan"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/series"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/state"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/telemetry"
)

// logEvery is how often one message is logged at the most.
const logEvery = time.Minute

// Engine derives metrics from logs.
type Engine struct {
	cfg         *config.Config
	plan        *plan.Plan
	tables      []*labels.Table // by the plan's tuples
	store       *series.Store
	counters    *overhead.Counters
	instruments *telemetry.Instruments
	flusher     *emit.Flusher
	logger      *zap.Logger
	instance    string       // the Collector's service.instance.id
	state       *state.State // nil if nothing is kept
	health      health

	scratches freeList[*scratch]
	batches   freeList[*Batch]

	clock    func() int64            // of the price tag; nil for none
	seed     func() (uint64, uint64) // of a sampler
	started  time.Time
	arrivals arrivals
	reports  []atomic.Int64 // by annotation and outcome, when it was last logged

	// settled is set, and what a shutdown loses is counted, while no batch is being
	// committed: a batch is either in that count or counts itself.
	settled bool
}

// Option changes an engine that New makes.
type Option func(*Engine)

// WithoutAccounting makes batches take no time in the price tag, and read no clock for it.
// It is for measuring what the price tag costs.
func WithoutAccounting() Option {
	return func(e *Engine) { e.clock = nil }
}

// WithSeed makes samplers choose the same records in every run, as long as batches come one
// at a time. It is for tests.
func WithSeed(seed uint64) Option {
	return func(e *Engine) {
		var samplers atomic.Uint64
		e.seed = func() (uint64, uint64) { return seed, samplers.Add(1) }
	}
}

// New returns an engine for a valid configuration. It starts nothing.
func New(cfg *config.Config, set component.TelemetrySettings, instruments *telemetry.Instruments, options ...Option) (*Engine, error) {
	p, err := plan.Compile(cfg, set)
	if err != nil {
		return nil, err
	}
	resources := labels.NewResources()
	tables := make([]*labels.Table, 0, len(p.Tuples))
	for _, t := range p.Tuples {
		tables = append(tables, labels.NewTable(t.List, resources))
	}
	families := make([]*series.Family, 0, len(p.Annotations))
	for _, a := range p.Annotations {
		families = append(families, series.NewFamily(a.Metric, tables[p.Measures[a.Measure].Tuples]))
	}
	started := time.Now()
	e := &Engine{
		cfg:         cfg,
		plan:        p,
		tables:      tables,
		store:       series.NewStore(families),
		counters:    overhead.NewCounters(len(p.Annotations)),
		instruments: instruments,
		logger:      set.Logger,
		clock:       overhead.Now,
		seed:        func() (uint64, uint64) { return rand.Uint64(), rand.Uint64() },
		started:     started,
		arrivals:    arrivals{begin: pcommon.NewTimestampFromTime(started)},
		reports:     make([]atomic.Int64, len(p.Annotations)*overhead.NumOutcomes),
	}
	e.flusher = emit.New(emit.Settings{
		Store:    e.store,
		Interval: cfg.Interval,
		Recorder: instruments.Recorder(),
		Counters: e.counters,
		Logger:   sampled(e.logger),
		Status:   e.health.of(partEmission),
		Now:      time.Now,
	})
	if id, ok := set.Resource.Attributes().Get("service.instance.id"); ok {
		e.instance = id.AsString()
	}
	e.scratches.create = func() *scratch { return newScratch(p, e.seed) }
	e.batches.create = func() *Batch { return newBatch(e) }
	for _, option := range options {
		option(e)
	}
	return e, nil
}

// Host is what the Collector gives to an engine. All of it may be nil.
type Host struct {
	// Storage is where state is kept over restarts; without it nothing is kept. It belongs
	// to the engine, which closes it.
	Storage storage.Client
	// Status is told what troubles the engine when that changes, and with nil when nothing
	// does any more.
	Status func(error)
}

// Start restores what the host's storage has kept, and begins to emit, to whoever is
// attached, and to export self-metrics.
func (e *Engine) Start(host Host) error {
	e.health.report = host.Status
	for _, warning := range e.cfg.Warnings() {
		e.logger.Warn(warning)
	}
	if err := e.instruments.Register(telemetry.Source{
		Counters:      e.counters,
		Families:      e.store.Families(),
		PerAnnotation: e.cfg.Telemetry.PerAnnotation,
	}); err != nil {
		e.instruments.Shutdown()
		if host.Storage != nil {
			err = errors.Join(err, host.Storage.Close(context.Background()))
		}
		return err
	}
	writer := emit.Writer{Attribute: e.cfg.WriterAttribute, ID: e.instance}
	if host.Storage != nil {
		e.state = state.New(state.Settings{
			Client:      host.Storage,
			Annotations: e.annotations(),
			Writer:      e.instance,
			Failed:      e.instruments.Recorder().StorageFailed,
			Status:      e.health.of(partStorage),
			Logger:      sampled(e.logger),
			Restoring:   e.logger,
		})
	}
	e.flusher.Start(writer, e.state)
	return nil
}

func (e *Engine) annotations() []state.Annotation {
	var all []state.Annotation
	for i, family := range e.store.Families() {
		all = append(all, state.Annotation{Family: family, Identity: e.plan.Annotations[i].Identity})
	}
	return all
}

// sampled returns a logger that limits the rate of equal messages.
func sampled(logger *zap.Logger) *zap.Logger {
	return logger.WithOptions(zap.WrapCore(func(core zapcore.Core) zapcore.Core {
		return zapcore.NewSamplerWithOptions(core, logEvery, 1, 0)
	}))
}

// Shutdown emits what has been committed, if a consumer is still attached, and ends what
// Start began. It must follow a Start that returned nil.
func (e *Engine) Shutdown(ctx context.Context) {
	e.health.end()
	e.flusher.Stop(ctx)
	e.store.Exclusive(func() {
		e.settled = true
		e.flusher.Settle()
	})
	if e.state != nil {
		e.state.Close()
	}
	e.instruments.Shutdown()
}

// now returns the time of arrival.
func (e *Engine) now() pcommon.Timestamp {
	now := time.Now()
	return e.arrivals.at(now, now.Sub(e.started))
}

// Attach makes next the consumer of derived metrics.
func (e *Engine) Attach(next consumer.Metrics) {
	e.flusher.Attach(next)
}

// Detach emits what has been committed and lets go of the consumer.
func (e *Engine) Detach(ctx context.Context) {
	e.flusher.Detach(ctx)
}
