// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

// Package labels turns what records and resources say into label tuples: text with a
// defined form for every kind of value, and dense IDs for the tuples of a batch.
//
// A label is its name and its text: 200, 200.0 and "200" are one value, since backends
// compare text. The value keeps the type with which it was first seen.
//
// A List and a Selector are read-only and safe for concurrent use. Tuples belong to one
// goroutine; nothing in them points into the batch that they were read from.
package labels // import "github.com/annotationmetrics/annotationmetricsprocessor/internal/labels"
