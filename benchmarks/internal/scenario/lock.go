// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"context"
	"sync"
	"time"

	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/subject"
)

// lockProbe tells how long an engine's locks are held at once, while it is used.
//
// It measures from the outside: a goroutine commits batches of one known tuple, and what
// its longest commit took is an upper bound, for it also holds what the scheduler and the
// garbage collector did to that goroutine. This file is the place for an engine's own
// account of its locks: the scenarios only call startLockProbe and stop.
type lockProbe struct {
	stopping chan struct{}
	running  sync.WaitGroup
	longest  time.Duration
	commits  int
}

// startLockProbe begins to probe. The tuples of ld, a single record's, must be known.
func startLockProbe(g *subject.Grown, ld plog.Logs) *lockProbe {
	p := &lockProbe{stopping: make(chan struct{})}
	p.running.Go(func() {
		for {
			b := g.Stage(context.Background(), ld)
			start := time.Now()
			b.Commit()
			p.longest = max(p.longest, time.Since(start))
			p.commits++
			select {
			case <-p.stopping:
				return
			default:
			}
		}
	})
	return p
}

// stop ends the probe. It returns how long a lock was held at the most, in seconds, and
// how many records the probe has committed.
func (p *lockProbe) stop() (seconds float64, records int) {
	close(p.stopping)
	p.running.Wait()
	return p.longest.Seconds(), p.commits
}
