// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package emit

import (
	"sync"
	"time"
)

// overdue calls say once, in a goroutine of its own, unless done is called within the limit.
// done reports whether say was called; say has returned by then, and is not called any more.
func overdue(limit time.Duration, say func()) (done func() bool) {
	var mu sync.Mutex
	said, over := false, false
	timer := time.AfterFunc(limit, func() {
		mu.Lock()
		defer mu.Unlock()
		if !over { // done may have come just now
			said = true
			say()
		}
	})
	return func() bool {
		timer.Stop()
		mu.Lock()
		defer mu.Unlock()
		over = true
		return said
	}
}
