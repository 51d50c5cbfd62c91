// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
)

// mood is how a backend answers.
type mood struct {
	delay time.Duration
	// status is an HTTP status, or stands for its equivalent in gRPC. 0 is to accept.
	status int
}

// retryAfter is what a backend asks for when it is asked too much.
const retryAfter = time.Second

// backend takes metrics over OTLP, by gRPC or HTTP, or hands on what it gets to a Prometheus
// server. It keeps what it accepts, and apart from that what it refuses for good.
type backend struct {
	pmetricotlp.UnimplementedGRPCServer
	*door
	record
	refused record

	mood    atomic.Pointer[mood]
	forward http.Handler // nil to keep it

	mu   sync.Mutex
	said map[said]bool
}

// said tells points of a series apart.
type said struct {
	series      string
	start, time pcommon.Timestamp
}

// newBackend returns a backend for an exporter of this type that is down.
func newBackend(t *testing.T, exporter string, server *prometheusServer) *backend {
	t.Helper()
	b := &backend{said: map[said]bool{}}
	b.mood.Store(&mood{})
	switch exporter {
	case "otlp_grpc":
		b.door = newDoor(t, servesGRPC(func(s *grpc.Server) { pmetricotlp.RegisterGRPCServer(s, b) }))
	case "prometheus_remote_write":
		address, err := url.Parse(server.address)
		require.NoError(t, err)
		b.forward = httputil.NewSingleHostReverseProxy(address)
		fallthrough
	default:
		b.door = newDoor(t, servesHTTP(b))
	}
	return b
}

// answer takes its time and says how to answer. It returns an error if nobody waits for the
// answer any more: then nothing was accepted.
func (b *backend) answer(ctx context.Context) (int, error) {
	m := b.mood.Load()
	select {
	case <-ctx.Done():
	case <-time.After(m.delay):
	}
	return m.status, ctx.Err()
}

// keep notes what was accepted or refused for good.
func (b *backend) keep(md pmetric.Metrics, httpStatus int) {
	switch httpStatus {
	case 0:
		if !b.knows(md) {
			b.add(md)
		}
	case http.StatusBadRequest:
		b.refused.add(md)
	}
}

// knows reports whether all of this was accepted before: if the backend goes away before its
// answer is read, it comes again.
func (b *backend) knows(md pmetric.Metrics) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	knows := true
	for _, p := range points(md) {
		key := said{p.series, p.start, p.time}
		knows = knows && b.said[key]
		b.said[key] = true
	}
	return knows
}

// Export implements pmetricotlp.GRPCServer.
func (b *backend) Export(ctx context.Context, req pmetricotlp.ExportRequest) (pmetricotlp.ExportResponse, error) {
	httpStatus, err := b.answer(ctx)
	if err != nil {
		return pmetricotlp.NewExportResponse(), err
	}
	b.keep(req.Metrics(), httpStatus)
	switch httpStatus {
	case http.StatusTooManyRequests:
		s, detailed := status.New(codes.ResourceExhausted, "too much").WithDetails(
			&errdetails.RetryInfo{RetryDelay: durationpb.New(retryAfter)})
		if detailed != nil {
			return pmetricotlp.NewExportResponse(), detailed
		}
		err = s.Err()
	case http.StatusServiceUnavailable:
		err = status.Error(codes.Unavailable, "not now")
	case http.StatusBadRequest:
		err = status.Error(codes.InvalidArgument, "never")
	}
	return pmetricotlp.NewExportResponse(), err
}

// ServeHTTP implements http.Handler.
func (b *backend) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the exporter is gone
	}
	httpStatus, err := b.answer(r.Context())
	if err != nil {
		return
	}
	if b.forward == nil {
		req := pmetricotlp.NewExportRequest()
		if err := req.UnmarshalProto(body); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		b.keep(req.Metrics(), httpStatus)
	}
	switch {
	case httpStatus != 0:
		w.Header().Set("Retry-After", strconv.Itoa(int(retryAfter.Seconds())))
		w.WriteHeader(httpStatus)
	case b.forward != nil:
		r.Body = io.NopCloser(bytes.NewReader(body))
		b.forward.ServeHTTP(w, r)
	default:
		// An empty body is a response without anything to say.
		w.Header().Set("Content-Type", "application/x-protobuf")
	}
}
