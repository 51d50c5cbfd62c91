// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package subject

import (
	"context"
	"errors"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/processor/processorhelper"
)

// Idle is a processor that does nothing: what processorhelper takes for any processor.
type Idle struct {
	passes
	telemetry *telemetry
	processor processor.Logs
	records   int64 // that came through
}

// NewIdle returns a processor that does nothing.
func NewIdle(load Load) (*Idle, error) {
	i := &Idle{passes: passes{load: load}, telemetry: newTelemetry()}
	next, err := consumer.NewLogs(func(_ context.Context, ld plog.Logs) error {
		i.records += int64(ld.LogRecordCount())
		return nil
	})
	if err != nil {
		return nil, err
	}
	i.processor, err = processorhelper.NewLogs(context.Background(), processor.Settings{
		ID: component.NewID(component.MustNewType("idle")), TelemetrySettings: i.telemetry.settings, BuildInfo: component.NewDefaultBuildInfo(),
	}, nil, next, func(_ context.Context, ld plog.Logs) (plog.Logs, error) { return ld, nil },
		processorhelper.WithCapabilities(consumer.Capabilities{MutatesData: false}))
	if err != nil {
		return nil, err
	}
	return i, i.processor.Start(context.Background(), componenttest.NewNopHost())
}

// Pass gives the processor each batch.
func (i *Idle) Pass() error {
	return i.pass(i.processor.ConsumeLogs)
}

// Close compares the number of records that came through.
func (i *Idle) Close() error {
	return errors.Join(i.processor.Shutdown(context.Background()), i.telemetry.close(),
		differs("the number of records that came through", i.n*int64(len(i.load.Data.Records)), i.records))
}
