// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// awaitGateways waits until the agent balances over this many.
func (c *chain) awaitGateways(t *testing.T, n float64) {
	t.Helper()
	waitFor(t, "the agent to follow", func() bool { return scrape(t, c.self).sum("otelcol_loadbalancer_num_backends") == n })
}

// A resolver that notices: a gateway is killed and Kubernetes takes it out of the Service. Its
// services go to the other one, and back when it is back. What waited for it at the agent is lost
// with its queue; a queue one level up gives it to the other one, but doubles what that one has
// taken already.
func TestScaleOutGatewayLeavesService(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		agent []string
		above bool
	}{
		"queue of the gateway": {nil, false},
		"queue above": {[]string{
			noOwnRetries,
			"exporters::load_balancing: {sending_queue: {enabled: true}, retry_on_failure: {enabled: true, initial_interval: 100ms, max_interval: 100ms, max_elapsed_time: 0s}}",
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			service := newFakeService(t)
			k := killGateway(t, chainOptions{agent: tc.agent, service: service})
			k.awaitGateways(t, 2)
			before := k.sent.of(k.gone).minus(k.lost)
			names := k.all()

			k.send(t, k.sent, names, 4) // those of the dead one wait
			if tc.above {
				want := k.sent.total(k.left)
				waitFor(t, "some retries", func() bool { return k.gateways[0].counted(t).total(k.left) > want })
			} else {
				k.survivor(t, k.sent.of(k.left))
			}
			service.set(0)
			k.awaitGateways(t, 1)
			moved := books{}
			k.send(t, k.sent, k.left, 3)
			k.send(t, moved, k.gone, 3)
			if tc.above {
				moved.add(k.gone, 4)
			}
			k.survivor(t, moved)
			twice := k.gateways[0].counted(t).minus(k.sent).total(k.left)
			if tc.above {
				require.Positive(t, twice)
			} else {
				require.Zero(t, twice)
			}

			// It is back, with its storage: its services return to it, and its series go on.
			k.gateways[1].restart(t)
			service.set(0, 1)
			k.awaitGateways(t, 2)
			k.send(t, before, k.gone, 2)
			waitFor(t, "the gateway to go on", func() bool { return maps.Equal(k.gateways[1].counted(t), before) }, func() string {
				return fmt.Sprintf("want %v, counted %v", before, k.gateways[1].counted(t))
			})
			k.survivor(t, moved) // they stay where they were counted
			t.Logf("%v records waited for the gateway that left; the other one took over %v of its records, and counted %v of its own twice",
				4*len(k.gone), moved.total(k.gone), twice)
		})
	}
}

// An agent that finds no gateway at all says so to its senders.
func TestScaleOutNoGateways(t *testing.T) {
	t.Parallel()
	service := newFakeService(t)
	c := newChain(t, chainOptions{service: service})
	c.awaitGateways(t, 2)
	service.set()
	var err error
	waitFor(t, "the agent to refuse", func() bool {
		_, err = c.client.Export(t.Context(), exportRequest(serviceLogs(services(3), 1)))
		time.Sleep(20 * time.Millisecond) // a pace, not a wait
		return err != nil
	})
	require.ErrorContains(t, err, `couldn't find the exporter for the endpoint ""`)
}
