// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"runtime"
	"sync"
)

// freeList keeps what one goroutine is done with for the next one. Unlike a sync.Pool it
// keeps it over garbage collections, after each of which a pool's dictionaries would have
// to learn every value again; and it keeps no more than can be in use at once. It is safe
// for concurrent use.
type freeList[T any] struct {
	create func() T

	mu   sync.Mutex
	free []T
}

// take returns what was given back last, which is the most likely to be in a CPU's cache.
func (l *freeList[T]) take() T {
	l.mu.Lock()
	if n := len(l.free); n > 0 {
		t := l.free[n-1]
		l.free = l.free[:n-1]
		l.mu.Unlock()
		return t
	}
	l.mu.Unlock()
	return l.create()
}

func (l *freeList[T]) give(t T) {
	l.mu.Lock()
	if len(l.free) < runtime.GOMAXPROCS(0) {
		l.free = append(l.free, t)
	}
	l.mu.Unlock()
}
