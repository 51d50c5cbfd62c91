// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

// Package rules holds what is derived from the records: sets of rules, each of which says
// the same thing four times, as an annotation, as a metric of signal_to_metrics, as a
// metric of count, and as a plain Go predicate, which is the truth that all are held
// against.
package rules // import "github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/rules"
