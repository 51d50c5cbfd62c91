// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package series

import (
	"go.opentelemetry.io/collector/pdata/pcommon"
)

// Store holds the families of one component.
type Store struct {
	families []*Family
}

// NewStore returns a store of these families.
func NewStore(families []*Family) *Store {
	return &Store{families: families}
}

// Families returns the families, in the order of their definitions.
func (s *Store) Families() []*Family {
	return s.families
}

// Start sets the time at which cumulative series of before the first emission start.
func (s *Store) Start(t pcommon.Timestamp) {
	for _, f := range s.families {
		f.mu.Lock()
		f.last = t
		f.mu.Unlock()
	}
}

// Unsent returns how many series hold something that no accepted emission has shown.
func (s *Store) Unsent() int {
	n := 0
	for _, f := range s.families {
		n += f.Unsent()
	}
	return n
}
