// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

// Package report writes what was measured as a page in Markdown.
package report // import "github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/report"
