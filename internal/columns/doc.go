// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

// Package columns holds a chunk of log records for evaluation: the records themselves
// and, in typed columns, each record attribute that some annotation reads, so that a
// record's attributes are searched once per chunk and not once per annotation.
//
// A Chunk belongs to one goroutine. It points into the batch that it was read from and
// must be released before that batch goes to the next consumer.
package columns // import "github.com/annotationmetrics/annotationmetricsprocessor/internal/columns"
