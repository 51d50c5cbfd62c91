// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package receiver

import (
	"context"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/receiver"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/route"
	"github.com/annotationmetrics/annotationmetricsprocessor/receiver/internal/metadata"
)

// Config is empty: the receiver finds its processor by the component ID.
type Config struct {
	_ struct{}
}

// NewFactory returns the factory of the receiver.
func NewFactory() receiver.Factory {
	return receiver.NewFactory(
		metadata.Type,
		createDefaultConfig,
		receiver.WithMetrics(createMetrics, metadata.MetricsStability),
	)
}

func createDefaultConfig() component.Config {
	return &Config{}
}

func createMetrics(_ context.Context, set receiver.Settings, _ component.Config, next consumer.Metrics) (receiver.Metrics, error) {
	return &metricsReceiver{tie: route.NewReceiver(set.ID, set.TelemetrySettings), next: next}, nil
}

type metricsReceiver struct {
	tie  *route.Receiver
	next consumer.Metrics
}

// Start lets the processor's metrics in.
func (r *metricsReceiver) Start(context.Context, component.Host) error {
	if err := r.tie.Partner(); err != nil {
		return err
	}
	return r.tie.Attach(r.next)
}

// Shutdown lets in what the processor has counted so far, and nothing after that: the
// Collector stops the metrics pipeline next. It may be called twice, and without Start.
func (r *metricsReceiver) Shutdown(ctx context.Context) error {
	r.tie.Detach(ctx)
	r.tie.Leave()
	return nil
}
