// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package series

import "time"

// Tick is a point in monotonic time, in tenths of a second: four bytes for each series, and
// 13 years before two times look alike.
type Tick uint32

const tick = 100 * time.Millisecond

// TickOf returns the first tick that is not before a time of the monotonic clock, in
// nanoseconds.
func TickOf(ns int64) Tick {
	return Tick((ns + int64(tick) - 1) / int64(tick))
}

// idleFor reports whether d has passed from t to now, which is a time of that clock, in
// nanoseconds.
func (t Tick) idleFor(d time.Duration, now int64) bool {
	elapsed := int32(Tick(now/int64(tick)) - t) // negative if t is rounded up and now is not
	return elapsed >= 0 && time.Duration(elapsed)*tick >= d
}
