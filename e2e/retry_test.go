// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// retryGraph stands in line between a sender that retries and a backend that refuses: its
// exporter neither queues nor retries, so that the sender learns each answer.
const retryGraph = `
receivers:
  otlp: {protocols: {grpc: {endpoint: '%[1]s'}}}
  annotation_metrics:
processors:
  annotation_metrics:
    interval: 1s
    count: %[4]s
    annotations:
      - {metric: requests, labels: [id]}
      - {metric: sent, unit: By, value: 'attributes["size"]'}
exporters:
  otlp_grpc/logs: {endpoint: '%[2]s', tls: {insecure: true}, sending_queue: {enabled: false}, retry_on_failure: {enabled: false}}
  otlp_grpc/metrics: {endpoint: '%[3]s', tls: {insecure: true}, sending_queue: {enabled: false}, retry_on_failure: {enabled: false}}
service:
  pipelines:
    logs: {receivers: [otlp], processors: [annotation_metrics], exporters: [otlp_grpc/logs]}
    metrics: {receivers: [annotation_metrics], exporters: [otlp_grpc/metrics]}
`

// agentGraph is a Collector that takes logs and sends them on, from a queue and with
// retries, as agents do.
const agentGraph = `
receivers:
  otlp: {protocols: {grpc: {endpoint: '%[1]s'}}}
exporters:
  otlp_grpc:
    endpoint: '%[2]s'
    tls: {insecure: true}
    sending_queue: {num_consumers: 4, queue_size: 10000}
    retry_on_failure: {initial_interval: 5ms, max_interval: 20ms, max_elapsed_time: 0s}
service:
  pipelines:
    logs: {receivers: [otlp], exporters: [otlp_grpc]}
`

// randomBatch returns up to 50 records of 20 label values.
func randomBatch() []attributes {
	records := make([]attributes, 1+rand.IntN(50))
	for i := range records {
		records[i] = attributes{"id": strconv.Itoa(rand.IntN(20)), "size": 3}
	}
	return records
}

// A real client that retries over gRPC, and an agent that queues and retries: what is
// derived equals the records of the final answers in the backend's own books.
func TestB19_RetriesThroughTheBinary(t *testing.T) {
	const senders, batches = 4, 100
	for _, tc := range []struct {
		sender, count string
	}{
		{"client", "accepted"},
		{"client", "seen"},
		{"agent", "accepted"},
	} {
		t.Run(tc.sender+" "+tc.count, func(t *testing.T) {
			endpoint, selfPort, sink, backend := loopback(freePort(t)), freePort(t), newOTLPSink(t), newLogsBackend(t)
			c := run(t, yamlConfig(fmt.Sprintf(retryGraph, endpoint, backend.endpoint, sink.endpoint, tc.count)),
				yamlConfig(pullSelfMetrics(selfPort)))
			to := endpoint
			if tc.sender == "agent" {
				to = loopback(freePort(t))
				run(t, yamlConfig(fmt.Sprintf(agentGraph, to, endpoint)), yamlConfig(noSelfMetrics))
			}

			var mu sync.Mutex
			sent := 0.0
			var all sync.WaitGroup
			for range senders {
				client := newLogsClient(t, to)
				all.Go(func() {
					for range batches {
						records := randomBatch()
						req := exportRequest(logs(records...))
						for {
							_, err := client.Export(t.Context(), req)
							if status.Code(err) != codes.Unavailable {
								break // an acknowledgment, or a refusal for good
							}
						}
						mu.Lock()
						sent += float64(len(records))
						mu.Unlock()
					}
				})
			}
			within(t, "the senders", all.Wait)
			// The agent acknowledges before it sends.
			waitFor(t, "every record to be answered for good", func() bool {
				_, accepted, forGood, _ := backend.books()
				return accepted+forGood == sent
			})

			final, _, forGood, tryAgain := backend.books()
			require.Positive(t, forGood)
			require.Positive(t, tryAgain)
			want, refused := sent, tryAgain
			if tc.count == "seen" {
				want, refused = sent+tryAgain, 0
			}
			waitFor(t, "the last answer to be counted", func() bool {
				self := scrape(t, selfPort)
				return self.sum(self.self(t, "records"), "annotation", "sent") >= want
			})
			self := scrape(t, selfPort)
			for _, annotation := range []string{"requests", "sent"} {
				require.Equal(t, want, self.sum(self.self(t, "records"), "annotation", annotation))
				require.Equal(t, want, self.sum(self.self(t, "records"), "annotation", annotation, "outcome", "matched"))
			}
			require.Equal(t, refused, self.sum(self.self(t, "refused_records")))

			c.stop(t)
			totals := sink.totals()
			require.Equal(t, 3*want, totals[`sent{resource.service.name="shop"}`])
			if tc.count == "seen" {
				return
			}
			require.Len(t, totals, len(final)+1)
			for id, n := range final {
				require.Equal(t, n, totals[fmt.Sprintf(`requests{id=%q,resource.service.name="shop"}`, id)], id)
			}
		})
	}
}
