// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package config // import "github.com/annotationmetrics/annotationmetricsprocessor/internal/config"

import (
	"fmt"
	"sync"

	"go.opentelemetry.io/collector/component"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	tracenoop "go.opentelemetry.io/otel/trace/noop"
	"go.uber.org/zap"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/expr"
)

// parser serves validation only: what it parses is thrown away, so nothing is ever
// logged or recorded through it.
var parser = sync.OnceValues(func() (*expr.Parser, error) {
	return expr.NewParser(component.TelemetrySettings{
		Logger:         zap.NewNop(),
		MeterProvider:  metricnoop.NewMeterProvider(),
		TracerProvider: tracenoop.NewTracerProvider(),
	})
})

// checkCondition parses text as an OTTL boolean expression.
func checkCondition(key, text string) error {
	p, err := parser()
	if err != nil {
		return err
	}
	if _, err := p.Condition(text); err != nil {
		return fmt.Errorf("`%s` must be an OTTL boolean expression, found %s: %w", key, quote(text), err)
	}
	return nil
}

// checkValue parses text as an OTTL value expression.
func checkValue(key, text string) error {
	p, err := parser()
	if err != nil {
		return err
	}
	if _, err := p.Value(text); err != nil {
		return fmt.Errorf("`%s` must be an OTTL value expression, found %s: %w", key, quote(text), err)
	}
	return nil
}
