// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package emit

import (
	"go.opentelemetry.io/collector/pdata/pmetric"

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

func (p *payload) mark(family *series.Family, slot uint32) {
	last := len(p.changed) - 1
	if last < 0 || p.changed[last].family != family {
		p.changed = append(p.changed, changedSlots{family: family})
		last++
	}
	p.changed[last].slots = append(p.changed[last].slots, slot)
}
