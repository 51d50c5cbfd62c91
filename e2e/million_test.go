// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
	"google.golang.org/grpc"
)

// tallySink is an OTLP gRPC server with the default limits, 4 MiB a message, that keeps
// no payload but what it needs to tell whether all series arrived.
type tallySink struct {
	pmetricotlp.UnimplementedGRPCServer
	endpoint string

	mu       sync.Mutex
	values   []int64 // by the number in the label "id"
	seen     int     // how many of them have a value above zero, with which series begin
	sum      int64
	payloads int
	largest  int // bytes of a message
	strange  string
}

func newTallySink(t *testing.T, series int) *tallySink {
	t.Helper()
	s := &tallySink{values: make([]int64, series)}
	s.endpoint = serveGRPC(t, func(server *grpc.Server) { pmetricotlp.RegisterGRPCServer(server, s) })
	return s
}

// Export implements pmetricotlp.GRPCServer.
func (s *tallySink) Export(_ context.Context, req pmetricotlp.ExportRequest) (pmetricotlp.ExportResponse, error) {
	var sizer pmetric.ProtoMarshaler
	s.mu.Lock()
	defer s.mu.Unlock()
	s.payloads++
	s.largest = max(s.largest, sizer.MetricsSize(req.Metrics()))
	for _, rm := range req.Metrics().ResourceMetrics().All() {
		for _, m := range rm.ScopeMetrics().At(0).Metrics().All() {
			for _, dp := range m.Sum().DataPoints().All() {
				s.put(dp, m.Sum().AggregationTemporality())
			}
		}
	}
	return pmetricotlp.NewExportResponse(), nil
}

func (s *tallySink) put(dp pmetric.NumberDataPoint, temporality pmetric.AggregationTemporality) {
	id, _ := dp.Attributes().Get("id")
	n, err := strconv.Atoi(id.Str())
	if err != nil || n < 0 || n >= len(s.values) {
		s.strange = id.Str()
		return
	}
	value := dp.IntValue()
	if temporality == pmetric.AggregationTemporalityDelta {
		value += s.values[n]
	}
	if s.values[n] == 0 && value > 0 {
		s.seen++
	}
	s.sum += value - s.values[n]
	s.values[n] = value
}

func (s *tallySink) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return fmt.Sprintf("%d of %d series with the sum %d in %d payloads of at most %d bytes", s.seen, len(s.values), s.sum, s.payloads, s.largest)
}

// received returns how many payloads have come.
func (s *tallySink) received() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.payloads
}

func (s *tallySink) has(sum int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen == len(s.values) && s.sum == sum
}

// relayGraph is a Collector with an OTLP receiver as it is by default.
const relayGraph = `
receivers:
  otlp: {protocols: {grpc: {endpoint: '%[1]s'}}}
exporters:
  otlp_grpc: {endpoint: '%[2]s', tls: {insecure: true}, sending_queue: {enabled: false}, retry_on_failure: {enabled: false}}
service:
  pipelines:
    metrics: {receivers: [otlp], exporters: [otlp_grpc]}
`

// numberedLogs returns one record for each number of a range.
func numberedLogs(from, to int) plog.Logs {
	ld := plog.NewLogs()
	rl := ld.ResourceLogs().AppendEmpty()
	rl.Resource().Attributes().PutStr("service.name", "shop")
	all := rl.ScopeLogs().AppendEmpty().LogRecords()
	all.EnsureCapacity(to - from)
	for i := from; i < to; i++ {
		r := all.AppendEmpty()
		r.Attributes().PutStr("id", strconv.Itoa(i))
		r.Attributes().PutStr("route", "/a/route/of/some/length")
		r.Attributes().PutStr("method", "GET")
	}
	return ld
}

// 1,000,000 series leave in payloads that receivers with default settings take, through
// two Collectors: every one arrives, and their sum is the number of records.
func TestMillionSeriesArriveInDefaultReceivers(t *testing.T) {
	if testing.Short() {
		t.Skip("1,000,000 series take some time")
	}
	const series, batch = 1_000_000, 5_000
	for _, temporality := range []string{"cumulative", "delta"} {
		t.Run(temporality, func(t *testing.T) {
			sink := newTallySink(t, series)
			relay, endpoint, selfPort := loopback(freePort(t)), loopback(freePort(t)), freePort(t)
			run(t, yamlConfig(fmt.Sprintf(relayGraph, relay, sink.endpoint)), yamlConfig(noSelfMetrics))
			c := run(t, yamlConfig(fmt.Sprintf(retryGraph, endpoint, sink.endpoint, relay, "accepted")),
				yamlConfig("processors::annotation_metrics: {series_limit: 0, interval: 2s, temporality: "+temporality+
					", annotations: [{metric: requests, labels: [id, route, method]}]}"),
				yamlConfig("exporters: {nop: }"),
				yamlConfig("service::pipelines::logs::exporters: [nop]"),
				yamlConfig(pullSelfMetrics(selfPort)))
			client := newLogsClient(t, endpoint)
			begin := time.Now()
			for from := 0; from < series; from += batch {
				export(t, client, numberedLogs(from, from+batch))
			}
			sent := time.Since(begin)
			// Some count twice, so that the sum says more than the number of series.
			export(t, client, numberedLogs(0, batch))
			// Cumulative series come as zeros first, and on a busy machine each million takes a while.
			waitFor(t, "the first emission", func() bool { return sink.received() > series/8192 }, sink.String)
			waitFor(t, "all series", func() bool { return sink.has(series + batch) }, sink.String)
			t.Logf("%v; sent in %.1fs, arrived after %.1fs", sink, sent.Seconds(), time.Since(begin).Seconds())

			self := scrape(t, selfPort)
			require.Zero(t, self.sum(self.self(t, "emission_failures")))
			require.EqualValues(t, series, self.sum(self.self(t, "series")))
			c.stop(t)
			require.True(t, sink.has(series+batch), sink)
			sink.mu.Lock()
			defer sink.mu.Unlock()
			require.Empty(t, sink.strange)
			require.Less(t, sink.largest, 4<<20)
			require.GreaterOrEqual(t, sink.payloads, series/8192)
		})
	}
}
