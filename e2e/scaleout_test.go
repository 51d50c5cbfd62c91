// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"
)

// sum adds up the pages of all gateways, by service.
func (c *chain) sum(t *testing.T) books {
	t.Helper()
	all := books{}
	for _, g := range c.gateways {
		for service, n := range g.counted(t) {
			all[service] += n
		}
	}
	return all
}

// owned returns the services that the gateway's page shows.
func (g *gateway) owned(t *testing.T) []string {
	t.Helper()
	return slices.Sorted(maps.Keys(g.counted(t)))
}

// writers returns who wrote each series, which is all labels but the writer.
func (c *chain) writers(t *testing.T) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, g := range c.gateways {
		for _, s := range scrape(t, g.metrics).samples(recordsMetric) {
			require.Equal(t, g.name, s.labels["writer"])
			delete(s.labels, "writer")
			series := fmt.Sprint(s.labels)
			all[series] = append(all[series], g.name)
		}
	}
	return all
}

// send sends records of services, all of which must be acknowledged.
func (c *chain) send(t *testing.T, to books, names []string, records int) {
	t.Helper()
	export(t, c.client, serviceLogs(names, records))
	to.add(names, records)
}

// settle waits until the gateways show what was sent.
func (c *chain) settle(t *testing.T, sent books) {
	t.Helper()
	waitFor(t, "the gateways to show all", func() bool { return maps.Equal(c.sum(t), sent) }, func() string {
		return fmt.Sprintf("sent %v, counted %v", sent, c.sum(t))
	})
}

// One agent, two gateways: nothing is missing, nothing is twice, no series has two writers,
// and both gateways have work.
func TestScaleOut(t *testing.T) {
	t.Parallel()
	c := newChain(t, chainOptions{})
	names, sent := services(40), books{}
	for i := range 10 {
		c.send(t, sent, names, i+1)
	}
	c.settle(t, sent)
	for _, g := range c.gateways {
		require.Empty(t, g.errors(t), "no record was an error")
	}
	all := c.writers(t)
	require.Len(t, all, len(names))
	for series, writers := range all {
		require.Len(t, writers, 1, series)
	}
	for _, g := range c.gateways {
		require.Greater(t, len(g.owned(t)), 5, "%s has hardly anything to do", g.name)
		require.Equal(t, g.counted(t).total(names), g.received(t), "%s has counted what it has received", g.name)
	}
	failed := serviceLogs(names, 2) // of each service one error, and one that is none
	for _, rl := range failed.ResourceLogs().All() {
		r := rl.ScopeLogs().At(0).LogRecords().At(0)
		r.SetSeverityNumber(plog.SeverityNumberError)
		r.SetSeverityText("ERROR")
	}
	owned := [][]string{c.gateways[0].owned(t), c.gateways[1].owned(t)}
	export(t, c.client, failed)
	for i, g := range c.gateways {
		want := books{}
		want.add(owned[i], 1)
		waitFor(t, "the errors, at the gateways of their services", func() bool { return maps.Equal(g.errors(t), want) },
			func() string { return fmt.Sprintf("want %v, counted %v", want, g.errors(t)) })
	}
	t.Logf("%v records of %d services: %d services at the one gateway, %d at the other", sent.total(names), len(names),
		len(owned[0]), len(owned[1]))
}

// Long lines: the agents' batches stay below what a gateway takes in one request. Batches that
// are measured in records may not, and are lost whole.
func TestScaleOutLongLines(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		agent []string
		lost  bool
	}{
		"as in the example":   {nil, false},
		"measured in records": {[]string{"exporters::load_balancing::protocol::otlp::sending_queue::batch: {sizer: items, min_size: 1000, max_size: 8000}"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newChain(t, chainOptions{agent: tc.agent})
			names, sent := services(1), books{} // of one gateway
			for range 10 {
				export(t, c.client, largeLogs(names, 400, 6000))
				sent.add(names, 400)
			}
			if tc.lost {
				c.agent.waitFor(t, "a loss", func() bool { return strings.Contains(c.agent.output.String(), "larger than max 4194304") })
				return
			}
			c.settle(t, sent)
		})
	}
}

// scalePrometheus runs a Prometheus server as the example configures it, but for ports and
// times, and waits until it scrapes both gateways.
func scalePrometheus(t *testing.T, c *chain) *prometheusServer {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(repository, scaleOut, "prometheus.yml"))
	require.NoError(t, err)
	replacements := []string{
		"scrape_interval: 15s", fmt.Sprintf("scrape_interval: %s", scrapeInterval),
		"localhost:8888", loopback(c.self),
	}
	for i, port := range []string{"9464", "9465"} {
		replacements = append(replacements, "localhost:"+port, loopback(c.gateways[i].metrics),
			fmt.Sprintf("localhost:%d8888", i+1), loopback(c.gateways[i].self))
	}
	for i := 0; i < len(replacements); i += 2 {
		require.Contains(t, string(text), replacements[i])
	}
	server := runPrometheusWith(t, prometheusSettings{configuration: strings.NewReplacer(replacements...).Replace(string(text))})
	waitFor(t, "Prometheus to scrape everything", func() bool {
		up, _ := server.number(t, "count(up == 1)")
		return up == 5
	})
	return server
}

// A gateway is taken away in good order: first from the agent's list, and it stops when
// Prometheus has its last values. The other one takes over its services. Nothing is lost
// on the way, and the new series there look like increases, not like the totals of before.
func TestScaleOutTakeOver(t *testing.T) {
	t.Parallel()
	// The interval is twice that of the scrapes, so that each first zero is scraped.
	c := newChain(t, chainOptions{interval: "2s"})
	server, begin := scalePrometheus(t, c), time.Now()
	names, sent := services(20), books{}
	sees := func() bool { return increases(t, server, recordsMetric, begin)[""] == sent.total(names) }
	state := func() string {
		return fmt.Sprintf("want %v, got %v", sent.total(names), increases(t, server, recordsMetric, begin))
	}
	for range 5 {
		c.send(t, sent, names, 10)
	}
	stays, leaves := c.gateways[0], c.gateways[1]
	c.list(t, stays)
	c.agent.reload(t) // on its way it sends what it still has for the other one
	waitFor(t, "Prometheus to see what was sent", sees, state)
	moving := leaves.owned(t)
	require.NotEmpty(t, moving)
	leaves.stop(t)
	c.gateways = c.gateways[:1]
	for range 5 {
		c.send(t, sent, names, 10)
	}
	waitFor(t, "Prometheus to see all", sees, state)
	require.Subset(t, stays.owned(t), moving)

	// What a dashboard asks for.
	total, ok := server.number(t, fmt.Sprintf("sum(increase(%s[5m]))", recordsMetric))
	require.True(t, ok)
	require.InEpsilon(t, sent.total(names), total, 0.25, "increase() is off by more than its extrapolation explains")
	resets, _ := server.number(t, fmt.Sprintf("sum(resets(%s[5m]))", recordsMetric))
	require.Zero(t, resets)
	// The writers tell the two lives apart.
	require.Len(t, server.Query(t, fmt.Sprintf(`last_over_time(%s{service_name=%q}[5m])`, recordsMetric, moving[0])), 2)
	t.Logf("%v records; sum(increase()) %.1f; %d of %d services moved", sent.total(names), total, len(moving), len(names))
}
