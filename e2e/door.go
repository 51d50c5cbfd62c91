// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"errors"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
)

// door is a server that can go down and come back at one endpoint. It is safe for concurrent
// use.
type door struct {
	endpoint string
	serve    func(net.Listener) (end func() error)

	mu  sync.Mutex
	end func() error // nil while it is down
}

// newDoor returns a server that is down. It is ended with the test.
func newDoor(t *testing.T, serve func(net.Listener) (end func() error)) *door {
	t.Helper()
	d := &door{endpoint: loopback(freePort(t)), serve: serve}
	t.Cleanup(func() { d.down(t) })
	return d
}

// up starts to serve.
func (d *door) up(t *testing.T) {
	t.Helper()
	l, err := net.Listen("tcp", d.endpoint)
	require.NoError(t, err)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.end = d.serve(l)
}

// down ends the server in the middle of whatever it does, if it is up.
func (d *door) down(t *testing.T) {
	t.Helper()
	d.mu.Lock()
	end := d.end
	d.end = nil
	d.mu.Unlock()
	if end != nil {
		require.NoError(t, end())
	}
}

// servesGRPC serves what register registers.
func servesGRPC(register func(*grpc.Server)) func(net.Listener) func() error {
	return func(l net.Listener) func() error {
		server, served := grpc.NewServer(), make(chan error, 1)
		register(server)
		go func() { served <- server.Serve(l) }()
		return func() error {
			server.Stop()
			if err := <-served; !errors.Is(err, grpc.ErrServerStopped) {
				return err
			}
			return nil
		}
	}
}

// servesHTTP serves over HTTP.
func servesHTTP(handler http.Handler) func(net.Listener) func() error {
	return func(l net.Listener) func() error {
		server, served := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}, make(chan error, 1)
		go func() { served <- server.Serve(l) }()
		return func() error {
			err := server.Close()
			if failed := <-served; !errors.Is(failed, http.ErrServerClosed) {
				err = errors.Join(err, failed)
			}
			return err
		}
	}
}
