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
	// changed lists the points that say something that no accepted payload has said, begun
	// those with which series begin, and ended those with which they end.
	changed, begun, ended slots
	// transient payloads hold what the families no longer have.
	transient bool
	// restored payloads were kept by a state in an earlier life.
	restored bool
	// number is that of the payload in the state which keeps it, if kept is true.
	number uint64
	kept   bool
}

// unsent returns how many points would be lost with the payload.
func (p *payload) unsent() int {
	if p.restored {
		return p.points
	}
	return p.changed.len()
}

// slots are series by family.
type slots []familySlots

type familySlots struct {
	family *series.Family
	slots  []uint32
}

func (s slots) len() int {
	n := 0
	for _, f := range s {
		n += len(f.slots)
	}
	return n
}

func (s *slots) add(family *series.Family, slot uint32) {
	last := len(*s) - 1
	if last < 0 || (*s)[last].family != family {
		*s = append(*s, familySlots{family: family})
		last++
	}
	(*s)[last].slots = append((*s)[last].slots, slot)
}
