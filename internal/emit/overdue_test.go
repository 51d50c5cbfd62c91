// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package emit

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestOverdue(t *testing.T) {
	for took, want := range map[time.Duration]int{0: 0, time.Second - 1: 0, time.Second + 1: 1, time.Hour: 1} {
		synctest.Test(t, func(t *testing.T) {
			said := 0
			done := overdue(time.Second, func() { said++ })
			time.Sleep(took)
			synctest.Wait()
			assert.Equal(t, want, said, "at once, not when it is done")
			assert.Equal(t, want == 1, done())
			time.Sleep(time.Hour)
			assert.Equal(t, want, said, "not any more")
		})
	}
}

// Whoever is done does not hear of it afterwards. (In real time: a bubble's clock stands
// still while somebody waits for a mutex.)
func TestDoneWaitsForWhatIsSaid(t *testing.T) {
	for range 100 {
		begun, release := make(chan struct{}), make(chan struct{})
		returned := false // without a lock: the race detector sees to the order
		done := overdue(0, func() {
			close(begun)
			<-release
			returned = true
		})
		<-begun
		go close(release)
		assert.True(t, done())
		assert.True(t, returned)
	}
}
