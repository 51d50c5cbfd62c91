// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package annotationmetricsprocessor // import "github.com/annotationmetrics/annotationmetricsprocessor"
