// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

// Package syntax parses the part of OTTL that is compiled. The OTTL library has no public
// syntax tree.
//
// What it yields is only good for text that the library has parsed without an error. Where
// it is not sure what the library would make of a text, it says so: a leaf of a boolean
// expression, or the whole of it, is then Opaque and must be evaluated by the library. It
// takes time linear in the length of the text. All functions are safe for concurrent use,
// and what they return is read-only.
package syntax // import "github.com/annotationmetrics/annotationmetricsprocessor/internal/syntax"
