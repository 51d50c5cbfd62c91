// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

// Package engine is what stands behind every door: it takes a batch of logs through the
// stages, keeps the series and emits them.
//
// A batch is staged first and committed or refused later, so that it can be forwarded in
// between: Stage reads the batch and changes nothing that anybody else sees, Commit
// touches no log. An Engine is safe for concurrent use; it knows the life of a component
// but no factory and no host.
package engine // import "github.com/annotationmetrics/annotationmetricsprocessor/internal/engine"
