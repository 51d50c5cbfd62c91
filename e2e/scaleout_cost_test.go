// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"
)

// TestScaleOutCost measures what a record costs at the agent and at the gateways of the example:
// processor time of the processes, with and without compression between them. It takes a minute
// and a quiet machine, and only runs if SCALE_OUT_COST says how many records are to be sent:
//
//	SCALE_OUT_COST=2000000 go test -count=1 -v -run TestScaleOutCost .
func TestScaleOutCost(t *testing.T) {
	if os.Getenv("SCALE_OUT_COST") == "" {
		t.Skip("SCALE_OUT_COST is not set")
	}
	n, err := strconv.Atoi(os.Getenv("SCALE_OUT_COST"))
	require.NoError(t, err)
	const perRequest, senders = 1000, 2
	requests := n / perRequest / senders
	names := services(40)
	ld := costLogs(names, perRequest/len(names))
	size, err := exportRequest(ld).MarshalProto()
	require.NoError(t, err)
	t.Logf("a record takes %d bytes in OTLP, uncompressed", len(size)/perRequest)
	for _, compression := range []string{"gzip", "zstd", "none"} {
		t.Run(compression, func(t *testing.T) {
			c := newChain(t, chainOptions{interval: "5s", agent: []string{
				"exporters::load_balancing::protocol::otlp: {compression: " + compression + ", sending_queue: {block_on_overflow: true}}",
			}})
			// Both are warm, and have all series, before anything is measured.
			sent := books{}
			for range 20 {
				export(t, c.client, ld)
				sent.add(names, perRequest/len(names))
			}
			c.settle(t, sent)
			agent, gateways, begin := c.agent.cpu(t), c.gateways[0].cpu(t)+c.gateways[1].cpu(t), time.Now()
			var group sync.WaitGroup
			for range senders {
				client := newLogsClient(t, c.endpoint)
				group.Go(func() {
					for range requests {
						if _, err := client.Export(t.Context(), exportRequest(ld)); err != nil {
							t.Error(err)
							return
						}
					}
				})
			}
			group.Wait()
			sent.add(names, senders*requests*perRequest/len(names))
			c.settle(t, sent)
			per := func(cpu time.Duration) (nanoseconds, perCore int) {
				each := float64(cpu.Nanoseconds()) / float64(senders*requests*perRequest)
				return int(each), int(1e9 / each)
			}
			agentCost, agentRate := per(c.agent.cpu(t) - agent)
			gatewayCost, gatewayRate := per(c.gateways[0].cpu(t) + c.gateways[1].cpu(t) - gateways)
			t.Logf("%d records in %v, all counted: agent %d ns a record, %d records/s and core; gateway %d ns a record, %d records/s and core",
				senders*requests*perRequest, time.Since(begin).Round(time.Millisecond), agentCost, agentRate, gatewayCost, gatewayRate)
		})
	}
}

// costLogs returns logs of services with records like those of an access log: eight attributes
// and a body.
func costLogs(names []string, records int) plog.Logs {
	ld := serviceLogs(names, records)
	i := 0
	for _, rl := range ld.ResourceLogs().All() {
		for _, r := range rl.ScopeLogs().At(0).LogRecords().All() {
			i++
			put(r.Attributes(), attributes{
				"http.request.method": []string{"GET", "GET", "POST", "PUT"}[i%4], "http.response.status_code": 200 + i%5,
				"http.route": fmt.Sprintf("/api/v1/items/%d", i%20), "url.path": fmt.Sprintf("/api/v1/items/%d", i),
				"client.address": fmt.Sprintf("192.0.2.%d", i%250), "user_agent.original": "example/1.0", "duration": float64(i%1000) / 1000, "cached": i%3 == 0,
			})
			r.Body().SetStr(fmt.Sprintf(`192.0.2.%d "GET /api/v1/items/%d HTTP/1.1" 200 %d`, i%250, i, i%5000))
		}
	}
	return ld
}

// cpu returns the processor time that the process has taken, user and system.
func (p *process) cpu(t *testing.T) time.Duration {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	require.NoError(t, err)
	// Behind the name, which is in brackets, come the state and then numbers: see proc_pid_stat(5).
	fields := strings.Fields(string(text[strings.LastIndex(string(text), ")")+1:]))
	ticks := 0
	for _, field := range fields[11:13] { // utime, stime
		n, err := strconv.Atoi(field)
		require.NoError(t, err)
		ticks += n
	}
	return time.Duration(ticks) * time.Second / 100 // Linux counts in hundredths of a second
}
