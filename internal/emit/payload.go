// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package emit

import (
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/labels"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/series"
)

// ScopeName is the instrumentation scope of derived metrics. It has no version: that
// would make every series a new one at each upgrade.
const ScopeName = "github.com/annotationmetrics/annotationmetricsprocessor"

// A payload stays below what a gRPC receiver takes by default, 4 MiB: by its points, and
// by their bytes where labels are long or buckets many. Sizes are upper estimates.
const (
	maxPoints = 8192
	maxBytes  = 3 << 20
)

// payload is what one call of the consumer takes or refuses.
type payload struct {
	metrics pmetric.Metrics
	points  int
	// changed lists the points that say something that no accepted payload has said.
	changed []changedSlots
	// transient payloads hold what the families no longer have.
	transient bool
}

type changedSlots struct {
	family *series.Family
	slots  []uint32
}

// unsent returns how many points would be lost with the payload.
func (p *payload) unsent() int {
	n := 0
	for _, c := range p.changed {
		n += len(c.slots)
	}
	return n
}

// packer packs points into payloads.
type packer struct {
	payloads  []*payload
	transient bool

	current *payload
	bytes   int
	scopes  map[*labels.Resource]pmetric.ScopeMetrics
	metrics map[metricKey]pmetric.Metric
}

type metricKey struct {
	resource *labels.Resource
	family   *series.Family
}

// pack adds every point of s. A payload holds a resource once and, in it, a metric once.
// A point that does not fit in with others has a payload of its own, so that it is
// refused alone.
func (p *packer) pack(s *series.Snapshot) {
	family := s.Family()
	s.Slots(func(slot uint32, r *labels.Resource, changed bool) {
		need := p.need(s, slot, r)
		if p.current == nil || p.current.points >= maxPoints || p.bytes+need > maxBytes {
			p.open()
			need = p.need(s, slot, r)
		}
		p.bytes += need
		key := metricKey{resource: r, family: family}
		m, ok := p.metrics[key]
		if !ok {
			m = p.scope(r).Metrics().AppendEmpty()
			s.Describe(m)
			p.metrics[key] = m
		}
		s.Write(slot, m)
		p.current.points++
		if changed {
			p.current.mark(family, slot)
		}
	})
}

// need returns by how many bytes the point makes the current payload larger.
func (p *packer) need(s *series.Snapshot, slot uint32, r *labels.Resource) int {
	n := s.PointSize(slot)
	if _, ok := p.metrics[metricKey{resource: r, family: s.Family()}]; !ok {
		n += s.MetricSize()
	}
	if _, ok := p.scopes[r]; !ok {
		n += labels.Size(r.Attributes) + len(ScopeName) + 64
	}
	return n
}

func (p *payload) mark(family *series.Family, slot uint32) {
	last := len(p.changed) - 1
	if last < 0 || p.changed[last].family != family {
		p.changed = append(p.changed, changedSlots{family: family})
		last++
	}
	p.changed[last].slots = append(p.changed[last].slots, slot)
}

func (p *packer) open() {
	p.current = &payload{metrics: pmetric.NewMetrics(), transient: p.transient}
	p.payloads = append(p.payloads, p.current)
	p.bytes = 0
	p.scopes = map[*labels.Resource]pmetric.ScopeMetrics{}
	p.metrics = map[metricKey]pmetric.Metric{}
}

func (p *packer) scope(r *labels.Resource) pmetric.ScopeMetrics {
	sm, ok := p.scopes[r]
	if !ok {
		rm := p.current.metrics.ResourceMetrics().AppendEmpty()
		r.PutTo(rm.Resource().Attributes())
		sm = rm.ScopeMetrics().AppendEmpty()
		sm.Scope().SetName(ScopeName)
		p.scopes[r] = sm
	}
	return sm
}
