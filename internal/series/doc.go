// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

// Package series keeps the series of every annotation: their accumulators, their limit
// and the way from there to data points.
//
// A Family holds the series of one annotation. Batches add up in a Delta, which one
// goroutine owns, and are folded into the family in one step; a snapshot copies the
// family's numbers under the same lock and turns them into data points after it. Family
// is safe for concurrent use. No lock is held while foreign code runs.
package series // import "github.com/annotationmetrics/annotationmetricsprocessor/internal/series"
