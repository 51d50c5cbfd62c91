// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

// Package hold has the locks of the store. They are those of package sync, unless the
// program is built with the tag holdtimes: then each also measures how long it is held, for
// the benchmarks.
package hold // import "github.com/annotationmetrics/annotationmetricsprocessor/internal/hold"
