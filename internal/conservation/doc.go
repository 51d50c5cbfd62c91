// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

// Package conservation adds up what was emitted, so that tests can compare it with what came
// in: for each annotation the outcomes sum to the records of final calls, and the last values
// of all lives of its series, or all points of deltas, sum to what matched.
//
// It is for tests only, here and in the module e2e. It knows OTLP and nothing of how the
// points came about. A Ledger keeps every point's times, so its memory grows with the points.
package conservation // import "github.com/annotationmetrics/annotationmetricsprocessor/internal/conservation"
