// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package host

import (
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"
)

// Status is the status of all components that share one state: the Collector has one for
// each place of a component in its pipelines. It is safe for concurrent use.
type Status struct {
	mu    sync.Mutex
	hosts []component.Host
	err   error
}

// Add makes a component that is starting, on this host, one of them.
func (s *Status) Add(host component.Host) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hosts = append(s.hosts, host)
	if s.err != nil {
		componentstatus.ReportStatus(host, event(s.err))
	}
}

// Report says what troubles the components, which is a recoverable error, or that nothing
// does if err is nil. The Collector ignores it for those that have stopped.
func (s *Status) Report(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
	for _, host := range s.hosts {
		componentstatus.ReportStatus(host, event(err))
	}
}

func event(err error) *componentstatus.Event {
	if err == nil {
		return componentstatus.NewEvent(componentstatus.StatusOK)
	}
	return componentstatus.NewRecoverableErrorEvent(err)
}
