// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/receiver"
)

// The types of the test's own components.
var (
	pushType        = component.MustNewType("push")
	logsSinkType    = component.MustNewType("logs_sink")
	metricsSinkType = component.MustNewType("metrics_sink")
)

type noConfig struct{}

func createNoConfig() component.Config { return &noConfig{} }

// errStopped is what a push receiver says once it is shut down.
var errStopped = errors.New("the push receiver is shut down")

// push is a receiver of what the test pushes.
type push struct {
	next consumer.Logs

	// mu is held for reading while the next consumer is called, so that Shutdown
	// returns when it is not called any more, as the Collector expects of receivers.
	mu      sync.RWMutex
	started bool
}

func (p *push) Start(context.Context, component.Host) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.started = true
	return nil
}

func (p *push) Shutdown(context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.started = false
	return nil
}

// logs gives ld to the pipelines. If it returns nil, ld is acknowledged.
func (p *push) logs(ctx context.Context, ld plog.Logs) error {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if !p.started {
		return errStopped
	}
	return p.next.ConsumeLogs(ctx, ld)
}

// sink is an exporter that keeps what it accepts, and accepts everything unless told
// otherwise.
type sink[T any] struct {
	keep func(T)
	// answer is asked before anything is kept.
	answer atomic.Pointer[func(context.Context, T) error]
	calls  atomic.Int64
}

func (s *sink[T]) Start(context.Context, component.Host) error { return nil }

func (s *sink[T]) Shutdown(context.Context) error { return nil }

func (s *sink[T]) Capabilities() consumer.Capabilities { return consumer.Capabilities{} }

// tell sets what the sink says to each call; nil accepts.
func (s *sink[T]) tell(answer func(context.Context, T) error) {
	if answer == nil {
		s.answer.Store(nil)
		return
	}
	s.answer.Store(&answer)
}

func (s *sink[T]) consume(ctx context.Context, data T) error {
	s.calls.Add(1)
	if answer := s.answer.Load(); answer != nil {
		if err := (*answer)(ctx, data); err != nil {
			return err
		}
	}
	s.keep(data)
	return nil
}

type logsSink struct {
	sink[plog.Logs]
	mu       sync.Mutex
	payloads []plog.Logs
}

func newLogsSink() *logsSink {
	s := &logsSink{}
	s.keep = func(ld plog.Logs) {
		s.mu.Lock()
		defer s.mu.Unlock()
		own := plog.NewLogs()
		ld.CopyTo(own)
		s.payloads = append(s.payloads, own)
	}
	return s
}

func (s *logsSink) ConsumeLogs(ctx context.Context, ld plog.Logs) error { return s.consume(ctx, ld) }

func (s *logsSink) all() []plog.Logs {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.payloads[:len(s.payloads):len(s.payloads)]
}

func (s *logsSink) records() int {
	n := 0
	for _, ld := range s.all() {
		n += ld.LogRecordCount()
	}
	return n
}

type metricsSink struct {
	sink[pmetric.Metrics]
	record
}

func newMetricsSink() *metricsSink {
	s := &metricsSink{}
	s.keep = s.add
	return s
}

func (s *metricsSink) ConsumeMetrics(ctx context.Context, md pmetric.Metrics) error {
	return s.consume(ctx, md)
}

// registry holds a Collector's own test components by their IDs, for the test to use.
type registry struct {
	mu      sync.Mutex
	pushes  map[component.ID]*push
	logs    map[component.ID]*logsSink
	metrics map[component.ID]*metricsSink
}

func newRegistry() *registry {
	return &registry{
		pushes:  map[component.ID]*push{},
		logs:    map[component.ID]*logsSink{},
		metrics: map[component.ID]*metricsSink{},
	}
}

// one returns the component of this ID, which it makes if it is the first to ask.
func one[T any](r *registry, all map[component.ID]*T, id component.ID, create func() *T) *T {
	r.mu.Lock()
	defer r.mu.Unlock()
	if all[id] == nil {
		all[id] = create()
	}
	return all[id]
}

func (r *registry) pushFactory() receiver.Factory {
	return receiver.NewFactory(pushType, createNoConfig, receiver.WithLogs(
		func(_ context.Context, set receiver.Settings, _ component.Config, next consumer.Logs) (receiver.Logs, error) {
			p := one(r, r.pushes, set.ID, func() *push { return &push{} })
			p.next = next
			return p, nil
		}, component.StabilityLevelStable))
}

func (r *registry) logsSinkFactory() exporter.Factory {
	return exporter.NewFactory(logsSinkType, createNoConfig, exporter.WithLogs(
		func(_ context.Context, set exporter.Settings, _ component.Config) (exporter.Logs, error) {
			return one(r, r.logs, set.ID, newLogsSink), nil
		}, component.StabilityLevelStable))
}

func (r *registry) metricsSinkFactory() exporter.Factory {
	return exporter.NewFactory(metricsSinkType, createNoConfig, exporter.WithMetrics(
		func(_ context.Context, set exporter.Settings, _ component.Config) (exporter.Metrics, error) {
			return one(r, r.metrics, set.ID, newMetricsSink), nil
		}, component.StabilityLevelStable))
}
