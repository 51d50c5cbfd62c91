// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

// Package telemetry exports what the component says of itself: the counters of
// internal/overhead and the series of internal/series through asynchronous instruments,
// and what must still show after the shutdown through synchronous ones.
//
// The instruments are declared in the metadata.yaml of each door and generated from
// there; this package gives them their attributes and values.
package telemetry // import "github.com/annotationmetrics/annotationmetricsprocessor/internal/telemetry"
