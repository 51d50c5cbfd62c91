// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

// Package annotationmetricsprocessor is an OpenTelemetry Collector processor that derives
// metrics from log records and passes the logs on untouched.
//
// Each annotation of the configuration is one metric: a condition selects records, a
// value expression measures them, labels split them into series. The metrics leave
// through the receiver with the same component ID, whose factory is in the package
// receiver; the package connector holds both in one component.
//
// The processor is stateful: series live in memory, and with `storage` also beyond
// the Collector's end. It is safe
// for concurrent use, as the Collector demands of all components.
package annotationmetricsprocessor // import "github.com/annotationmetrics/annotationmetricsprocessor"
