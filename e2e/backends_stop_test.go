// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Collectors are stopped while the backend is down, and started again when it is back. What
// becomes of ten records that nobody has taken depends on who holds them at the stop.
func TestStopWhileTheBackendIsDown(t *testing.T) {
	t.Parallel()
	all := []*struct {
		name     string
		settings string // of the exporter
		stored   bool   // by our component
		arrives  float64
		tells    bool // the Collector's log says that data points are lost

		route    *route
		endpoint string
		args     []string
		process  *process
	}{
		{name: "no storage", settings: "plain", arrives: 5, tells: true},
		{name: "storage", settings: "plain", stored: true, arrives: 15},
		{name: "storage and a queue in memory", settings: "default", stored: true, arrives: 5},
		{name: "a queue in storage", settings: "stored queue", arrives: 15},
	}
	folder := t.TempDir()
	for i, c := range all {
		c.route = &route{"otlp_grpc", c.settings, true, newBackend(t, "otlp_grpc", nil)}
		c.endpoint = loopback(freePort(t))
		c.args = []string{yamlConfig(c.route.config(5 * time.Second)), yamlConfig(logsConfig(c.endpoint, c.route)), yamlConfig(noSelfMetrics)}
		c.args = append(c.args, yamlConfig(fmt.Sprintf(`
extensions:
  file_storage: {directory: '%s', create_directory: true}
service:
  extensions: [file_storage]
`, filepath.Join(folder, strconv.Itoa(i)))))
		if c.stored {
			c.args = append(c.args, yamlConfig("processors::annotation_metrics/"+c.route.name()+"::storage: file_storage"))
		}
		c.process = run(t, c.args...)
		exportWhenUp(t, newLogsClient(t, c.endpoint), exportRequest(logs(make([]attributes, 10)...)))
	}
	for _, c := range all {
		c.process.signal(t, syscall.SIGTERM)
	}
	for _, c := range all {
		within(t, c.name+": the Collector to end", func() { <-c.process.exited })
		require.NoError(t, c.process.err)
		require.Equal(t, c.tells, strings.Contains(c.process.output.String(), "data points are lost"), c.name)
	}
	for _, c := range all {
		c.route.backend.up(t)
		run(t, c.args...)
		exportWhenUp(t, newLogsClient(t, c.endpoint), exportRequest(logs(make([]attributes, 5)...)))
	}
	for _, c := range all {
		waitFor(t, c.name+": what arrives", func() bool { return c.route.backend.totals()[recordsOf] == c.arrives }, c.route.backend.String)
		t.Logf("%-30s %v of 15 records arrive", c.name, c.route.backend.totals()[recordsOf])
	}
}
