// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !holdtimes

package hold

import (
	"sync"
	"time"
)

type (
	// Mutex is a sync.Mutex.
	Mutex = sync.Mutex
	// RWMutex is a sync.RWMutex.
	RWMutex = sync.RWMutex
)

// Longest returns nothing: holds are not measured.
func Longest() map[string]time.Duration { return nil }
