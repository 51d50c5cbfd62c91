// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package emit

import (
	"fmt"
	"sync"
	"time"
)

// tick emits as the interval demands, and says how that went: what was refused, or that
// nothing was. The emissions of a shutdown say nothing: nobody could mend it in time.
func (f *Flusher) tick() {
	f.ticking, f.refused = true, nil
	f.emit(false)
	f.ticking = false
	if f.refused != nil {
		f.set.Status(fmt.Errorf("the metrics pipeline refuses data points: %w", f.refused))
		return
	}
	f.set.Status(nil)
}

// expectAnswer says that there is trouble when the consumer has been in one call for longer
// than an interval. The result must be called when it has answered.
func (f *Flusher) expectAnswer() (answered func()) {
	if !f.ticking {
		return func() {}
	}
	var mu sync.Mutex
	done := false
	timer := time.AfterFunc(f.set.Interval, func() {
		mu.Lock()
		defer mu.Unlock()
		if !done {
			f.set.Status(fmt.Errorf("the metrics pipeline has not answered for %s", f.set.Interval))
		}
	})
	return func() {
		timer.Stop()
		mu.Lock()
		defer mu.Unlock()
		done = true // it may have gone off just now
	}
}
