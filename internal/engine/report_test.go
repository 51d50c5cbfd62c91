// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/otel/attribute"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/config"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/doortest"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/engine"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/metadata"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/telemetry"
)

const secret = "correct-horse-battery-staple"

// observed returns an engine whose annotations fail on secrets in every way, and its log.
func observed(t *testing.T, mode config.ErrorMode) (*engine.Engine, *observer.ObservedLogs) {
	core, logs := observer.New(zapcore.DebugLevel)
	set := componenttest.NewNopTelemetrySettings()
	set.Logger = zap.New(core)
	cfg := settings(t, config.TemporalityCumulative,
		config.Annotation{Metric: "bad.condition", Condition: `Double(attributes["secret"]) > 1`},
		config.Annotation{Metric: "bad.value", Value: `Double(attributes["secret"])`},
		config.Annotation{Metric: "invalid.value", Value: `attributes["secret"]`},
		config.Annotation{Metric: "negative.value", Value: `-1`},
		config.Annotation{Metric: "bad.label", Labels: []config.Label{{Name: "l", Value: `Double(attributes["secret"])`}}},
		config.Annotation{Metric: "missing.value", Value: `attributes["absent"]`},
	)
	cfg.ErrorMode = mode
	b, err := metadata.NewTelemetryBuilder(set)
	require.NoError(t, err)
	e, err := engine.New(cfg, set, &telemetry.Instruments{
		Builder: b, Component: attribute.String("processor", "x"),
		EmittedDatapoints: b.EmittedDatapoints, LostDatapoints: b.LostDatapoints, EmissionFailures: b.EmissionFailures, StorageFailures: b.StorageFailures,
	})
	require.NoError(t, err)
	return e, logs
}

func consumeSecrets(t *testing.T, e *engine.Engine) {
	ld := doortest.Logs(func(r plog.LogRecord) { r.Attributes().PutStr("secret", secret) })
	for range 100 {
		e.Stage(t.Context(), ld).Commit()
	}
}

// Failures are reported once a minute for each annotation and outcome, and nothing of a
// record is in a report above debug.
func TestReports(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, logs := observed(t, config.ErrorModeIgnore)
		for minute := range 3 {
			consumeSecrets(t, e)
			reports := map[string]int{}
			quoted := false
			for _, entry := range logs.TakeAll() {
				text, err := zapcore.NewJSONEncoder(zap.NewDevelopmentEncoderConfig()).EncodeEntry(entry.Entry, entry.Context)
				require.NoError(t, err)
				if entry.Level == zapcore.DebugLevel {
					quoted = quoted || strings.Contains(text.String(), secret)
					continue
				}
				assert.Equal(t, zapcore.WarnLevel, entry.Level)
				assert.NotContains(t, text.String(), secret, text.String())
				fields := entry.ContextMap()
				reports[fields["annotation"].(string)+" "+fields["outcome"].(string)]++
			}
			assert.Equal(t, map[string]int{
				"bad.condition condition_error": 1,
				"bad.value value_error":         1,
				"invalid.value value_invalid":   1,
				"negative.value value_invalid":  1,
				"bad.label label_error":         1,
			}, reports, "minute %d", minute)
			assert.True(t, quoted, "at debug the reader learns what was wrong")
			time.Sleep(30 * time.Second)
			consumeSecrets(t, e)
			assert.Empty(t, logs.TakeAll())
			time.Sleep(31 * time.Second)
		}
	})
}

func TestSilentMode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, logs := observed(t, config.ErrorModeSilent)
		consumeSecrets(t, e)
		assert.Empty(t, logs.All())
	})
}
