// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"maps"
	"math/rand/v2"
	"sync"
	"testing"

	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// logsBackend is an OTLP gRPC server for logs that answers Unavailable to three calls in
// ten and InvalidArgument to one, and keeps books.
type logsBackend struct {
	plogotlp.UnimplementedGRPCServer
	endpoint string

	mu sync.Mutex
	// final counts the records of calls that were final, by their label "id", and the
	// other fields count records too.
	final                       map[string]float64
	accepted, forGood, tryAgain float64
}

// newLogsBackend returns a server that runs until the test ends.
func newLogsBackend(t *testing.T) *logsBackend {
	t.Helper()
	b := &logsBackend{final: map[string]float64{}}
	b.endpoint = serveGRPC(t, func(server *grpc.Server) { plogotlp.RegisterGRPCServer(server, b) })
	return b
}

// Export implements plogotlp.GRPCServer.
func (b *logsBackend) Export(_ context.Context, req plogotlp.ExportRequest) (plogotlp.ExportResponse, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	records := float64(req.Logs().LogRecordCount())
	var err error
	switch n := rand.IntN(10); {
	case n < 3:
		b.tryAgain += records
		return plogotlp.NewExportResponse(), status.Error(codes.Unavailable, "try again")
	case n == 3:
		b.forGood += records
		err = status.Error(codes.InvalidArgument, "never")
	default:
		b.accepted += records
	}
	for id, n := range countIDs(req.Logs()) {
		b.final[id] += n
	}
	return plogotlp.NewExportResponse(), err
}

// countIDs counts records by their label "id".
func countIDs(ld plog.Logs) map[string]float64 {
	ids := map[string]float64{}
	for _, rl := range ld.ResourceLogs().All() {
		for _, sl := range rl.ScopeLogs().All() {
			for _, r := range sl.LogRecords().All() {
				id, _ := r.Attributes().Get("id")
				ids[id.Str()]++
			}
		}
	}
	return ids
}

// books returns what is final, by id, and how many records were accepted, refused for
// good and refused to come again.
func (b *logsBackend) books() (final map[string]float64, accepted, forGood, tryAgain float64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return maps.Clone(b.final), b.accepted, b.forGood, b.tryAgain
}
