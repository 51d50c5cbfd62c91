// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

// Package receiver is the door through which the metrics of the annotation_metrics
// processor with the same ID enter a metrics pipeline. It has nothing to configure.
package receiver // import "github.com/annotationmetrics/annotationmetricsprocessor/receiver"
