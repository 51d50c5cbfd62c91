// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// Delta points go to Prometheus by way of deltatocumulative, which drops what comes after
// a gap, and as they are to an OTLP endpoint.
func TestB27_DeltaSeriesThatWasIdleHasNoGap(t *testing.T) {
	endpoint, port, sink := loopback(freePort(t)), freePort(t), newOTLPSink(t)
	run(t, yamlConfig(fmt.Sprintf(otlpGraph, endpoint, sink.endpoint, loopback(port), "delta")),
		yamlConfig("processors::deltatocumulative: "),
		yamlConfig("service::pipelines::metrics/prometheus::processors: [deltatocumulative]"),
		yamlConfig(noSelfMetrics))
	client := newLogsClient(t, endpoint)
	shows := func(id string, want float64) func() bool {
		return func() bool { return scrape(t, port).sum("requests_total", "id", id) == want }
	}

	export(t, client, logs(attributes{"id": "idle"}, attributes{"id": "idle"}, attributes{"id": "idle"}))
	waitFor(t, "the first points", shows("idle", 3))
	// The other series is never idle, and tells that intervals pass.
	const intervals = 5
	for i := range intervals {
		export(t, client, logs(attributes{"id": "busy"}))
		waitFor(t, "the busy series", shows("busy", float64(i+1)))
		require.True(t, shows("idle", 3)(), "an idle series keeps its total")
	}
	export(t, client, logs(attributes{"id": "idle"}, attributes{"id": "idle"}))
	waitFor(t, "the total of what came before and after", shows("idle", 5))

	// The sink may get what the Prometheus exporter has a little later.
	idlePoints := func() []point {
		return slices.DeleteFunc(sink.points(), func(p point) bool { return p.series != `requests{id="idle",resource.service.name="shop"}` })
	}
	waitFor(t, "the sink to have both points", func() bool { return len(idlePoints()) > 1 })
	requireChain(t, sink)
	idle := idlePoints()
	require.Equal(t, []float64{3, 2}, values(idle), "an idle series says nothing")
}
