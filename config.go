// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package annotationmetricsprocessor

import "github.com/annotationmetrics/annotationmetricsprocessor/internal/config"

// Config is what a user configures for the processor and for the connector.
type Config = config.Config

// Telemetry configures the component's own metrics.
type Telemetry = config.Telemetry

// Annotation derives one metric from the records that match its condition.
type Annotation = config.Annotation

// Label is one label of an annotation.
type Label = config.Label
