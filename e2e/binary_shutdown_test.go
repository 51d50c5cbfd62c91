// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// What the Collector has acknowledged before it gets SIGTERM is in what it emits.
func TestSIGTERMLosesNothingAcknowledged(t *testing.T) {
	for n := range 10 {
		temporality := []string{"cumulative", "delta"}[n%2]
		t.Run(strconv.Itoa(n)+" "+temporality, func(t *testing.T) {
			endpoint, sink := loopback(freePort(t)), newOTLPSink(t)
			c := run(t, yamlConfig(fmt.Sprintf(otlpGraph, endpoint, sink.endpoint, "127.0.0.1:0", temporality)),
				yamlConfig("processors::annotation_metrics::interval: 1h"), yamlConfig(noSelfMetrics))

			var mu sync.Mutex
			var acked []string
			acknowledged := func() []string {
				mu.Lock()
				defer mu.Unlock()
				return acked[:len(acked):len(acked)]
			}
			var senders sync.WaitGroup
			for sender := range 3 {
				client := newLogsClient(t, endpoint)
				senders.Go(func() {
					for i := 0; ; i++ {
						id := fmt.Sprintf("%d-%d", sender, i)
						ld := logs(attributes{"id": id, "size": 1})
						if _, err := client.Export(t.Context(), exportRequest(ld)); err != nil {
							return // the Collector is going
						}
						mu.Lock()
						acked = append(acked, id)
						mu.Unlock()
					}
				})
			}
			waitFor(t, "some load", func() bool { return len(acknowledged()) >= 300 })
			before := acknowledged()
			c.stop(t)
			within(t, "the senders to end", senders.Wait)

			totals := sink.totals()
			missing := 0
			for _, id := range before {
				if totals[fmt.Sprintf(`requests{id=%q,resource.service.name="shop"}`, id)] != 1 {
					missing++
				}
			}
			require.Zero(t, missing, "of %d records that were acknowledged before SIGTERM", len(before))
			require.GreaterOrEqual(t, totals[`sent{resource.service.name="shop"}`], float64(len(before)))
		})
	}
}
