// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package annotationmetricsprocessor

import (
	"context"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	collectorprocessor "go.opentelemetry.io/collector/processor"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/config"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/metadata"
	"github.com/annotationmetrics/annotationmetricsprocessor/processor"
)

// NewFactory returns the factory of the processor. Its metrics leave through the
// receiver with the same ID, whose factory is in the package receiver.
func NewFactory() collectorprocessor.Factory {
	return collectorprocessor.NewFactory(
		metadata.Type,
		createDefaultConfig,
		collectorprocessor.WithLogs(createLogs, metadata.LogsStability),
	)
}

func createDefaultConfig() component.Config {
	return config.Default()
}

func createLogs(ctx context.Context, set collectorprocessor.Settings, cfg component.Config, next consumer.Logs) (collectorprocessor.Logs, error) {
	return processor.New(ctx, set, cfg.(*Config), next)
}
