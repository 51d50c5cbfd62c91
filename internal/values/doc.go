// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

// Package values reads measurements: what a value expression yields for the records of a
// chunk, as numbers.
//
// A plain path, `Int(path)`, `Double(path)` and a number are read from columns, all else
// is evaluated by OTTL. A Value is read-only and safe for concurrent use; Numbers belong
// to one goroutine.
package values // import "github.com/annotationmetrics/annotationmetricsprocessor/internal/values"
