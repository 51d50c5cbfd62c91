// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"errors"
	"sync"
)

// part is a part of the engine that can be in trouble for a while.
type part int

const (
	partEmission part = iota
	partStorage
	numParts
)

// health is what troubles the engine's parts. It is safe for concurrent use.
type health struct {
	// report is told when something has changed; nil is for nobody.
	report func(error)

	mu       sync.Mutex
	troubles [numParts]error
	ended    bool
}

// of returns a function that says what troubles a part; nil is for nothing. Only when trouble
// begins or ends is that a change: a new event would make the trouble look new, and who waits
// for some time before he calls a component unhealthy would wait for ever.
func (h *health) of(p part) func(error) {
	return func(err error) {
		h.mu.Lock()
		defer h.mu.Unlock()
		healthy := h.troubles[p] == nil
		if healthy == (err == nil) {
			return
		}
		h.troubles[p] = err
		if h.report != nil && !h.ended {
			h.report(errors.Join(h.troubles[:]...)) // under the lock: reports come in order
		}
	}
}

// end makes what comes report nothing more: the status of a component that stops is the
// Collector's.
func (h *health) end() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ended = true
}
