// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

// Package expr parses OTTL conditions and value expressions in the log context, and
// evaluates them so that no input panics.
//
// Paths with a context (`log.attributes["x"]`, `resource.attributes["x"]`) and bare log
// paths (`attributes["x"]`) both parse. All standard converters are there, no editors.
// A Parser is safe for concurrent use, and so are the expressions that it returns.
package expr // import "github.com/annotationmetrics/annotationmetricsprocessor/internal/expr"
