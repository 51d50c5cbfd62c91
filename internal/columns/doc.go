// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

// Package columns holds a chunk of log records for evaluation: each field that some
// annotation reads lands in one typed column, so that a record is read once per chunk and
// not once per annotation.
//
// A Chunk belongs to one goroutine. It points into the batch that it was read from and
// must be released before that batch goes to the next consumer. Its memory is bounded by
// Size and the number of columns, whatever a batch holds.
package columns // import "github.com/annotationmetrics/annotationmetricsprocessor/internal/columns"
