// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// usage is what a Collector takes at one moment.
type usage struct {
	at      time.Duration
	rss     float64 // MiB
	heap    float64 // MiB
	threads float64
	series  float64
}

// usageOf samples a running Collector. ok is false while it reloads: then its own metrics
// are not served.
func usageOf(t *testing.T, p *process, selfPort int) (u usage, ok bool) {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	require.NoError(t, err, "the Collector is gone")
	field := func(name string) float64 {
		for line := range strings.Lines(string(text)) {
			if rest, found := strings.CutPrefix(line, name+":"); found {
				n, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
				require.NoError(t, err)
				return n
			}
		}
		require.FailNow(t, "no field "+name, "%s", text)
		return 0
	}
	u = usage{at: time.Since(p.started), rss: field("VmRSS") / 1024, threads: field("Threads")}
	code, body, err := get(t, "http://"+loopback(selfPort)+"/metrics")
	if err != nil || code != http.StatusOK {
		return u, false
	}
	served := parsePage(t, string(body))
	for name := range served {
		switch {
		case strings.HasPrefix(name, "otelcol_process_runtime_heap_alloc_bytes"):
			u.heap = served.sum(name) / (1 << 20)
		case strings.HasSuffix(name, "annotation_metrics_series"):
			u.series += served.sum(name)
		}
	}
	return u, u.heap > 0
}

var goroutineHeader = regexp.MustCompile(`(?m)^goroutine \d+ `)

// goroutines ends the Collector with a dump of its goroutines, and counts them. Nothing
// in it serves that number.
func (p *process) goroutines(t *testing.T) int {
	t.Helper()
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGQUIT))
	within(t, "the dump of goroutines", func() { <-p.exited })
	n := len(goroutineHeader.FindAllString(p.output.String(), -1))
	require.Greater(t, n, 5, "there is no dump of goroutines")
	return n
}

// reload has the Collector stop everything and start anew, and waits for it.
func (p *process) reload(t *testing.T) {
	t.Helper()
	const ready = "Everything is ready"
	before := strings.Count(p.output.String(), ready)
	p.signal(t, syscall.SIGHUP)
	waitFor(t, "the reload", func() bool { return strings.Count(p.output.String(), ready) > before })
}

func median(all []usage, of func(usage) float64) float64 {
	values := make([]float64, 0, len(all))
	for _, u := range all {
		values = append(values, of(u))
	}
	slices.Sort(values)
	return values[len(values)/2]
}
