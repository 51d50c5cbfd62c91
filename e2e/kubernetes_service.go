// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// fakeService is as much of a Kubernetes API as the resolver of load_balancing asks for: who is
// behind one Service, and changes of that. Its endpoints are addresses of the loopback network
// with one port.
type fakeService struct {
	kubeconfig string // a file that says where the API is
	port       int

	mu        sync.Mutex
	addresses []string
	version   int
	changed   chan struct{} // closed when something has changed
}

// newFakeService serves the API until the test ends. The service has two endpoints.
func newFakeService(t *testing.T) *fakeService {
	t.Helper()
	s := &fakeService{port: freePort(t), version: 1, changed: make(chan struct{})}
	s.addresses = []string{s.host(0), s.host(1)}
	l, err := net.Listen("tcp", s.address(1))
	if err != nil {
		t.Skipf("no second loopback address on this system: %v", err)
	}
	require.NoError(t, l.Close())
	mux := http.NewServeMux()
	mux.HandleFunc("GET /apis/discovery.k8s.io/v1/namespaces/observability/endpointslices", s.serve)
	server := httptest.NewServer(mux)
	t.Cleanup(func() {
		server.CloseClientConnections() // watches never end by themselves
		server.Close()
	})
	s.kubeconfig = filepath.Join(t.TempDir(), "kubeconfig")
	require.NoError(t, os.WriteFile(s.kubeconfig, fmt.Appendf(nil, `
apiVersion: v1
kind: Config
current-context: test
contexts: [{name: test, context: {cluster: test, user: test}}]
clusters: [{name: test, cluster: {server: '%s'}}]
users: [{name: test, user: {}}]
`, server.URL), 0o600))
	return s
}

func (*fakeService) host(i int) string {
	return fmt.Sprintf("127.0.0.%d", i+1)
}

// address returns where the gateway of this number listens.
func (s *fakeService) address(i int) string {
	return fmt.Sprintf("%s:%d", s.host(i), s.port)
}

// resolver returns the agent's configuration.
func (s *fakeService) resolver() string {
	return fmt.Sprintf("exporters::load_balancing::resolver: {static: null, k8s: {service: gateway.observability, ports: [%d]}}", s.port)
}

// set changes who is behind the service: gateways, by their numbers.
func (s *fakeService) set(gateways ...int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addresses = nil
	for _, i := range gateways {
		s.addresses = append(s.addresses, s.host(i))
	}
	s.version++
	close(s.changed)
	s.changed = make(chan struct{})
}

type object map[string]any

// slice returns the EndpointSlice, its version, and a channel that is closed at the next change.
func (s *fakeService) slice() (slice object, version string, changed <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	version = strconv.Itoa(s.version)
	endpoints := []object{}
	for _, address := range s.addresses {
		endpoints = append(endpoints, object{"addresses": []string{address}})
	}
	return object{
		"kind": "EndpointSlice", "apiVersion": "discovery.k8s.io/v1", "addressType": "IPv4", "endpoints": endpoints,
		"metadata": object{"name": "gateway-1", "namespace": "observability", "resourceVersion": version},
	}, version, s.changed
}

// serve answers a list, or a watch with an event for each change.
func (s *fakeService) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	encoder := json.NewEncoder(w)
	slice, version, changed := s.slice()
	query := r.URL.Query()
	if query.Get("watch") == "" {
		_ = encoder.Encode(object{
			"kind": "EndpointSliceList", "apiVersion": "discovery.k8s.io/v1",
			"metadata": object{"resourceVersion": version}, "items": []object{slice},
		})
		return
	}
	event := func(kind string, of object) bool {
		if encoder.Encode(object{"type": kind, "object": of}) != nil {
			return false
		}
		return http.NewResponseController(w).Flush() == nil
	}
	if query.Get("sendInitialEvents") == "true" {
		end := object{
			"kind": "EndpointSlice", "apiVersion": "discovery.k8s.io/v1", "addressType": "IPv4", "endpoints": []object{},
			"metadata": object{"resourceVersion": version, "annotations": object{"k8s.io/initial-events-end": "true"}},
		}
		if !event("ADDED", slice) || !event("BOOKMARK", end) {
			return
		}
	} else if query.Get("resourceVersion") != version && !event("MODIFIED", slice) {
		return
	}
	for {
		select {
		case <-r.Context().Done():
			return
		case <-changed:
		}
		slice, _, changed = s.slice()
		if !event("MODIFIED", slice) {
			return
		}
	}
}
