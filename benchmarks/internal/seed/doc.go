// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

// Package seed rebuilds how the program that annotation_metrics goes back to kept its
// accounts: it timed each step of each annotation of each record, 21 times a record with
// 10 annotations, and added each time at once to a shared figure in whole microseconds.
// There were two designs, one after the other: three figures behind a lock, and one atomic
// each.
package seed // import "github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/seed"
