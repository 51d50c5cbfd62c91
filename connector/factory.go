// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"context"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/connector"
	"go.opentelemetry.io/collector/consumer"

	"github.com/annotationmetrics/annotationmetricsprocessor/connector/internal/metadata"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/config"
)

// Config is what a user configures: the same as for the processor.
type Config = config.Config

// NewFactory returns the factory of the connector.
func NewFactory() connector.Factory {
	return connector.NewFactory(
		metadata.Type,
		createDefaultConfig,
		connector.WithLogsToMetrics(createLogsToMetrics, metadata.LogsToMetricsStability),
	)
}

func createDefaultConfig() component.Config {
	return config.Default()
}

func createLogsToMetrics(_ context.Context, set connector.Settings, cfg component.Config, next consumer.Metrics) (connector.Logs, error) {
	return newLogsConnector(set, cfg.(*Config), next)
}
