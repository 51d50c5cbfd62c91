// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package series

import (
	"sync"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/labels"
)

// Store holds the families of one component.
type Store struct {
	families []*Family

	// commits is shared by commits, which hold IDs of tuples that no lock of the tables
	// guards, and excludes them where such IDs are taken away.
	commits sync.RWMutex
}

// NewStore returns a store of these families.
func NewStore(families []*Family) *Store {
	return &Store{families: families}
}

// Families returns the families, in the order of their definitions.
func (s *Store) Families() []*Family {
	return s.families
}

// BeginCommit must be called before the tables resolve a batch's tuples, and EndCommit
// after the last family has taken it. Any number of batches may be in between.
func (s *Store) BeginCommit() {
	s.commits.RLock()
}

// EndCommit ends what BeginCommit began.
func (s *Store) EndCommit() {
	s.commits.RUnlock()
}

// Exclusive calls what while no batch is being committed.
func (s *Store) Exclusive(what func()) {
	s.commits.Lock()
	defer s.commits.Unlock()
	what()
}

// Start sets the time at which series start that come before the first emission.
func (s *Store) Start(t pcommon.Timestamp) {
	for _, f := range s.families {
		f.mu.Lock()
		f.birth = t
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

// Unsaved returns how many series hold something that no accepted emission has shown, in
// blocks that have changed since they were last saved.
func (s *Store) Unsaved() int {
	n := 0
	for _, f := range s.families {
		f.mu.Lock()
		for _, b := range f.blocks {
			if b.dirty {
				n += b.unsent
			}
		}
		f.mu.Unlock()
	}
	return n
}

// Compact gives memory back that series which were removed had. Nobody may be reading a
// family or its table without their locks, as who saves it does.
func (s *Store) Compact() {
	done := map[*labels.Table]bool{}
	for _, f := range s.families {
		if done[f.table] {
			continue
		}
		done[f.table] = true
		for from, more := uint32(0), true; more; more = from != 0 {
			from = f.table.Compact(from)
		}
	}
}

// MarkKept says that everything unsent is kept elsewhere.
func (s *Store) MarkKept() {
	for _, f := range s.families {
		f.mu.Lock()
		for _, b := range f.blocks {
			for local := range b.states {
				b.states[local] &^= changed
			}
			b.unsent = 0
		}
		f.mu.Unlock()
	}
}
