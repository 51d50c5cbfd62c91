// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

// Package connector is both doors in one, for the graph: a logs pipeline exports to it
// and a metrics pipeline receives from it. The Collector always stops the two in order,
// so that nothing accepted is lost at a shutdown.
package connector // import "github.com/annotationmetrics/annotationmetricsprocessor/connector"
