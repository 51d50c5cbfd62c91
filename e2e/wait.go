// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// patience is how long a test waits for something that ought to happen at once or within
// one interval. It is long, since it only matters when something is broken or the
// machine is busy.
const patience = time.Minute

// waitFor polls until cond holds. On failure it says what, and what state returns.
func waitFor(t *testing.T, what string, cond func() bool, state ...func() string) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !cond() {
		if time.Now().After(deadline) {
			for _, s := range state {
				t.Log(s())
			}
			require.FailNow(t, "waited too long", "for: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// within requires that f returns before patience runs out.
func within(t *testing.T, what string, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
	case <-time.After(patience):
		require.FailNow(t, "waited too long", "for: %s", what)
	}
}

// pickedPorts are those that freePort has returned.
var pickedPorts sync.Map

// freePort returns a TCP port of the loopback interface that nobody listens on. No other
// call returns it, and it is none of those that a system gives to outgoing connections
// (from 32768 on under Linux), one of which might take it before it is used.
func freePort(t *testing.T) int {
	t.Helper()
	for range 1000 {
		port := 20_000 + rand.IntN(12_000)
		if _, picked := pickedPorts.LoadOrStore(port, true); picked {
			continue
		}
		l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", loopback(port))
		if err != nil {
			continue
		}
		require.NoError(t, l.Close())
		return port
	}
	require.FailNow(t, "no free port")
	return 0
}

func loopback(port int) string {
	return fmt.Sprintf("127.0.0.1:%d", port)
}
