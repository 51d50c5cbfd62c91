// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

// Package condition evaluates OTTL boolean expressions over chunks of records.
//
// Comparisons of paths and literals, and IsMatch with a constant pattern, run as loops over
// columns. The OTTL library evaluates the rest: leaves that package syntax does not know,
// for the records on which the expression still depends, and leaves that meet a value
// about which OTTL has a peculiar opinion, for that record. What comes out is what the
// library would say of each record, errors included.
//
// A Predicate is read-only and safe for concurrent use.
package condition // import "github.com/annotationmetrics/annotationmetricsprocessor/internal/condition"
