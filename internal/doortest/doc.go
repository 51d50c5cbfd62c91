// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

// Package doortest opens the doors of the component for tests: the processor with its
// receiver, and the connector, so that one test can go through both.
package doortest // import "github.com/annotationmetrics/annotationmetricsprocessor/internal/doortest"
