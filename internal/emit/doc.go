// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

// Package emit sends what the series hold to a metrics consumer, every interval and once
// more at the end.
//
// All sending is done by one goroutine, so that payloads leave in order and nothing but
// that goroutine ever waits for the consumer. A Flusher is safe for concurrent use.
package emit // import "github.com/annotationmetrics/annotationmetricsprocessor/internal/emit"
