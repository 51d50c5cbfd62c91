// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package series

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestCompactDoesNotWaitForCommits: who compacts has what a shutdown takes after it has shut
// commits out.
func TestCompactDoesNotWaitForCommits(t *testing.T) {
	s := NewStore([]*Family{newTestFamily(t, Definition{}), newTestFamily(t, Definition{})})
	s.BeginCommit()
	defer s.EndCommit()
	done := make(chan struct{})
	go func() {
		s.Compact()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		require.Fail(t, "it waits for the commit")
	}
}
