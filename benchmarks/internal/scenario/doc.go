// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

// Package scenario is the registry of measurements: the rows of the speed budget with
// their goals and gates, and the tables of absolute figures beside them.
//
// A scenario makes what it measures, measures it, and fails if what was counted meanwhile
// is not what the data says. Scenarios run one at a time.
package scenario // import "github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/scenario"
