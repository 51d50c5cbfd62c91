// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

// Package processor is the logs door: logs pass through untouched, and are measured on
// the way.
//
// A batch is staged, forwarded and committed, in this order: it counts once, when the
// next consumer's answer is final. Processors are safe for concurrent use.
package processor // import "github.com/annotationmetrics/annotationmetricsprocessor/processor"
