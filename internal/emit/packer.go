// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package emit

import (
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/labels"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/series"
)

// packer packs points into payloads, and hands each over as soon as it is full: there is
// never more than one that nobody has.
type packer struct {
	transient bool
	writer    Writer
	deliver   func(*payload)

	current *payload
	bytes   int
	scopes  map[*labels.Resource]pmetric.ScopeMetrics
	metrics map[metricKey]pmetric.Metric
	// latest is the last of metrics that was asked for: series of one resource mostly
	// follow each other, and two map accesses for each point would be a tenth of a flush.
	latest struct {
		key    metricKey
		metric pmetric.Metric
		known  bool
	}
}

type metricKey struct {
	resource *labels.Resource
	family   *series.Family
}

// pack adds every point of the block that s has copied. A payload holds a resource once
// and, in it, a metric once. A point that does not fit in with others has a payload of
// its own, so that it is refused alone.
func (p *packer) pack(s *series.Snapshot) {
	family := s.Family()
	s.Points(func(point series.Point) {
		key := metricKey{resource: point.Resource, family: family}
		p.fit(func() int { return p.need(s, point, key) })
		s.Write(point, p.metric(s, key))
		if point.Unsent {
			p.current.changed.add(family, point.Slot)
		}
		if point.Fresh {
			p.current.begun.add(family, point.Slot)
		}
		p.count()
	})
}

// packEnds adds a point for every series of the block that has ended, each in a metric of
// its own: the Prometheus exporter (v0.158.0) reads a metric only up to the first such
// point.
func (p *packer) packEnds(s *series.Snapshot) {
	s.Ends(func(point series.Point) {
		p.fit(func() int { return p.needAlone(s, point) })
		m := p.scope(point.Resource).Metrics().AppendEmpty()
		s.Describe(m)
		s.WriteEnd(point, m)
		p.current.ended.add(s.Family(), point.Slot)
		p.count()
	})
}

// fit makes sure that there is a payload, and room in it for a point that makes it larger
// by so many bytes.
func (p *packer) fit(need func() int) {
	n := need()
	if p.current != nil && p.bytes+n > maxBytes {
		p.flush()
		n = need()
	}
	if p.current == nil {
		p.open()
	}
	p.bytes += n
}

func (p *packer) count() {
	p.current.points++
	if p.current.points >= maxPoints {
		p.flush()
	}
}

// flush hands over what has been packed, if there is something.
func (p *packer) flush() {
	if full := p.current; full != nil {
		p.current, p.scopes, p.metrics, p.latest.known = nil, nil, nil, false
		p.deliver(full)
	}
}

func (p *packer) open() {
	p.current = &payload{metrics: pmetric.NewMetrics(), transient: p.transient}
	p.bytes = 0
	p.scopes = map[*labels.Resource]pmetric.ScopeMetrics{}
	p.metrics = map[metricKey]pmetric.Metric{}
}

// need returns by how many bytes the point makes the current payload larger.
func (p *packer) need(s *series.Snapshot, point series.Point, key metricKey) int {
	if p.find(key) {
		return s.PointSize(point)
	}
	return p.needAlone(s, point)
}

// needAlone is need for a point in a metric of its own.
func (p *packer) needAlone(s *series.Snapshot, point series.Point) int {
	n := s.PointSize(point) + s.MetricSize()
	if _, ok := p.scopes[point.Resource]; !ok {
		n += labels.Size(point.Resource.Attributes) + len(p.writer.Attribute) + len(p.writer.ID) + len(ScopeName) + 96
	}
	return n
}

// find makes the metric of key the latest one, if the payload has it.
func (p *packer) find(key metricKey) bool {
	if p.latest.known && p.latest.key == key {
		return true
	}
	m, ok := p.metrics[key]
	if ok {
		p.latest.key, p.latest.metric, p.latest.known = key, m, true
	}
	return ok
}

// metric returns the metric of key in the current payload.
func (p *packer) metric(s *series.Snapshot, key metricKey) pmetric.Metric {
	if !p.find(key) {
		m := p.scope(key.resource).Metrics().AppendEmpty()
		s.Describe(m)
		p.metrics[key] = m
		p.latest.key, p.latest.metric, p.latest.known = key, m, true
	}
	return p.latest.metric
}

func (p *packer) scope(r *labels.Resource) pmetric.ScopeMetrics {
	sm, ok := p.scopes[r]
	if !ok {
		rm := p.current.metrics.ResourceMetrics().AppendEmpty()
		r.PutTo(rm.Resource().Attributes())
		if p.writer.Attribute != "" {
			rm.Resource().Attributes().PutStr(p.writer.Attribute, p.writer.ID)
		}
		sm = rm.ScopeMetrics().AppendEmpty()
		sm.Scope().SetName(ScopeName)
		p.scopes[r] = sm
	}
	return sm
}
