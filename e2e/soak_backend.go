// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// soakBackend is an OTLP gRPC server for metrics that answers Unavailable at random and
// can go down and come back. It keeps no payloads but what the last point of each life of
// a series says, and sums.
type soakBackend struct {
	pmetricotlp.UnimplementedGRPCServer
	endpoint string

	mu       sync.Mutex
	server   *grpc.Server
	served   chan error
	refuses  bool // at random
	refused  int
	payloads int
	lives    map[life]lastPoint
	totals   map[string]float64 // by metric: over all lives of all its series
	wrong    []string           // what no writer may do
}

// life is a series from one start to its end. A delta series is one life for all the
// points of its chain.
type life struct {
	series string
	start  pcommon.Timestamp
}

type lastPoint struct {
	start, time pcommon.Timestamp
	value       float64
}

func newSoakBackend(t *testing.T) *soakBackend {
	t.Helper()
	b := &soakBackend{
		endpoint: loopback(freePort(t)), refuses: true,
		lives: map[life]lastPoint{}, totals: map[string]float64{},
	}
	b.up(t)
	t.Cleanup(func() { b.down(t) })
	return b
}

// up starts to serve.
func (b *soakBackend) up(t *testing.T) {
	t.Helper()
	l, err := net.Listen("tcp", b.endpoint)
	require.NoError(t, err)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.server, b.served = grpc.NewServer(), make(chan error, 1)
	pmetricotlp.RegisterGRPCServer(b.server, b)
	go func(s *grpc.Server, served chan<- error) { served <- s.Serve(l) }(b.server, b.served)
}

// down ends the server in the middle of whatever it does, if it is up.
func (b *soakBackend) down(t *testing.T) {
	t.Helper()
	b.mu.Lock()
	server, served := b.server, b.served
	b.server = nil
	b.mu.Unlock()
	if server == nil {
		return
	}
	server.Stop()
	if err := <-served; err != nil && !errors.Is(err, grpc.ErrServerStopped) {
		require.NoError(t, err)
	}
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
	for _, p := range points(withValues(req.Metrics())) {
		b.book(p)
	}
	return pmetricotlp.NewExportResponse(), nil
}

// withValues leaves out the points that say only that a series has ended.
func withValues(md pmetric.Metrics) pmetric.Metrics {
	ended := func(dp interface{ Flags() pmetric.DataPointFlags }) bool { return dp.Flags().NoRecordedValue() }
	for _, rm := range md.ResourceMetrics().All() {
		for _, sm := range rm.ScopeMetrics().All() {
			for _, m := range sm.Metrics().All() {
				switch m.Type() {
				case pmetric.MetricTypeSum:
					m.Sum().DataPoints().RemoveIf(func(dp pmetric.NumberDataPoint) bool { return ended(dp) })
				case pmetric.MetricTypeHistogram:
					m.Histogram().DataPoints().RemoveIf(func(dp pmetric.HistogramDataPoint) bool { return ended(dp) })
				}
			}
		}
	}
	return md
}

// book adds what a point says to what is known. The same delta point may come twice: the
// server may have gone down before its answer was read.
func (b *soakBackend) book(p point) {
	value := p.value
	if p.buckets != nil {
		value = float64(p.count)
	}
	key, delta := life{p.series, p.start}, p.temporality == pmetric.AggregationTemporalityDelta
	if delta {
		key.start = 0
	}
	last, known := b.lives[key]
	switch {
	case p.start >= p.time:
		b.complain("%s starts at %d, after its time %d", p.series, p.start, p.time)
	case known && delta && p.start == last.start && p.time == last.time:
		if value != last.value {
			b.complain("%s came again with %g instead of %g", p.series, value, last.value)
		}
		return
	case known && p.time <= last.time:
		if !delta && p.time == last.time && value == last.value {
			return
		}
		b.complain("%s goes back from %d to %d", p.series, last.time, p.time)
	case known && delta && p.start < last.time:
		b.complain("%s starts at %d, before its previous point ended at %d", p.series, p.start, last.time)
	case known && !delta && value < last.value:
		b.complain("%s falls from %g to %g within one life", p.series, last.value, value)
	}
	b.lives[key] = lastPoint{p.start, p.time, value}
	if known && !delta {
		value -= last.value
	}
	b.totals[p.metric] += value
}

func (b *soakBackend) complain(format string, args ...any) {
	if len(b.wrong) < 20 {
		b.wrong = append(b.wrong, fmt.Sprintf(format, args...))
	}
}

// books returns the totals of all metrics whose name begins with prefix, and how many
// lives all series had.
func (b *soakBackend) books() (totals map[string]float64, lives, payloads, refused int, wrong []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	totals = map[string]float64{}
	for metric, total := range b.totals {
		if strings.HasPrefix(metric, "soak.") {
			totals[metric] = total
		}
	}
	return totals, len(b.lives), b.payloads, b.refused, slices.Clone(b.wrong)
}
