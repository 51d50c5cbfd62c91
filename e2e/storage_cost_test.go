// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestStorageCost measures an emission of 1,000,000 series with and without file_storage, and
// one before which nothing has changed. It takes minutes, and only runs if STORAGE_COST is set:
//
//	STORAGE_COST=1 go test -count=1 -v -run TestStorageCost .
func TestStorageCost(t *testing.T) {
	if os.Getenv("STORAGE_COST") == "" {
		t.Skip("STORAGE_COST is not set")
	}
	const n, batch = 1_000_000, 5_000
	for _, with := range []bool{false, true} {
		t.Run("file_storage="+strconv.FormatBool(with), func(t *testing.T) {
			endpoint, port, folder := loopback(freePort(t)), freePort(t), t.TempDir()
			id := "null"
			if with {
				id = "file_storage"
			}
			run(t, yamlConfig(fmt.Sprintf(`
extensions: {file_storage: {directory: '%s'}}
receivers:
  otlp: {protocols: {grpc: {endpoint: '%s'}}}
processors: {}
connectors:
  annotation_metrics: {interval: 20s, series_limit: 0, storage: %s, annotations: [{metric: n, labels: [user, route], initial_zero: false}]}
exporters: {nop: }
service:
  extensions: [file_storage]
  pipelines:
    logs: {receivers: [otlp], exporters: [annotation_metrics]}
    metrics: {receivers: [annotation_metrics], exporters: [nop]}
`, folder, endpoint, id)), yamlConfig(pullSelfMetrics(port)))
			client := newLogsClient(t, endpoint)
			for i := 0; i < n; i += batch {
				records := make([]attributes, 0, batch)
				for k := range batch {
					records = append(records, attributes{"user": strconv.Itoa(i + k), "route": "/cart"})
				}
				export(t, client, logs(records...))
			}
			figure := func(name string, labels ...string) float64 {
				p, sum := scrape(t, port), 0.0
				for _, m := range p["otelcol_connector_annotation_metrics_"+name].GetMetric() {
					match := len(labels) == 0
					for _, l := range m.GetLabel() {
						match = match || l.GetName() == labels[0] && l.GetValue() == labels[1]
					}
					if match {
						sum += m.GetCounter().GetValue() + m.GetGauge().GetValue() + m.GetUntyped().GetValue()
					}
				}
				return sum
			}
			// next waits for the end of the next emission of everything, and returns its time.
			next := func() time.Duration {
				emitted, flush := figure("emitted_datapoints"), figure("overhead_time", "stage", "flush")
				last := flush
				waitFor(t, "an emission", func() bool { return figure("emitted_datapoints") >= emitted+n })
				waitFor(t, "its end", func() bool {
					time.Sleep(time.Second)
					before := last
					last = figure("overhead_time", "stage", "flush")
					return last == before && last > flush
				})
				return time.Duration((last - flush) * float64(time.Second)).Round(time.Millisecond)
			}
			size := func() (bytes int64, changed time.Time) {
				entries, err := os.ReadDir(folder)
				require.NoError(t, err)
				for _, e := range entries {
					info, err := os.Stat(filepath.Join(folder, e.Name()))
					require.NoError(t, err)
					bytes, changed = bytes+info.Size(), info.ModTime()
				}
				return bytes, changed
			}
			first := next()
			bytes, _ := size()
			t.Logf("%d new series: %v; %d bytes on disk, %d a series", n, first, bytes, bytes/n)
			t.Logf("nothing has changed: %v", next())
			// One record changes one block.
			export(t, client, logs(attributes{"user": "7", "route": "/cart"}))
			t.Logf("one series has changed: %v", next())
		})
	}
}
