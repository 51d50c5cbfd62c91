// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package receiver

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/receiver/receivertest"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/route"
	"github.com/annotationmetrics/annotationmetricsprocessor/receiver/internal/metadata"
)

// What the generated lifecycle test does, with the partner that a receiver needs.
func TestLifecycleWithPartner(t *testing.T) {
	f := NewFactory()
	set := receivertest.NewNopSettings(metadata.Type)
	partner := route.NewProcessor(set.ID, set.TelemetrySettings)
	defer partner.Leave()
	for range 2 {
		r, err := f.CreateMetrics(t.Context(), set, f.CreateDefaultConfig(), consumertest.NewNop())
		require.NoError(t, err)
		require.NoError(t, r.Start(t.Context(), componenttest.NewNopHost()))
		require.NoError(t, r.Shutdown(t.Context()))
		require.NoError(t, r.Shutdown(t.Context()))
	}
}

// A receiver without a partner does not start, and can still be shut down.
func TestNoPartner(t *testing.T) {
	f := NewFactory()
	r, err := f.CreateMetrics(t.Context(), receivertest.NewNopSettings(metadata.Type), f.CreateDefaultConfig(), consumertest.NewNop())
	require.NoError(t, err)
	err = r.Start(t.Context(), componenttest.NewNopHost())
	require.Error(t, err)
	assert.Contains(t, err.Error(), "has no processor")
	require.NoError(t, r.Shutdown(t.Context()))
}
