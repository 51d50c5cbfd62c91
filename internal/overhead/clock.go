// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package overhead

import "time"

// epoch is what Now counts from. Only differences of Now mean anything.
var epoch = time.Now()

// Now reads the monotonic clock, in nanoseconds. It never steps back.
func Now() int64 {
	return int64(time.Since(epoch))
}
