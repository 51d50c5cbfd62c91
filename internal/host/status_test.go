// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package host_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"go.opentelemetry.io/collector/component/componentstatus"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/doortest"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/host"
)

// All components that share a state report the same, also one that joins later.
func TestStatusOfComponentsThatShareAState(t *testing.T) {
	const recoverable, ok = componentstatus.StatusRecoverableError, componentstatus.StatusOK
	var s host.Status
	first, second, late := doortest.NewHost(nil), doortest.NewHost(nil), doortest.NewHost(nil)
	s.Add(first)
	s.Add(second)
	assert.Empty(t, first.Statuses())
	trouble := errors.New("trouble")
	s.Report(trouble)
	s.Add(late)
	s.Report(nil)
	for _, h := range []*doortest.Host{first, second, late} {
		assert.Equal(t, []componentstatus.Status{recoverable, ok}, h.Statuses())
		assert.Equal(t, trouble, h.Events()[0].Err())
		assert.NoError(t, h.Events()[1].Err())
	}
}
