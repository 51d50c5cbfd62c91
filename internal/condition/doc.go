// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

// Package condition evaluates OTTL boolean expressions over chunks of records.
//
// A Predicate is read-only and safe for concurrent use.
package condition // import "github.com/annotationmetrics/annotationmetricsprocessor/internal/condition"
