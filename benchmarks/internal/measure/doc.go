// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

// Package measure takes times so that they can be compared on a machine that has other
// things to do: what is compared takes turns, in rounds, and what counts is the median of
// the rounds' ratios. It is for one goroutine.
package measure // import "github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/measure"
