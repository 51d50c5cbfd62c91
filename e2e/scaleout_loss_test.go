// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// killed is a chain whose second gateway was killed, and the books of before.
type killed struct {
	*chain

	sent books
	// left are the services of the gateway that lives on, gone those of the other one.
	left, gone []string
	// lost is what the dead one had received and not emitted: the only records that nobody has
	// any more.
	lost books
}

// all returns the services of both.
func (k *killed) all() []string {
	return slices.Concat(k.left, k.gone)
}

// killGateway sends logs until both gateways have emitted what they have, sends more, and kills the
// second gateway when it has received that too and has not emitted it.
func killGateway(t *testing.T, options chainOptions) *killed {
	t.Helper()
	k := &killed{sent: books{}, lost: books{}}
	const interval = 3 * time.Second
	options.interval = interval.String()
	k.chain = newChain(t, options)
	names := services(20)
	k.send(t, k.sent, names, 5)
	k.settle(t, k.sent)
	k.left, k.gone = k.gateways[0].owned(t), k.gateways[1].owned(t)
	require.NotEmpty(t, k.left)
	require.NotEmpty(t, k.gone)

	victim := k.gateways[1]
	waitFor(t, "a kill between two emissions", func() bool {
		clear(k.lost)
		// What comes right behind an emission has almost an interval until the next one.
		emitted := victim.emitted(t)
		var begin time.Time // the emission came later than this
		waitFor(t, "an emission", func() bool {
			asked := time.Now()
			if victim.emitted(t) > emitted {
				return true
			}
			begin = asked
			return false
		})
		emitted = victim.emitted(t)
		received := victim.received(t)
		k.send(t, k.sent, names, 7)
		k.lost.add(k.gone, 7)
		waitFor(t, "the gateway to receive them", func() bool { return victim.received(t) == received+k.lost.total(k.gone) })
		// The next emission is far as long as half an interval has not passed. Later, it may come between
		// this and the kill: then they are not lost.
		if victim.emitted(t) != emitted || time.Since(begin) > interval/2 {
			return false
		}
		victim.kill(t)
		return true
	})
	return k
}

// survivor waits until the gateway that lives on has counted this of its services, and
// whatever it has of others.
func (k *killed) survivor(t *testing.T, want books) {
	t.Helper()
	own := func() books {
		counted := k.gateways[0].counted(t)
		maps.DeleteFunc(counted, func(service string, _ float64) bool {
			_, ok := want[service]
			return !ok
		})
		return counted
	}
	waitFor(t, "the other gateway to show all", func() bool { return maps.Equal(own(), want) }, func() string {
		return fmt.Sprintf("want %v, counted %v", want, own())
	})
}

// of returns the books of some services.
func (b books) of(names []string) books {
	some := books{}
	for _, s := range names {
		some[s] = b[s]
	}
	return some
}

// minus returns the differences to other books.
func (b books) minus(other books) books {
	difference := maps.Clone(b)
	for s, n := range other {
		difference[s] -= n
	}
	return difference
}

// A gateway is killed and comes back: the agent has kept what is for it. With its storage the
// series go on, and of all that was sent only what the dead gateway had received and not
// emitted is missing, to the record. Without, its series begin anew.
func TestScaleOutGatewayComesBack(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		gateway []string
		keeps   bool
	}{
		"storage":    {nil, true},
		"no storage": {[]string{"processors::annotation_metrics::storage: null"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := killGateway(t, chainOptions{gateway: tc.gateway})
			before := k.sent.of(k.gone)
			for range 3 {
				k.send(t, k.sent, k.all(), 4)
			}
			k.survivor(t, k.sent.of(k.left))

			k.gateways[1].restart(t)
			want := k.sent.of(k.gone).minus(k.lost)
			if !tc.keeps {
				want = k.sent.of(k.gone).minus(before)
			}
			waitFor(t, "the gateway to catch up", func() bool { return maps.Equal(k.gateways[1].counted(t), want) },
				func() string { return fmt.Sprintf("want %v, counted %v", want, k.gateways[1].counted(t)) })
			k.survivor(t, k.sent.of(k.left))
			t.Logf("%v records sent; %v counted by the survivor, %v shown by the one that came back; %v were in its memory alone",
				k.sent.total(k.all()), k.gateways[0].counted(t).total(k.left), want.total(k.gone), k.lost.total(k.gone))
		})
	}
}

// A gateway is killed and stays away. Its queue at the agent fills, and then the agent refuses
// every request that has something for it, although the other gateway has counted its part.
func TestScaleOutGatewayStaysAway(t *testing.T) {
	t.Parallel()
	const room = 1000
	k := killGateway(t, chainOptions{agent: []string{
		fmt.Sprintf("exporters::load_balancing::protocol::otlp::sending_queue: {queue_size: %d, batch: {sizer: items, min_size: 100, max_size: 100}}", room),
	}})
	names := k.all()
	waiting := books{}
	var refusal error
	for range 1000 {
		_, refusal = k.client.Export(t.Context(), exportRequest(serviceLogs(names, 10)))
		k.sent.add(k.left, 10) // whatever the answer is
		if refusal != nil {
			break
		}
		k.sent.add(k.gone, 10)
		waiting.add(k.gone, 10)
	}
	require.Error(t, refusal, "the queue has an end")
	require.Contains(t, refusal.Error(), "sending queue is full")
	require.LessOrEqual(t, waiting.total(k.gone), float64(room))
	require.Greater(t, waiting.total(k.gone), float64(room)-10*float64(len(k.gone)), "the queue was used")
	// A client that repeats the refused request would have this counted twice.
	k.survivor(t, k.sent.of(k.left))
	t.Logf("the agent keeps %v records, then answers %v: %s", waiting.total(k.gone), status.Code(refusal), status.Convert(refusal).Message())

	// The operator takes the gateway off the list. What waits for it goes with the reload; its
	// services go to the other one, whose series of them begin at zero.
	k.list(t, k.gateways[0])
	k.agent.reload(t)
	moved := books{}
	k.send(t, k.sent, k.left, 3)
	k.send(t, moved, k.gone, 3)
	maps.Copy(k.sent, moved)
	k.survivor(t, k.sent)
	t.Logf("lost with the gateway %v, with its queue %v", k.lost.total(k.gone), waiting.total(k.gone))
}

// noOwnRetries leaves the gateways' exporters without queues and retries.
const noOwnRetries = "exporters::load_balancing::protocol::otlp: {sending_queue: {enabled: false}, retry_on_failure: {enabled: false}, timeout: 1s}"

// Settings of the agent that look right and are not, with a gateway that is killed and stays
// away.
func TestScaleOutRetriesAtTheWrongPlace(t *testing.T) {
	t.Parallel()
	// Neither queue nor retries: the sender is told, but the answer is about the whole request.
	t.Run("none", func(t *testing.T) {
		t.Parallel()
		k := killGateway(t, chainOptions{agent: []string{noOwnRetries}})
		_, err := k.client.Export(t.Context(), exportRequest(serviceLogs(k.all(), 10)))
		require.Error(t, err)
		require.Equal(t, codes.Unavailable, status.Code(err), "%v", err)
		k.sent.add(k.left, 10)
		k.survivor(t, k.sent.of(k.left))
		t.Logf("the agent answers %v, and the other gateway has counted its part", status.Code(err))
	})

	// Retries of the whole request, one level above the gateways': the one that lives on gets its
	// part again and again.
	t.Run("above", func(t *testing.T) {
		t.Parallel()
		k := killGateway(t, chainOptions{agent: []string{
			noOwnRetries,
			"exporters::load_balancing: {sending_queue: {enabled: true}, retry_on_failure: {enabled: true, initial_interval: 100ms, max_interval: 100ms, max_elapsed_time: 0s}}",
		}})
		k.send(t, k.sent, k.all(), 10)
		want := k.sent.total(k.left)
		waitFor(t, "the other gateway to count more than was sent", func() bool {
			return k.gateways[0].counted(t).total(k.left) >= want+50*float64(len(k.left))
		})
		t.Logf("%v records were sent for the other gateway, and it has counted %v", want, k.gateways[0].counted(t).total(k.left))
	})
}

// A gateway is killed while logs flow, and comes back. The books: what each gateway must have
// is what the agent has acknowledged; what the dead one had emitted is not lost, and what it
// took in the interval before its death may be.
func TestScaleOutKillUnderLoad(t *testing.T) {
	t.Parallel()
	const requests, records, pace, interval = 400, 5, 10 * time.Millisecond, time.Second
	c := newChain(t, chainOptions{interval: interval.String()})
	names, sent := services(20), books{}
	c.send(t, sent, names, records)
	c.settle(t, sent)
	left, gone := c.gateways[0].owned(t), c.gateways[1].owned(t)

	ctx, times, done := t.Context(), []time.Time{}, make(chan error, 1)
	go func() {
		done <- func() error {
			for range requests {
				if err := ctx.Err(); err != nil {
					return err
				}
				if _, err := c.client.Export(context.WithoutCancel(ctx), exportRequest(serviceLogs(names, records))); err != nil {
					return err
				}
				times = append(times, time.Now())
				time.Sleep(pace) // a pace, not a wait
			}
			return nil
		}()
	}()
	victim := c.gateways[1]
	received := victim.received(t)
	waitFor(t, "the gateway to be busy", func() bool { return victim.received(t) > received+float64(50*records*len(gone)) })
	// What the page shows was emitted, and is in the storage.
	shown := victim.counted(t).total(gone)
	victim.kill(t)
	dead := time.Now()
	victim.restart(t)
	require.NoError(t, <-done, "the agent takes everything meanwhile")
	require.Len(t, times, requests)
	sent.add(names, requests*records)

	waitFor(t, "the gateway that lives on", func() bool { return maps.Equal(c.gateways[0].counted(t), sent.of(left)) },
		func() string { return fmt.Sprintf("want %v, counted %v", sent.of(left), c.gateways[0].counted(t)) })
	// The other one is done when an emission has brought nothing new; the agent has nothing more
	// for it when it has received what there was.
	victim.settled(t, func() float64 { return victim.counted(t).total(gone) + victim.received(t) })
	counted := victim.counted(t).total(gone)
	// Exposed is what was taken until the gateway was dead and had not been on its page: what it
	// had received, and what was under way to it, which is sent again.
	acknowledged := 2 * float64(records*len(gone)) // what was sent at first, and the request that was under way
	for _, at := range times {
		if at.Before(dead) {
			acknowledged += float64(records * len(gone))
		}
	}
	exposed := acknowledged - shown
	lost := sent.total(gone) - counted
	t.Logf("%v records sent: %v for the gateway that lives on, all counted; %v for the other, which had shown %v when it was killed: "+
		"%v counted in the end, %v lost, %v were exposed", sent.total(names), sent.total(left), sent.total(gone), shown, counted, lost, exposed)
	require.LessOrEqual(t, lost, exposed)
	require.GreaterOrEqual(t, lost, -exposed, "what was under way may count twice")
	require.GreaterOrEqual(t, counted, shown, "what was shown stays")
}
