// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package doortest

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	collectorconnector "go.opentelemetry.io/collector/connector"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/plog"
	collectorprocessor "go.opentelemetry.io/collector/processor"
	collectorreceiver "go.opentelemetry.io/collector/receiver"

	"github.com/annotationmetrics/annotationmetricsprocessor/connector"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/config"
	"github.com/annotationmetrics/annotationmetricsprocessor/processor"
	"github.com/annotationmetrics/annotationmetricsprocessor/receiver"
)

// ID is the component ID of every door.
var ID = component.MustNewIDWithName("annotation_metrics", "test")

// Door is a way through the component.
type Door struct {
	consumer.Logs
	// Kind is `processor` or `connector`.
	Kind string
	// Telemetry receives the self-metrics.
	Telemetry *componenttest.Telemetry

	components []component.Component
}

// Processor opens the processor and its receiver. Logs go on to logs, metrics to
// metrics. The host has nothing to offer, unless one is given.
func Processor(t testing.TB, cfg *config.Config, logs consumer.Logs, metrics consumer.Metrics, host ...component.Host) *Door {
	t.Helper()
	tel := newTelemetry(t)
	p, err := processor.New(t.Context(), collectorprocessor.Settings{
		ID: ID, TelemetrySettings: tel.NewTelemetrySettings(), BuildInfo: component.NewDefaultBuildInfo(),
	}, cfg, logs)
	require.NoError(t, err)
	f := receiver.NewFactory()
	r, err := f.CreateMetrics(t.Context(), collectorreceiver.Settings{
		ID: ID, TelemetrySettings: tel.NewTelemetrySettings(), BuildInfo: component.NewDefaultBuildInfo(),
	}, f.CreateDefaultConfig(), metrics)
	require.NoError(t, err)
	d := &Door{Logs: p, Kind: "processor", Telemetry: tel, components: []component.Component{p, r}}
	d.start(t, host)
	return d
}

// Connector opens the connector.
func Connector(t testing.TB, cfg *config.Config, metrics consumer.Metrics, host ...component.Host) *Door {
	t.Helper()
	tel := newTelemetry(t)
	c, err := connector.NewFactory().CreateLogsToMetrics(t.Context(), collectorconnector.Settings{
		ID: ID, TelemetrySettings: tel.NewTelemetrySettings(), BuildInfo: component.NewDefaultBuildInfo(),
	}, cfg, metrics)
	require.NoError(t, err)
	d := &Door{Logs: c, Kind: "connector", Telemetry: tel, components: []component.Component{c}}
	d.start(t, host)
	return d
}

// Open opens a door; where logs go is of no interest.
type Open func(t testing.TB, cfg *config.Config, metrics consumer.Metrics, host ...component.Host) *Door

// Each runs test once through the processor and its receiver, and once through the
// connector.
func Each(t *testing.T, test func(t *testing.T, open Open)) {
	t.Run("processor", func(t *testing.T) {
		test(t, func(t testing.TB, cfg *config.Config, metrics consumer.Metrics, host ...component.Host) *Door {
			return Processor(t, cfg, consumertest.NewNop(), metrics, host...)
		})
	})
	t.Run("connector", func(t *testing.T) { test(t, Connector) })
}

// newTelemetry ends with the test, by a cleanup that runs before the bubble of a
// synctest ends.
func newTelemetry(t testing.TB) *componenttest.Telemetry {
	tel := componenttest.NewTelemetry()
	t.Cleanup(func() { require.NoError(t, tel.Shutdown(context.Background())) })
	return tel
}

func (d *Door) start(t testing.TB, host []component.Host) {
	in := componenttest.NewNopHost()
	if len(host) > 0 {
		in = host[0]
	}
	for _, c := range d.components {
		require.NoError(t, c.Start(t.Context(), in))
	}
	t.Cleanup(func() { require.NoError(t, d.Shutdown()) })
}

// Shutdown shuts the door, the processor before its receiver. It may be called twice.
func (d *Door) Shutdown() error {
	return d.ShutdownContext(context.Background())
}

// ShutdownContext is Shutdown with the Collector's context.
func (d *Door) ShutdownContext(ctx context.Context) error {
	var errs error
	for _, c := range d.components {
		errs = errors.Join(errs, c.Shutdown(ctx))
	}
	return errs
}

// ReceiverFirst shuts the door in the other order, and runs between after the receiver
// has stopped and before the processor does.
func (d *Door) ReceiverFirst(between func()) error {
	err := d.components[1].Shutdown(context.Background())
	between()
	return errors.Join(err, d.components[0].Shutdown(context.Background()))
}

// Logs returns logs with one resource and scope, for each record one call of fill.
func Logs(fill ...func(plog.LogRecord)) plog.Logs {
	ld := plog.NewLogs()
	records := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords()
	for _, f := range fill {
		f(records.AppendEmpty())
	}
	return ld
}
