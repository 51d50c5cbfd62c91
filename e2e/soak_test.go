// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/conservation"
)

// soakGraph has each door twice, cumulative and delta.
const soakGraph = `
receivers:
  otlp/processor: {protocols: {grpc: {endpoint: '%[1]s'}}}
  otlp/connector: {protocols: {grpc: {endpoint: '%[2]s'}}}
  annotation_metrics/cumulative:
  annotation_metrics/delta:
processors:
  annotation_metrics/cumulative: {%[4]s, annotations: [%[5]s]}
  annotation_metrics/delta: {temporality: delta, %[4]s, annotations: [%[6]s]}
connectors:
  annotation_metrics/graph_cumulative: {%[4]s, annotations: [%[7]s]}
  annotation_metrics/graph_delta: {temporality: delta, %[4]s, annotations: [%[8]s]}
exporters:
  nop:
  otlp_grpc: {endpoint: '%[3]s', tls: {insecure: true}, sending_queue: {enabled: false}, retry_on_failure: {enabled: false}}
service:
  pipelines:
    logs/processor: {receivers: [otlp/processor], processors: [annotation_metrics/cumulative, annotation_metrics/delta], exporters: [nop]}
    logs/connector: {receivers: [otlp/connector], exporters: [annotation_metrics/graph_cumulative, annotation_metrics/graph_delta]}
    metrics:
      receivers: [annotation_metrics/cumulative, annotation_metrics/delta, annotation_metrics/graph_cumulative, annotation_metrics/graph_delta]
      exporters: [otlp_grpc]
`

// soakAnnotations returns the annotations of one door; its name is in its metrics'.
func soakAnnotations(door string) string {
	return fmt.Sprintf("{metric: soak.%[1]s.records, labels: [route, session]}, {metric: soak.%[1]s.sizes, value: 'attributes[\"size\"]', labels: [route]}, "+
		"{metric: soak.%[1]s.histogram, type: histogram, value: 'attributes[\"size\"]', buckets: [10, 100], labels: [session]}", door)
}

// soakConfig returns the arguments of the Collector.
func soakConfig(processorEndpoint, connectorEndpoint, backend string, selfPort int) []string {
	return []string{
		yamlConfig(fmt.Sprintf(soakGraph, processorEndpoint, connectorEndpoint, backend, "interval: 1s, series_limit: 200, expire_after: 5s",
			soakAnnotations("processor.cumulative"), soakAnnotations("processor.delta"),
			soakAnnotations("connector.cumulative"), soakAnnotations("connector.delta"))),
		yamlConfig(pullSelfMetrics(selfPort)),
	}
}

// soakSender sends batches at a pace, each until it is acknowledged, and knows what it
// has sent.
type soakSender struct {
	endpoint string
	// gate is held for reading during a call; nil is no gate.
	gate *sync.RWMutex

	mu                     sync.Mutex
	records, sizes, repeat float64
}

func (s *soakSender) run(t *testing.T, stop <-chan struct{}) {
	client := newLogsClient(t, s.endpoint)
	pace := time.NewTicker(50 * time.Millisecond)
	defer pace.Stop()
	for {
		select {
		case <-stop:
			return
		case <-pace.C:
		}
		ld, sizes := soakBatch()
		for {
			if s.gate != nil {
				s.gate.RLock()
			}
			_, err := client.Export(t.Context(), exportRequest(ld))
			if s.gate != nil {
				s.gate.RUnlock()
			}
			if err == nil {
				break
			}
			s.mu.Lock()
			s.repeat++
			s.mu.Unlock()
			<-pace.C
		}
		s.mu.Lock()
		s.records += float64(ld.LogRecordCount())
		s.sizes += sizes
		s.mu.Unlock()
	}
}

// soakBatch returns 50 records: few routes, which stay, and sessions of which there are
// always new ones beside ten that stay.
func soakBatch() (ld plog.Logs, sizes float64) {
	const records = 50
	all := make([]attributes, records)
	for i := range all {
		session := "stays-" + strconv.Itoa(rand.IntN(10))
		if rand.IntN(5) == 0 {
			session = strconv.FormatUint(rand.Uint64(), 36)
		}
		size := rand.IntN(200)
		sizes += float64(size)
		all[i] = attributes{"route": "/" + strconv.Itoa(rand.IntN(8)), "session": session, "size": size}
	}
	return logs(all...), sizes
}

func (s *soakSender) sent() (records, sizes, repeats float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.records, s.sizes, s.repeat
}

// The built Collector under load, for SOAK_DURATION (`make soak DURATION=10m`): about
// 4,000 records a second over OTLP with label values that are new all the time, a series
// limit that is always reached, a SIGHUP reload every 15 s, and a metrics backend that
// refuses a quarter of the payloads and is down for 3 s in 20. Each record goes to a
// cumulative and to a delta component, of the processor or of the connector.
//
// What is checked:
//   - Conservation, exactly: over all lives of all series, told apart by their starts,
//     the last values, or the sums of the deltas, are the records that were acknowledged,
//     for a counter, a counter of a value and a histogram of each of the four.
//     The senders to the connector never pause. Those to the processor do while the
//     Collector reloads: what a processor accepts after its receiver has stopped is
//     documented to be lost.
//   - No point goes back in time or value within a life; a delta comes again only as it
//     was; chains do not overlap.
//   - Heap, resident memory and threads do not grow: the median of the last quarter
//     against that of the second one, with the tolerances below.
//   - Goroutines: at the end no more than a fresh Collector with some load has, and 10.
func TestSoak(t *testing.T) {
	text := os.Getenv("SOAK_DURATION")
	if text == "" {
		t.Skip("takes minutes; run: make soak DURATION=2m")
	}
	duration, err := time.ParseDuration(text)
	require.NoError(t, err)
	require.GreaterOrEqual(t, duration, 40*time.Second, "too short to compare quarters")

	backend := newSoakBackend(t)
	var gate sync.RWMutex
	doors := map[string]*soakSender{
		"processor": {endpoint: loopback(freePort(t)), gate: &gate},
		"connector": {endpoint: loopback(freePort(t))},
	}
	selfPort := freePort(t)
	args := soakConfig(doors["processor"].endpoint, doors["connector"].endpoint, backend.endpoint, selfPort)
	fresh := freshGoroutines(t, args, doors, backend)
	c := run(t, args...)

	stop := make(chan struct{})
	var senders sync.WaitGroup
	for _, s := range doors {
		for range 2 {
			senders.Go(func() { s.run(t, stop) })
		}
	}
	samples := soak(t, c, backend, &gate, selfPort, duration)
	close(stop)
	within(t, "the senders", senders.Wait)

	want := map[string]float64{}
	for door, s := range doors {
		records, sizes, repeats := s.sent()
		t.Logf("%s: %.0f records acknowledged, %.0f calls repeated", door, records, repeats)
		require.Greater(t, records, duration.Seconds()*500, "hardly any load")
		for _, temporality := range []string{"cumulative", "delta"} {
			name := "soak." + door + "." + temporality
			want[name+".records"], want[name+".sizes"], want[name+".histogram"] = records, sizes, records
		}
	}
	backend.accept()
	defer logConservation(t, backend, want)
	waitFor(t, "the totals", func() bool { totals, _, _, _, _ := backend.books(); return maps.Equal(totals, want) })
	_, _, _, refused, wrong := backend.books()
	require.NoError(t, wrong)
	require.Positive(t, refused)
	goroutines := c.goroutines(t)
	t.Logf("goroutines: %d, of a fresh Collector %d", goroutines, fresh)
	require.LessOrEqual(t, goroutines, fresh+10, "goroutines grow")
	requireNoGrowth(t, samples)
}

// logConservation prints what was sent beside what has arrived.
func logConservation(t *testing.T, backend *soakBackend, want map[string]float64) {
	t.Helper()
	totals, lives, payloads, refused, wrong := backend.books()
	rows := []string{"metric\tsent\tarrived\t"}
	for _, metric := range slices.Sorted(maps.Keys(want)) {
		rows = append(rows, fmt.Sprintf("%s\t%.0f\t%.0f\t", metric, want[metric], totals[metric]))
	}
	t.Logf("backend: %d payloads taken, %d refused; %d lives of series\n%s", payloads, refused, lives, table(t, rows))
	if wrong != nil {
		t.Log(wrong)
	}
}

// table aligns rows of cells that end with tabs.
func table(t *testing.T, rows []string) string {
	t.Helper()
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, err := w.Write([]byte(strings.Join(rows, "\n") + "\n"))
	require.NoError(t, err)
	require.NoError(t, w.Flush())
	return text.String()
}

// freshGoroutines counts the goroutines of a Collector after some load. What it emits
// does not count.
func freshGoroutines(t *testing.T, args []string, doors map[string]*soakSender, backend *soakBackend) int {
	t.Helper()
	c := run(t, args...)
	for _, s := range doors {
		ld, _ := soakBatch()
		client := newLogsClient(t, s.endpoint)
		for range 10 {
			export(t, client, ld)
		}
	}
	waitFor(t, "emissions", func() bool { _, _, payloads, _, _ := backend.books(); return payloads >= 8 })
	n := c.goroutines(t)
	backend.mu.Lock()
	defer backend.mu.Unlock()
	backend.ledger = new(conservation.Ledger)
	backend.payloads = 0
	return n
}

// sampleEvery is short, for the heap swings as garbage is collected, and a median of few
// samples with it.
const sampleEvery = time.Second

// soak disturbs the Collector for a while, and samples what it takes.
func soak(t *testing.T, c *process, backend *soakBackend, gate *sync.RWMutex, selfPort int, duration time.Duration) []usage {
	t.Helper()
	var samples []usage
	end := time.After(duration)
	sample, reload, down := time.NewTicker(sampleEvery), time.NewTicker(15*time.Second), time.NewTicker(20*time.Second)
	defer sample.Stop()
	defer reload.Stop()
	defer down.Stop()
	var up <-chan time.Time
	for {
		select {
		case <-end:
			if up != nil {
				backend.up(t)
			}
			return samples
		case <-sample.C:
			if u, ok := usageOf(t, c, selfPort); ok {
				samples = append(samples, u)
			}
		case <-reload.C:
			if up != nil { // a shutdown may last as long as the backend is down
				backend.up(t)
				up = nil
			}
			gate.Lock()
			c.reload(t)
			gate.Unlock()
		case <-down.C:
			backend.down(t)
			up = time.After(3 * time.Second)
		case <-up:
			backend.up(t)
			up = nil
		}
	}
}

// requireNoGrowth compares medians of the second and the last quarter, which leaves out
// the start. Tolerances: a quarter, and some MiB for what a garbage collector owes.
func requireNoGrowth(t *testing.T, samples []usage) {
	t.Helper()
	rows := []string{"after\tRSS MiB\theap MiB\tthreads\tseries\t"}
	for i, u := range samples {
		if i%5 != 0 {
			continue
		}
		rows = append(rows, fmt.Sprintf("%.0fs\t%.1f\t%.1f\t%.0f\t%.0f\t", u.at.Seconds(), u.rss, u.heap, u.threads, u.series))
	}
	t.Logf("the Collector took:\n%s", table(t, rows))
	require.GreaterOrEqual(t, len(samples), 20)
	n := len(samples)
	second, last := samples[n/4:n/2], samples[n-n/4:]
	for _, what := range []struct {
		name   string
		of     func(usage) float64
		spread float64
	}{
		{"resident MiB", func(u usage) float64 { return u.rss }, 32},
		{"heap MiB", func(u usage) float64 { return u.heap }, 16},
		{"threads", func(u usage) float64 { return u.threads }, 8},
	} {
		before, after := median(second, what.of), median(last, what.of)
		t.Logf("%s: median of the second quarter %.1f, of the last %.1f", what.name, before, after)
		require.LessOrEqual(t, after, 1.25*before+what.spread, "%s grow", what.name)
	}
}
