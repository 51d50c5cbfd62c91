// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// keptState has the processor of bothWaysGraph keep its state in a folder.
const keptState = `
extensions:
  file_storage: {directory: '%s', create_directory: true}
processors:
  annotation_metrics: {storage: file_storage}
service:
  extensions: [file_storage]
`

// restarted is a Collector that ends in some way and goes on.
type restarted struct {
	name   string
	stored bool
	end    func(t *testing.T, c *process) (ended bool)
	// late says of what came right before the end whether a server that scrapes, and one that
	// is written to, learns of it.
	late map[string]lateRecords

	endpoint string
	args     []string
	process  *process
}

type lateRecords int

const (
	maybeLost lateRecords = iota // all of them; not if an emission, and a scrape, came in between
	kept
)

// However a Collector ends and starts again, increase() over all the time is what was sent,
// but for what the documents say is lost; it is never negative nor inflated.
func TestIncreaseOverRestarts(t *testing.T) {
	t.Parallel()
	stop := func(t *testing.T, c *process) bool { c.stop(t); return true }
	kill := func(t *testing.T, c *process) bool { c.kill(t); return true }
	reload := func(t *testing.T, c *process) bool { c.reload(t); return false }
	all := []*restarted{
		{name: "stop", end: stop, late: map[string]lateRecords{"scrape": maybeLost, "remote write": kept}},
		{name: "stop, with storage", end: stop, stored: true, late: map[string]lateRecords{"scrape": kept, "remote write": kept}},
		{name: "kill", end: kill, late: map[string]lateRecords{"scrape": maybeLost, "remote write": maybeLost}},
		{name: "kill, with storage", end: kill, stored: true, late: map[string]lateRecords{"scrape": maybeLost, "remote write": maybeLost}},
		{name: "reload", end: reload, late: map[string]lateRecords{"scrape": maybeLost, "remote write": kept}},
		{name: "reload, with storage", end: reload, stored: true, late: map[string]lateRecords{"scrape": kept, "remote write": kept}},
	}
	ports := make([]int, len(all))
	for i := range all {
		ports[i] = freePort(t)
	}
	server := runPrometheusWith(t, prometheusSettings{targets: ports, flags: []string{remoteWriteReceiver}})
	for i, r := range all {
		r.endpoint = loopback(freePort(t))
		r.args = []string{yamlConfig(fmt.Sprintf(bothWaysGraph, r.endpoint, loopback(ports[i]), server.address, "[{metric: requests}]"))}
		if r.stored {
			r.args = append(r.args, yamlConfig(fmt.Sprintf(keptState, filepath.Join(t.TempDir(), "state"))))
		}
		r.process = run(t, r.args...)
	}
	send := func(r *restarted, records int) {
		exportWhenUp(t, newLogsClient(t, r.endpoint),
			exportRequest(logsOf(attributes{"service.name": "shop", "service.instance.id": r.name}, make([]attributes, records)...)))
	}
	selector := func(r *restarted, by string) string {
		return fmt.Sprintf("requests_total{instance=%q,by=%q}", r.name, by)
	}
	waitForAll := func(what string, wants func(r *restarted, way string) []float64) {
		for _, r := range all {
			for way, by := range ways {
				waitFor(t, fmt.Sprintf("%s: %s: %s", r.name, way, what), func() bool {
					got, ok := server.increase(t, selector(r, by))
					return ok && slices.Contains(wants(r, way), got)
				}, func() string { return fmt.Sprint("want ", wants(r, way), ", got ", server.samples(t, selector(r, by))) })
			}
		}
	}

	const first, late, second = 100, 10, 30
	for _, r := range all {
		send(r, first)
	}
	waitForAll("what came first", func(*restarted, string) []float64 { return []float64{first} })
	for _, r := range all {
		send(r, late)
		if r.end(t, r.process) {
			r.process = run(t, r.args...)
		}
		send(r, second)
	}
	waitForAll("everything", func(r *restarted, way string) []float64 {
		with := []float64{first + late + second}
		if r.late[way] == maybeLost {
			return append(with, first+second)
		}
		return with
	})
	for _, r := range all {
		for way, by := range ways {
			got, _ := server.increase(t, selector(r, by))
			resets, ok := server.number(t, "resets("+selector(r, by)+"[1h])")
			require.True(t, ok)
			t.Logf("%-22s %-13s increase %v of %v, resets %v", r.name, way, got, first+late+second, resets)
			want := 1.0
			if r.stored {
				want = 0
			}
			require.Equal(t, want, resets, "%s: %s: %v", r.name, way, server.samples(t, selector(r, by)))
		}
	}
}
