// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"slices"
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/receiver"

	annotationmetricsprocessor "github.com/annotationmetrics/annotationmetricsprocessor"
	annotationmetricsreceiver "github.com/annotationmetrics/annotationmetricsprocessor/receiver"
)

// stops notes the order in which our processors and receivers are shut down.
type stops struct {
	mu    sync.Mutex
	order []string
}

func (s *stops) note(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.order = append(s.order, what)
}

// all returns what was shut down, "processor" or "receiver", in this order.
func (s *stops) all() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.order)
}

type notedProcessor struct {
	processor.Logs
	stops *stops
}

func (p *notedProcessor) Shutdown(ctx context.Context) error {
	p.stops.note("processor")
	return p.Logs.Shutdown(ctx)
}

// processorFactory is the processor's, but for the note.
func (s *stops) processorFactory() processor.Factory {
	f := annotationmetricsprocessor.NewFactory()
	return processor.NewFactory(f.Type(), f.CreateDefaultConfig, processor.WithLogs(
		func(ctx context.Context, set processor.Settings, cfg component.Config, next consumer.Logs) (processor.Logs, error) {
			p, err := f.CreateLogs(ctx, set, cfg, next)
			if err != nil {
				return nil, err
			}
			return &notedProcessor{p, s}, nil
		}, f.LogsStability()))
}

type notedReceiver struct {
	receiver.Metrics
	stops *stops
}

func (r *notedReceiver) Shutdown(ctx context.Context) error {
	r.stops.note("receiver")
	return r.Metrics.Shutdown(ctx)
}

// receiverFactory is the receiver's, but for the note.
func (s *stops) receiverFactory() receiver.Factory {
	f := annotationmetricsreceiver.NewFactory()
	return receiver.NewFactory(f.Type(), f.CreateDefaultConfig, receiver.WithMetrics(
		func(ctx context.Context, set receiver.Settings, cfg component.Config, next consumer.Metrics) (receiver.Metrics, error) {
			r, err := f.CreateMetrics(ctx, set, cfg, next)
			if err != nil {
				return nil, err
			}
			return &notedReceiver{r, s}, nil
		}, f.MetricsStability()))
}
