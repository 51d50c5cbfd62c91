// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
)

// steadyClient sends records all the time, one a call, and keeps books.
type steadyClient struct {
	mu    sync.Mutex
	sent  map[string]float64 // by the label "id"
	took  []time.Duration    // of each call
	wrong error
}

// run sends until ctx is done.
func (c *steadyClient) run(ctx context.Context, client plogotlp.GRPCClient, id string) {
	for ctx.Err() == nil {
		begin := time.Now()
		_, err := client.Export(context.WithoutCancel(ctx), exportRequest(logs(attributes{"id": id})))
		c.mu.Lock()
		c.took = append(c.took, time.Since(begin))
		if err != nil {
			c.wrong = err
		}
		c.sent[id]++
		c.mu.Unlock()
		time.Sleep(20 * time.Millisecond) // a pace, not a wait
	}
}

// A metrics backend is in trouble for six intervals of a second. Logs flow on, and in the end
// the backend, and our self-metrics, say what is stated here.
func TestBackends(t *testing.T) {
	const trouble = 6 * time.Second
	for _, tc := range []struct {
		name    string
		down    bool // instead of a mood
		first   bool // it begins before the Collector does
		mood    mood
		timeout time.Duration // of the exporters
		want    fates
	}{
		{name: "down from the start", down: true, first: true, timeout: 2 * time.Second, want: notNow},
		{name: "goes away", down: true, timeout: 2 * time.Second, want: notNow},
		{name: "slower than the interval", mood: mood{delay: 1500 * time.Millisecond}, timeout: 5 * time.Second, want: always},
		{name: "slower than the timeout", mood: mood{delay: 2500 * time.Millisecond}, timeout: time.Second, want: notNowForPrometheus},
		{name: "429", mood: mood{status: http.StatusTooManyRequests}, timeout: 2 * time.Second, want: notNowForPrometheus},
		{name: "503", mood: mood{status: http.StatusServiceUnavailable}, timeout: 2 * time.Second, want: notNow},
		{name: "400", mood: mood{status: http.StatusBadRequest}, timeout: 2 * time.Second, want: never},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			server := runPrometheusWith(t, prometheusSettings{flags: []string{remoteWriteReceiver}})
			routes := backendRoutes(t, server)
			endpoint, selfPort := loopback(freePort(t)), freePort(t)
			args := []string{yamlConfig(logsConfig(endpoint, routes...)), yamlConfig(pullSelfMetrics(selfPort))}
			for _, r := range routes {
				args = append(args, yamlConfig(r.config(tc.timeout)))
			}

			begin := func() {
				for _, r := range routes {
					if tc.down {
						r.backend.down(t)
					} else {
						r.backend.mood.Store(&tc.mood)
					}
				}
			}
			for _, r := range routes {
				if !tc.first {
					r.backend.up(t)
				}
			}
			c := run(t, args...)
			client := newLogsClient(t, endpoint)
			books := &steadyClient{sent: map[string]float64{}}
			steady, stop := context.WithCancel(t.Context())
			var clients sync.WaitGroup
			clients.Go(func() { books.run(steady, client, "steady") })
			if !tc.first {
				waitFor(t, "metrics", func() bool {
					return !slices.ContainsFunc(routes, func(r *route) bool { return len(r.totals(t, server)) == 0 })
				})
				begin()
			}
			clients.Go(func() { books.run(steady, client, "late") })
			time.Sleep(trouble) // that is what is tested
			for _, r := range routes {
				if tc.down {
					r.backend.up(t)
				} else {
					r.backend.mood.Store(&mood{})
				}
			}
			stop()
			within(t, "the clients", clients.Wait)
			slices.Sort(books.took)
			percentile := func(n int) time.Duration { return books.took[(len(books.took)-1)*n/100] }
			t.Logf("%d calls with logs: 90th percentile %v, 99th %v, longest %v", len(books.took), percentile(90), percentile(99), percentile(100))
			require.NoError(t, books.wrong)
			// If logs waited for the backend, that is what most of them would wait for.
			require.Less(t, percentile(90), 500*time.Millisecond, "logs are held up")

			// What comes after the trouble arrives everywhere, though not all of it at once: a
			// gRPC client waits before it connects again.
			waitFor(t, "what comes after the trouble", func() bool {
				export(t, client, logs(attributes{"id": "after"}))
				books.sent["after"]++
				return !slices.ContainsFunc(routes, func(r *route) bool { return r.totals(t, server)["after"] == 0 })
			}, func() string {
				var shown []string
				for _, r := range routes {
					shown = append(shown, fmt.Sprint(r.name(), " ", r.totals(t, server)))
				}
				return strings.Join(shown, "\n")
			})
			self := func() page { return scrape(t, selfPort) }
			for _, r := range routes {
				r.requireFates(t, server, tc.want.of(r), books.sent, self)
			}
			c.stop(t)
		})
	}
}

// requireFates requires that these are the fates for this way of metrics, of which sent
// has the totals.
func (r *route) requireFates(t *testing.T, server *prometheusServer, want []string, sent map[string]float64, self func() page) {
	t.Helper()
	settled := func() bool { return maps.Equal(r.totals(t, server), sent) }
	if slices.Contains(want, exact) {
		waitFor(t, r.name()+": everything", settled, func() string { return fmt.Sprint("want ", sent, ", got ", r.totals(t, server)) })
	} else if len(byID(&r.backend.refused)) > 0 {
		accounted := func() map[string]float64 {
			all := byID(&r.backend.refused)
			for id, n := range r.totals(t, server) {
				all[id] += n
			}
			return all
		}
		waitFor(t, r.name()+": all but what was refused for good", func() bool { return maps.Equal(accounted(), sent) },
			func() string { return fmt.Sprint("want ", sent, ", got ", accounted()) })
	}
	got := []string{missing}
	if settled() {
		got[0] = exact
	}
	if zero := func() bool { return r.beginsWithZero(t, server, "late") }; !r.delta && slices.Contains(want, noZero) {
		if !zero() {
			got = append(got, noZero)
		}
	} else if !r.delta {
		waitFor(t, r.name()+": the zero, which may come after what is newer", zero)
	}
	shown := self()
	for outcome, n := range map[string]float64{
		failures:   shown.sum(selfPrefix+"emission_failures", "processor", "annotation_metrics/"+r.name()),
		lostPoints: shown.sum(selfPrefix+"lost_datapoints", "processor", "annotation_metrics/"+r.name()),
		sendFailed: shown.sum("otelcol_exporter_send_failed_metric_points", "exporter", r.exporter+"/"+r.name()),
	} {
		if n > 0 {
			got = append(got, outcome)
		}
	}
	slices.Sort(got)
	t.Logf("%-45s %s", r.name(), strings.Join(got, ", "))
	require.Equal(t, want, got, r.name())
}
