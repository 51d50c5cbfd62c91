// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

//go:build holdtimes

package hold

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

var (
	mu      sync.Mutex
	longest = map[uintptr]time.Duration{} // by the place that took the lock
)

// Longest returns, by the function that took a lock, for how long it was held at most
// since the last call. Safe for concurrent use.
func Longest() map[string]time.Duration {
	mu.Lock()
	defer mu.Unlock()
	found := map[string]time.Duration{}
	for pc, d := range longest {
		frame, _ := runtime.CallersFrames([]uintptr{pc}).Next()
		found[frame.Function] = max(found[frame.Function], d)
	}
	clear(longest)
	return found
}

// caller returns the place that called the function which called this one.
func caller() uintptr {
	var pc [1]uintptr
	runtime.Callers(3, pc[:])
	return pc[0]
}

func record(pc uintptr, since time.Time) {
	d := time.Since(since)
	mu.Lock()
	defer mu.Unlock()
	longest[pc] = max(longest[pc], d)
}

// Mutex is a sync.Mutex that measures.
type Mutex struct {
	mu    sync.Mutex
	since time.Time
	pc    uintptr
}

// Lock locks m.
func (m *Mutex) Lock() {
	m.mu.Lock()
	m.since, m.pc = time.Now(), caller()
}

// Unlock unlocks m.
func (m *Mutex) Unlock() {
	since, pc := m.since, m.pc
	m.mu.Unlock()
	record(pc, since)
}

// RWMutex is a sync.RWMutex that measures. Holds of readers that overlap count as one.
type RWMutex struct {
	mu      sync.RWMutex
	since   time.Time
	pc      uintptr
	readers atomic.Int64
	first   atomic.Pointer[reader]
}

type reader struct {
	since time.Time
	pc    uintptr
}

// Lock locks m for writing.
func (m *RWMutex) Lock() {
	m.mu.Lock()
	m.since, m.pc = time.Now(), caller()
}

// Unlock unlocks m for writing.
func (m *RWMutex) Unlock() {
	since, pc := m.since, m.pc
	m.mu.Unlock()
	record(pc, since)
}

// RLock locks m for reading.
func (m *RWMutex) RLock() {
	m.mu.RLock()
	if m.readers.Add(1) == 1 {
		m.first.Store(&reader{time.Now(), caller()})
	}
}

// RUnlock unlocks m for reading.
func (m *RWMutex) RUnlock() {
	first := m.first.Load()
	last := m.readers.Add(-1) == 0
	m.mu.RUnlock()
	if last && first != nil {
		record(first.pc, first.since)
	}
}
