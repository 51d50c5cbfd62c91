// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/conservation"
)

// soakBackend is an OTLP gRPC server for metrics that answers Unavailable at random and
// can go down and come back. It keeps no payloads but a ledger of what they said.
type soakBackend struct {
	pmetricotlp.UnimplementedGRPCServer
	*door

	mu       sync.Mutex
	refuses  bool // at random
	refused  int
	payloads int
	ledger   *conservation.Ledger
}

func newSoakBackend(t *testing.T) *soakBackend {
	t.Helper()
	b := &soakBackend{refuses: true, ledger: new(conservation.Ledger)}
	b.door = newDoor(t, servesGRPC(func(server *grpc.Server) { pmetricotlp.RegisterGRPCServer(server, b) }))
	b.up(t)
	return b
}

// accept has the backend accept everything from now on.
func (b *soakBackend) accept() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refuses = false
}

// Export implements pmetricotlp.GRPCServer.
func (b *soakBackend) Export(_ context.Context, req pmetricotlp.ExportRequest) (pmetricotlp.ExportResponse, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.refuses && rand.IntN(4) == 0 {
		b.refused++
		return pmetricotlp.NewExportResponse(), status.Error(codes.Unavailable, "try again")
	}
	b.payloads++
	// The server may have gone down before its answer was read: then a point comes twice,
	// which the ledger knows.
	b.ledger.Add(req.Metrics())
	return pmetricotlp.NewExportResponse(), nil
}

// books returns what the metrics of the soak add up to, and how many lives all series had.
func (b *soakBackend) books() (totals map[string]float64, lives, payloads, refused int, wrong error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	totals = map[string]float64{}
	for metric, total := range b.ledger.Metrics() {
		switch {
		case strings.HasSuffix(metric, ".histogram"):
			totals[metric] = float64(total.Count)
		case strings.HasPrefix(metric, "soak."):
			totals[metric] = total.Sum
		}
	}
	for _, of := range b.ledger.Lives() {
		lives += len(of)
	}
	return totals, lives, b.payloads, b.refused, b.ledger.Err()
}
