// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

// Package route ties a processor to its receiver: by component ID and by the Collector
// that both belong to, so that two Collectors in one process do not see each other.
//
// All components of a Collector are created before any is started. Creation notes who
// is there, which lets a start fail when the partner was never created; starts and
// shutdowns then come in any order, and a receiver may leave and come back.
//
// Everything here is safe for concurrent use.
package route // import "github.com/annotationmetrics/annotationmetricsprocessor/internal/route"
