// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package collector

import (
	"context"
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// Totals are what left a Collector.
type Totals struct {
	Records int64            `json:"records"`
	Metrics map[string]int64 `json:"metrics"` // the sum over the points of each metric
}

// counting is an exporter that drops everything and counts it, which takes some 10 ns for
// each batch of logs and each data point.
type counting struct {
	component.StartFunc
	component.ShutdownFunc

	mu     sync.Mutex
	totals Totals
}

func newCounting() *counting {
	return &counting{totals: Totals{Metrics: map[string]int64{}}}
}

// factory returns a factory whose exporters are all c.
func (c *counting) factory() exporter.Factory {
	return exporter.NewFactory(component.MustNewType("counting"), func() component.Config { return &struct{}{} },
		exporter.WithLogs(func(context.Context, exporter.Settings, component.Config) (exporter.Logs, error) {
			return c, nil
		}, component.StabilityLevelStable),
		exporter.WithMetrics(func(context.Context, exporter.Settings, component.Config) (exporter.Metrics, error) {
			return c, nil
		}, component.StabilityLevelStable))
}

// Capabilities implements consumer.Logs and consumer.Metrics.
func (c *counting) Capabilities() consumer.Capabilities { return consumer.Capabilities{} }

// ConsumeLogs implements consumer.Logs.
func (c *counting) ConsumeLogs(_ context.Context, ld plog.Logs) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.totals.Records += int64(ld.LogRecordCount())
	return nil
}

// ConsumeMetrics implements consumer.Metrics. Adding up is right for deltas, and for
// cumulative sums that are emitted once.
func (c *counting) ConsumeMetrics(_ context.Context, md pmetric.Metrics) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, rm := range md.ResourceMetrics().All() {
		for _, sm := range rm.ScopeMetrics().All() {
			for _, m := range sm.Metrics().All() {
				if m.Type() != pmetric.MetricTypeSum {
					continue
				}
				var sum int64
				for _, dp := range m.Sum().DataPoints().All() {
					sum += dp.IntValue()
				}
				c.totals.Metrics[m.Name()] += sum
			}
		}
	}
	return nil
}
