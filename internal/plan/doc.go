// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

// Package plan compiles annotations: which columns to load, which conditions, values and
// label lists to evaluate, each once however many annotations ask for it, and which
// metric each annotation feeds.
//
// A Plan is read-only and safe for concurrent use.
package plan // import "github.com/annotationmetrics/annotationmetricsprocessor/internal/plan"
