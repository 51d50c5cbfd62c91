// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"net"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// otlpSink is an OTLP gRPC server that keeps the metrics that it accepts, and accepts
// everything unless told otherwise.
type otlpSink struct {
	pmetricotlp.UnimplementedGRPCServer
	record

	endpoint string
	// answer is asked before anything is kept.
	answer atomic.Pointer[func(pmetric.Metrics) error]
}

// newOTLPSink returns a server that runs until the test ends.
func newOTLPSink(t *testing.T) *otlpSink {
	t.Helper()
	s := &otlpSink{}
	s.endpoint = serveGRPC(t, func(server *grpc.Server) { pmetricotlp.RegisterGRPCServer(server, s) })
	return s
}

// serveGRPC serves what register registers, with the default limits, until the test ends,
// and returns the endpoint.
func serveGRPC(t *testing.T, register func(*grpc.Server)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := grpc.NewServer()
	register(server)
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	t.Cleanup(func() {
		server.Stop()
		require.NoError(t, <-served)
	})
	return l.Addr().String()
}

// Export implements pmetricotlp.GRPCServer.
func (s *otlpSink) Export(_ context.Context, req pmetricotlp.ExportRequest) (pmetricotlp.ExportResponse, error) {
	if answer := s.answer.Load(); answer != nil {
		if err := (*answer)(req.Metrics()); err != nil {
			return pmetricotlp.NewExportResponse(), err
		}
	}
	s.add(req.Metrics())
	return pmetricotlp.NewExportResponse(), nil
}

// newLogsClient returns an OTLP gRPC client for logs. What it sends is acknowledged when
// Export returns nil.
func newLogsClient(t *testing.T, endpoint string) plogotlp.GRPCClient {
	t.Helper()
	conn, err := grpc.NewClient(endpoint, grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close()) })
	return plogotlp.NewGRPCClient(conn)
}

// export sends logs, which must be acknowledged.
func export(t *testing.T, client plogotlp.GRPCClient, ld plog.Logs) {
	t.Helper()
	_, err := client.Export(t.Context(), exportRequest(ld))
	require.NoError(t, err)
}

func exportRequest(ld plog.Logs) plogotlp.ExportRequest {
	return plogotlp.NewExportRequestFromLogs(ld)
}

// selfTotal returns the last value of a processor's self-metric that reached sink,
// summed over its series.
func selfTotal(sink *otlpSink, name string) float64 {
	sum := 0.0
	for _, p := range sink.last() {
		if p.metric == selfPrefix+name {
			sum += p.value
		}
	}
	return sum
}
