// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package config // import "github.com/annotationmetrics/annotationmetricsprocessor/internal/config"

import (
	"fmt"
	"strings"
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

// blank stands for an expression that is in the config and empty. One that is left out
// has a meaning (every record, a count of 1, the attribute of the label's name), and one
// that an unset variable left empty must not silently take it on.
const blank = " "

// markBlank sets the expressions to blank that are empty in raw, the annotations as the
// user wrote them. It is not done by an Unmarshal of each struct, under which errors of
// decoding would lose their paths.
func (c *Config) markBlank(raw any) {
	annotations, _ := raw.([]any)
	for i := range min(len(annotations), len(c.Annotations)) {
		a := &c.Annotations[i]
		markBlank(annotations[i], "condition", &a.Condition)
		markBlank(annotations[i], "value", &a.Value)
		fields, _ := annotations[i].(map[string]any)
		labels, _ := fields["labels"].([]any)
		for k := range min(len(labels), len(a.Labels)) {
			markBlank(labels[k], "value", &a.Labels[k].Value)
		}
	}
}

func markBlank(raw any, key string, text *string) {
	fields, _ := raw.(map[string]any)
	if _, ok := fields[key]; ok && *text == "" {
		*text = blank
	}
}

// checkNotBlank refuses expressions of nothing but space; without says what it means to
// leave them out.
func checkNotBlank(key, text, without string) error {
	if text != "" && strings.TrimSpace(text) == "" {
		return fmt.Errorf("`%s` must not be empty, found no expression; %s", key, without)
	}
	return nil
}

// checkCondition parses text as an OTTL boolean expression.
func checkCondition(key, text string) error {
	if err := checkNotBlank(key, text, "without the key every record counts"); err != nil {
		return err
	}
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
func checkValue(key, text, without string) error {
	if err := checkNotBlank(key, text, without); err != nil {
		return err
	}
	p, err := parser()
	if err != nil {
		return err
	}
	if _, err := p.Value(text); err != nil {
		return fmt.Errorf("`%s` must be an OTTL value expression, found %s: %w", key, quote(text), err)
	}
	return nil
}
