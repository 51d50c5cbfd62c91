// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

// Package data makes the log records that everything is measured on. They are the same
// in every run: the generator is seeded, and what it makes is pinned by a test.
//
// Each record exists twice: as plain Go values, from which a scenario's truth is counted,
// and as pdata that went through OTLP, as a Collector gets it.
package data // import "github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/data"
