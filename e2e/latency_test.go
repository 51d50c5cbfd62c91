// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// A metrics consumer that blocks for good costs the logs neither throughput nor latency.
// The bounds are wide, as the machine may be busy: a wait for the consumer, or for an
// interval, would be longer by orders of magnitude.
func TestB18_LogsKeepTheirPaceWhileTheMetricsConsumerBlocks(t *testing.T) {
	for _, temporality := range []string{"cumulative", "delta"} {
		t.Run(temporality, func(t *testing.T) {
			c := runInProcess(t, processorAndReceiver, "processors::annotation_metrics::temporality: "+temporality)
			sink := c.metrics("metrics_sink")
			ld := everyTypesLogs()[0]
			const calls = 5000
			measure := func() (total, p50, p99 time.Duration) {
				took := make([]time.Duration, calls)
				begin := time.Now()
				for i := range took {
					before := time.Now()
					c.send(t, "push", ld)
					took[i] = time.Since(before)
				}
				total = time.Since(begin)
				slices.Sort(took)
				return total, took[calls/2], took[calls*99/100]
			}
			measure() // warms up
			waitFor(t, "an emission", func() bool { return sink.calls.Load() > 0 })
			free, freeP50, freeP99 := measure()

			release := make(chan struct{})
			sink.tell(func(context.Context, pmetric.Metrics) error { <-release; return nil })
			calledBefore := sink.calls.Load()
			waitFor(t, "an emission that blocks", func() bool { return sink.calls.Load() > calledBefore })
			blocked, p50, p99 := measure()
			close(release)

			t.Logf("%d calls while metrics flow: %v, p50 %v, p99 %v; while they block: %v, p50 %v, p99 %v",
				calls, free, freeP50, freeP99, blocked, p50, p99)
			require.Less(t, p50, 4*freeP50+time.Millisecond)
			require.Less(t, p99, 4*freeP99+20*time.Millisecond)
			require.Less(t, blocked, 4*free+200*time.Millisecond)
		})
	}
}
