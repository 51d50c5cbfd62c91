// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

// Package subject holds what is measured: annotation_metrics through the doors that users
// take, its engine alone, the connectors that do the same work, the OTTL library alone,
// and a plain walk over the attributes, which is the least that reading a record costs.
//
// A subject counts its passes, and Close compares what it derived in all of them with the
// truth. Subjects belong to one goroutine.
package subject // import "github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/subject"
