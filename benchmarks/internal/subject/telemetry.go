// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package subject

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	tracenoop "go.opentelemetry.io/otel/trace/noop"
	"go.uber.org/zap"
)

// instances numbers what takes the place of Collectors: several of them live in one
// process and must not find each other's components.
var instances atomic.Int64

// telemetry is what a Collector gives its components, with metrics on, as they are in a
// Collector with default settings.
type telemetry struct {
	settings component.TelemetrySettings
	reader   *sdkmetric.ManualReader
	provider *sdkmetric.MeterProvider
}

func newTelemetry() *telemetry {
	t := &telemetry{reader: sdkmetric.NewManualReader()}
	t.provider = sdkmetric.NewMeterProvider(sdkmetric.WithReader(t.reader))
	resource := pcommon.NewResource()
	resource.Attributes().PutStr("service.instance.id", strconv.FormatInt(instances.Add(1), 10))
	t.settings = component.TelemetrySettings{
		Logger:         zap.NewNop(),
		TracerProvider: tracenoop.NewTracerProvider(),
		MeterProvider:  t.provider,
		Resource:       resource,
	}
	return t
}

func (t *telemetry) close() error {
	return t.provider.Shutdown(context.Background())
}

// selfMetric returns the metric of annotation_metrics that has this name behind the
// component's prefix.
func (t *telemetry) selfMetric(name string) (metricdata.Metrics, error) {
	var all metricdata.ResourceMetrics
	if err := t.reader.Collect(context.Background(), &all); err != nil {
		return metricdata.Metrics{}, err
	}
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			if strings.HasPrefix(m.Name, "otelcol_") && strings.HasSuffix(m.Name, "_annotation_metrics_"+name) {
				return m, nil
			}
		}
	}
	return metricdata.Metrics{}, fmt.Errorf("the component has no self-metric %q", name)
}

func label(set attribute.Set, key string) string {
	v, _ := set.Value(attribute.Key(key))
	return v.AsString()
}

// overhead returns the seconds that the stages took, but for the flush.
func (t *telemetry) overhead() (float64, error) {
	m, err := t.selfMetric("overhead_time")
	if err != nil {
		return 0, err
	}
	sum, ok := m.Data.(metricdata.Sum[float64])
	if !ok {
		return 0, fmt.Errorf("the self-metric %q must be a sum of doubles, found %T", m.Name, m.Data)
	}
	seconds := 0.0
	for _, dp := range sum.DataPoints {
		if label(dp.Attributes, "stage") != "flush" {
			seconds += dp.Value
		}
	}
	return seconds, nil
}

// records returns the number of records by annotation and outcome.
func (t *telemetry) records() (map[string]map[string]int64, error) {
	m, err := t.selfMetric("records")
	if err != nil {
		return nil, err
	}
	sum, ok := m.Data.(metricdata.Sum[int64])
	if !ok {
		return nil, fmt.Errorf("the self-metric %q must be a sum of integers, found %T", m.Name, m.Data)
	}
	records := map[string]map[string]int64{}
	for _, dp := range sum.DataPoints {
		annotation := label(dp.Attributes, "annotation")
		if records[annotation] == nil {
			records[annotation] = map[string]int64{}
		}
		records[annotation][label(dp.Attributes, "outcome")] += dp.Value
	}
	return records, nil
}
