// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"errors"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/conservation"
)

// Several senders over two pipelines, a logs consumer and a metrics consumer that often
// refuse, more series than a payload holds: what the senders know to be delivered is what
// is counted.
func TestConservation(t *testing.T) {
	for _, temporality := range []string{"cumulative", "delta"} {
		t.Run(temporality, func(t *testing.T) {
			port := freePort(t)
			c := runInProcess(t, countRecords("series_limit: 0, temporality: "+temporality), twoPipelines,
				"processors::annotation_metrics::annotations: [{metric: records, labels: [id]}, {metric: sent, value: 'attributes[\"size\"]'}]",
				pullSelfMetrics(port))
			c.sunkLogs("logs_sink").tell(func(context.Context, plog.Logs) error {
				switch n := rand.IntN(20); {
				case n < 5:
					return errors.New("try again")
				case n == 5:
					return consumererror.NewPermanent(errors.New("never"))
				}
				return nil
			})
			sink := c.metrics("metrics_sink")
			sink.tell(func(context.Context, pmetric.Metrics) error {
				if rand.IntN(2) == 0 {
					return errors.New("try again")
				}
				return nil
			})

			const ids = 10_000 // a payload holds 8,192 points
			var mu sync.Mutex
			want := map[string]float64{}
			refused := 0
			var senders sync.WaitGroup
			for n := range 4 {
				to := c.push([]string{"push", "push/two"}[n%2])
				senders.Go(func() {
					for batch := 0; batch < 200 || sink.calls.Load() < 6; batch++ {
						records := make([]attributes, 0, 50)
						for range cap(records) {
							records = append(records, attributes{"id": strconv.Itoa(rand.IntN(ids)), "size": 2})
						}
						ld := logs(records...)
						err := to.logs(t.Context(), ld)
						tries := 0
						for err != nil && !consumererror.IsPermanent(err) {
							tries++
							err = to.logs(t.Context(), ld)
						}
						mu.Lock()
						refused += tries * len(records)
						for _, r := range records {
							want[`records{id="`+r["id"].(string)+`",resource.service.name="shop"}`]++
						}
						want[`sent{resource.service.name="shop"}`] += 2 * float64(len(records))
						mu.Unlock()
					}
				})
			}
			within(t, "the senders", senders.Wait)
			sink.tell(nil)
			waitFor(t, "everything to be emitted", func() bool { return sink.has(want) })

			self := scrape(t, port)
			records := self.self(t, "records")
			total := want[`sent{resource.service.name="shop"}`] / 2
			for _, annotation := range []string{"records", "sent"} {
				require.Equal(t, total, self.sum(records, "annotation", annotation, "outcome", "matched"))
				require.Equal(t, total, self.sum(records, "annotation", annotation))
			}
			require.EqualValues(t, refused, self.sum(self.self(t, "refused_records")))
			require.Positive(t, refused)
			require.EqualValues(t, len(want), self.sum(self.self(t, "series")))
			require.Zero(t, self.sum(self.self(t, "lost_datapoints")))
			require.Positive(t, self.sum(self.self(t, "emission_failures")))

			c.stop(t)
			require.Equal(t, want, sink.totals(), "the shutdown changes nothing")
			requireChain(t, sink)
			require.NoError(t, conservation.Of(sink.all()...).Check(map[string]conservation.Total{
				"records": {Sum: total}, "sent": {Sum: 2 * total},
			}))
			largest := 0
			for _, md := range sink.all() {
				largest = max(largest, md.DataPointCount())
			}
			require.LessOrEqual(t, largest, 8192)
		})
	}
}
