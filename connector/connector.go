// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/connector"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/otel/attribute"

	"github.com/annotationmetrics/annotationmetricsprocessor/connector/internal/metadata"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/engine"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/host"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/telemetry"
)

// logsConnector is where logs end and metrics begin.
type logsConnector struct {
	id      component.ID
	storage *component.ID // nil if state is not kept
	engine  *engine.Engine
	next    consumer.Metrics
	started bool
}

func newLogsConnector(set connector.Settings, cfg *Config, next consumer.Metrics) (*logsConnector, error) {
	b, err := metadata.NewTelemetryBuilder(set.TelemetrySettings)
	if err != nil {
		return nil, err
	}
	e, err := engine.New(cfg, set.TelemetrySettings, &telemetry.Instruments{
		Builder:           b,
		Component:         attribute.String("connector", set.ID.String()),
		EmittedDatapoints: b.EmittedDatapoints,
		LostDatapoints:    b.LostDatapoints,
		EmissionFailures:  b.EmissionFailures,
		StorageFailures:   b.StorageFailures,
	})
	if err != nil {
		return nil, err
	}
	return &logsConnector{id: set.ID, storage: cfg.Storage, engine: e, next: next}, nil
}

// Start begins to emit.
func (c *logsConnector) Start(_ context.Context, in component.Host) error {
	var status host.Status
	status.Add(in)
	storage, err := host.Storage(in, c.storage, component.KindConnector, c.id)
	if err != nil {
		return err
	}
	if err := c.engine.Start(engine.Host{Storage: storage, Status: status.Report}); err != nil {
		return err
	}
	c.engine.Attach(c.next)
	c.started = true
	return nil
}

// Shutdown emits what has been counted. It may be called twice, and without Start.
func (c *logsConnector) Shutdown(ctx context.Context) error {
	if c.started {
		c.started = false
		c.engine.Shutdown(ctx)
	}
	return nil
}

// Capabilities says that logs are only read.
func (*logsConnector) Capabilities() consumer.Capabilities {
	return consumer.Capabilities{MutatesData: false}
}

// ConsumeLogs measures and counts ld. There is no next consumer whose answer to wait
// for, and nothing that the sender could mend by coming again: it never fails.
func (c *logsConnector) ConsumeLogs(ctx context.Context, ld plog.Logs) error {
	c.engine.Stage(ctx, ld).Commit()
	return nil
}
