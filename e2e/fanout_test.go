// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// A fan-out tells our receiver of a refusal although one of its consumers has accepted.
// What is sent again is then the very same points with the very same times, so that the
// one that has them can tell, and a deltatocumulative in front of it does.
func TestB5_PartlyAcceptedFanout(t *testing.T) {
	for _, temporality := range []string{"cumulative", "delta"} {
		t.Run(temporality, func(t *testing.T) {
			c := runInProcess(t, countRecords("temporality: "+temporality), `
processors:
  annotation_metrics: {annotations: [{metric: records, labels: [id]}]}
  deltatocumulative:
exporters:
  metrics_sink/refusing:
  metrics_sink/added_up:
service:
  pipelines:
    metrics: {exporters: [metrics_sink, metrics_sink/refusing]}
    metrics/added_up: {receivers: [annotation_metrics], processors: [deltatocumulative], exporters: [metrics_sink/added_up]}
`)
			refusing := c.metrics("metrics_sink/refusing")
			refusing.tell(func(context.Context, pmetric.Metrics) error {
				if rand.IntN(3) > 0 {
					return errors.New("try again")
				}
				return nil
			})
			want := map[string]float64{}
			for refusing.calls.Load() < 8 {
				id := strconv.Itoa(rand.IntN(5))
				c.send(t, "push", logs(attributes{"id": id}))
				want[`records{id="`+id+`",resource.service.name="shop"}`]++
				time.Sleep(time.Millisecond) // a pace, not a wait
			}
			refusing.tell(nil)
			waitFor(t, "everything at the consumer that refused", func() bool { return refusing.has(want) }, refusing.String)
			c.stop(t)

			require.Equal(t, want, refusing.totals())
			requireChain(t, refusing)
			accepted := c.metrics("metrics_sink").points()
			once := withoutRepeats(t, accepted)
			require.Equal(t, want, totalsOf(once), "the consumer that accepted")
			requireNoGap(t, once)
			require.Equal(t, want, c.metrics("metrics_sink/added_up").totals(), "behind deltatocumulative")
			if temporality == "delta" {
				require.Greater(t, len(accepted), len(once), "nothing was repeated")
			}
		})
	}
}

// withoutRepeats leaves out points that a consumer has got before. Those of one series
// and one time must be the same in everything.
func withoutRepeats(t *testing.T, all []point) []point {
	t.Helper()
	type key struct {
		series string
		time   pcommon.Timestamp
	}
	known := map[key]point{}
	return slices.DeleteFunc(slices.Clone(all), func(p point) bool {
		k := key{p.series, p.time}
		before, ok := known[k]
		if ok {
			require.Equal(t, before, p, "a point came again, and not as it was")
		}
		known[k] = p
		return ok
	})
}

// totalsOf returns the value of each series: the last one, or the sum of the deltas.
func totalsOf(all []point) map[string]float64 {
	totals := map[string]float64{}
	for _, p := range all {
		if p.temporality == pmetric.AggregationTemporalityDelta {
			p.value += totals[p.series]
		}
		totals[p.series] = p.value
	}
	return totals
}
