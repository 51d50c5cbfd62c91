// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"sync/atomic"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// arrivals tells when records arrive. It follows a wall clock that steps forward, because a
// machine that was suspended has not counted that time, and records of afterwards would look as
// if they came from the future. It never steps back: when the wall clock does, the time that has
// passed is what counts, and if the wall clock had been ahead, it stands still until that has
// caught up. It is safe for concurrent use.
type arrivals struct {
	begin  pcommon.Timestamp
	latest atomic.Uint64
}

// at returns the time of an arrival, by the wall clock and by the time that has passed since
// the beginning.
func (a *arrivals) at(wall time.Time, passed time.Duration) pcommon.Timestamp {
	now := uint64(max(pcommon.NewTimestampFromTime(wall), a.begin+pcommon.Timestamp(passed)))
	for {
		latest := a.latest.Load()
		if now <= latest {
			return pcommon.Timestamp(latest)
		}
		if a.latest.CompareAndSwap(latest, now) {
			return pcommon.Timestamp(now)
		}
	}
}
