// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package annotationmetricsprocessor

import (
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/metadata"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/route"
)

// The generated lifecycle tests start a processor alone, which fails for want of a
// receiver; this notes one with the ID and the resource that they use.
func init() {
	route.NewReceiver(component.NewID(metadata.Type), componenttest.NewNopTelemetrySettings())
}
