// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package route

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
)

// source keeps which consumer is attached to it.
type source struct {
	next     consumer.Metrics
	detached int
}

func (s *source) Attach(next consumer.Metrics) { s.next = next }
func (s *source) Detach(context.Context)       { s.next = nil; s.detached++ }

var id = component.MustNewIDWithName("annotation_metrics", "x")

// collector returns the telemetry settings of a component of the Collector named.
func collector(name string) component.TelemetrySettings {
	set := componenttest.NewNopTelemetrySettings()
	set.Resource = pcommon.NewResource()
	if name != "" {
		set.Resource.Attributes().PutStr(instanceID, name)
	}
	return set
}

// The receiver's consumer reaches the processor's source whichever starts first, and
// leaves with the receiver.
func TestBothStartOrders(t *testing.T) {
	for _, receiverFirst := range []bool{false, true} {
		p, r := NewProcessor(id, collector("a")), NewReceiver(id, collector("a"))
		require.NoError(t, p.Partner())
		require.NoError(t, r.Partner())
		s, next := &source{}, consumertest.NewNop()
		if receiverFirst {
			require.NoError(t, r.Attach(next))
			require.NoError(t, p.Claim(s))
		} else {
			require.NoError(t, p.Claim(s))
			require.NoError(t, r.Attach(next))
		}
		assert.Same(t, next, s.next)
		r.Detach(t.Context())
		r.Detach(t.Context())
		assert.Nil(t, s.next)
		assert.Equal(t, 1, s.detached)
		p.Release()
		p.Leave()
		p.Leave()
		r.Leave()
	}
	assert.Empty(t, ties.byKey)
}

// Another ID, and the same ID in another Collector, are strangers.
func TestStrangers(t *testing.T) {
	p := NewProcessor(id, collector("a"))
	defer p.Leave()
	for _, r := range []*Receiver{
		NewReceiver(id, collector("b")),
		NewReceiver(id, collector("")),
		NewReceiver(component.MustNewIDWithName("annotation_metrics", "y"), collector("a")),
	} {
		require.Error(t, r.Partner())
		require.Error(t, p.Partner())
		r.Leave()
	}
}

// A receiver takes the place of one that has detached, as when only the receivers are reloaded,
// and of no other one.
func TestOnlyOneConsumer(t *testing.T) {
	p, old, young := NewProcessor(id, collector("a")), NewReceiver(id, collector("a")), NewReceiver(id, collector("a"))
	defer p.Leave()
	defer young.Leave()
	s, first, second := &source{}, consumertest.NewNop(), consumertest.NewNop()
	require.NoError(t, p.Claim(s))
	require.NoError(t, old.Attach(first))
	require.ErrorContains(t, young.Attach(second), `receiver "annotation_metrics/x" is already running in another Collector of this process with the same service.instance.id "a"`)
	young.Detach(t.Context())
	assert.Same(t, first, s.next, "who has not attached takes nothing away")

	old.Detach(t.Context())
	old.Leave()
	require.NoError(t, young.Attach(second))
	assert.Same(t, second, s.next)
	require.NoError(t, p.Partner(), "the young one is there")
	p.Release()
	young.Detach(t.Context())
	assert.Same(t, second, s.next, "a source that is released is left alone")
}

func TestOnlyOneSource(t *testing.T) {
	a, b := NewProcessor(id, collector("a")), NewProcessor(id, collector("a"))
	defer a.Leave()
	defer b.Leave()
	require.NoError(t, a.Claim(&source{}))
	require.ErrorContains(t, b.Claim(&source{}), `service.instance.id "a"`)
	a.Release()
	require.NoError(t, b.Claim(&source{}))
}
