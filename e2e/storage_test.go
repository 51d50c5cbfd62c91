// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// storageGraph has a cumulative and a delta processor, with their state in a folder.
const storageGraph = `
extensions:
  file_storage: {directory: '%[3]s', create_directory: true, timeout: 100ms}
receivers:
  otlp: {protocols: {grpc: {endpoint: '%[1]s'}}}
  annotation_metrics:
  annotation_metrics/delta:
processors:
  annotation_metrics: &processor
    interval: 1s
    storage: file_storage
    writer_attribute: writer
    annotations: %[4]s
  annotation_metrics/delta: {<<: *processor, temporality: delta}
exporters:
  nop:
  otlp_grpc: {endpoint: '%[2]s', tls: {insecure: true}, sending_queue: {enabled: false}, retry_on_failure: {enabled: false}}
service:
  extensions: [file_storage]
  pipelines:
    logs: {receivers: [otlp], processors: [annotation_metrics, annotation_metrics/delta], exporters: [nop]}
    metrics: {receivers: [annotation_metrics, annotation_metrics/delta], exporters: [otlp_grpc]}
`

const storedAnnotations = `[{metric: same, initial_zero: false}, {metric: changed, initial_zero: false}, {metric: removed, initial_zero: false}]`

// stored is a Collector with state, and what goes in and out of it.
type stored struct {
	endpoint, folder string
	sink             *otlpSink
}

func newStored(t *testing.T) *stored {
	t.Helper()
	return &stored{endpoint: loopback(freePort(t)), folder: filepath.Join(t.TempDir(), "state"), sink: newOTLPSink(t)}
}

func (s *stored) config(annotations string) string {
	return fmt.Sprintf(storageGraph, s.endpoint, s.sink.endpoint, s.folder, annotations)
}

func (s *stored) run(t *testing.T, annotations string, more ...string) *process {
	t.Helper()
	args := []string{yamlConfig(s.config(annotations))}
	if len(more) == 0 {
		more = []string{noSelfMetrics}
	}
	for _, m := range more {
		args = append(args, yamlConfig(m))
	}
	return run(t, args...)
}

// of returns the points of a metric and a temporality, in the order of their arrival.
func (s *stored) of(metric string, delta bool) []point {
	var list []point
	for _, p := range s.sink.points() {
		if p.metric == metric && (p.temporality == 2) == !delta {
			list = append(list, p)
		}
	}
	return list
}

// cumulative returns the last cumulative point of a metric.
func (s *stored) cumulative(metric string) point {
	all := s.of(metric, false)
	if len(all) == 0 {
		return point{}
	}
	return all[len(all)-1]
}

func (s *stored) send(t *testing.T, records int) {
	t.Helper()
	client := newLogsClient(t, s.endpoint)
	waitFor(t, "the OTLP endpoint", func() bool {
		_, err := client.Export(t.Context(), exportRequest(logs(make([]attributes, records)...)))
		return err == nil
	})
}

func (s *stored) waitForCumulative(t *testing.T, metric string, value float64) point {
	t.Helper()
	waitFor(t, "the cumulative "+metric, func() bool { return s.cumulative(metric).value == value }, s.sink.String)
	return s.cumulative(metric)
}

// deltaTotal adds up deltas; one that was sent again counts once.
func deltaTotal(t *testing.T, all []point) float64 {
	t.Helper()
	type span struct {
		series      string
		start, time uint64
	}
	said := map[span]float64{}
	sum := 0.0
	last := uint64(0)
	for _, p := range all {
		at := span{p.series, uint64(p.start), uint64(p.time)}
		if value, ok := said[at]; ok {
			require.InDelta(t, value, p.value, 0, "a delta is sent again unchanged")
			continue
		}
		if last != 0 {
			require.GreaterOrEqual(t, uint64(p.start), last, "deltas do not overlap")
		}
		last = uint64(p.time)
		said[at] = p.value
		sum += p.value
	}
	return sum
}

// requireOneLife requires that no point is below one before it with the same start, and that
// times rise.
func requireOneLife(t *testing.T, all []point) {
	t.Helper()
	for i, p := range all {
		require.Less(t, p.start, p.time)
		if i == 0 {
			continue
		}
		before := all[i-1]
		require.Greater(t, p.time, before.time)
		if p.start == before.start {
			require.GreaterOrEqual(t, p.value, before.value)
		} else {
			require.Greater(t, p.start, before.time)
		}
	}
}

// A restart goes on with the values and the starts of the life before, a reload too, and
// either drops the annotations that have changed or are gone (B9).
func TestB9_StateOverRestartAndReload(t *testing.T) {
	s := newStored(t)
	c := s.run(t, storedAnnotations)
	s.send(t, 3)
	var starts []uint64
	for _, metric := range []string{"same", "changed", "removed"} {
		starts = append(starts, uint64(s.waitForCumulative(t, metric, 3).start))
	}
	writer := s.cumulative("same").series
	require.Contains(t, writer, "resource.writer=")
	c.stop(t)

	// The same configuration.
	c = s.run(t, storedAnnotations)
	s.send(t, 4)
	for i, metric := range []string{"same", "changed", "removed"} {
		p := s.waitForCumulative(t, metric, 7)
		require.EqualValues(t, starts[i], p.start, metric)
	}
	require.Equal(t, writer, s.cumulative("same").series, "the writer keeps its ID")
	require.NotContains(t, c.output.String(), "is dropped")
	c.stop(t)

	// One annotation is changed, and one removed.
	other := `[{metric: same, initial_zero: false, description: new, expire_after: 2h, series_limit: 5},` +
		` {metric: changed, unit: "1", initial_zero: false}]`
	c = s.run(t, other)
	require.Contains(t, c.output.String(), "its configuration has changed")
	require.Contains(t, c.output.String(), "it is not configured any more")
	s.send(t, 2)
	require.EqualValues(t, starts[0], s.waitForCumulative(t, "same", 9).start)
	require.Greater(t, uint64(s.waitForCumulative(t, "changed", 2).start), starts[1])
	c.stop(t)

	// What is gone is gone for good.
	c = s.run(t, storedAnnotations)
	s.send(t, 1)
	require.EqualValues(t, starts[0], s.waitForCumulative(t, "same", 10).start)
	require.Greater(t, uint64(s.waitForCumulative(t, "removed", 1).start), starts[2])
	c.stop(t)
	for _, metric := range []string{"same", "changed", "removed"} {
		requireOneLife(t, s.of(metric, false))
	}
	require.InDelta(t, 10, deltaTotal(t, s.of("same", true)), 0)

	// A reload within one process.
	file := filepath.Join(t.TempDir(), "config.yaml")
	write := func(annotations string) {
		require.NoError(t, os.WriteFile(file, []byte(s.config(annotations)), 0o600))
	}
	write(storedAnnotations)
	c = run(t, "--config="+file, yamlConfig(noSelfMetrics))
	s.send(t, 5)
	require.EqualValues(t, starts[0], s.waitForCumulative(t, "same", 15).start)
	write(`[{metric: same, initial_zero: false}, {metric: changed, condition: 'true', initial_zero: false}]`)
	c.signal(t, syscall.SIGHUP)
	waitFor(t, "the reload", func() bool { return strings.Count(c.output.String(), "Everything is ready") == 2 })
	require.Contains(t, c.output.String(), "its configuration has changed")
	s.send(t, 1)
	require.EqualValues(t, starts[0], s.waitForCumulative(t, "same", 16).start)
	s.waitForCumulative(t, "changed", 1)
	c.stop(t)
	require.InDelta(t, 16, deltaTotal(t, s.of("same", true)), 0)
}

// Without storage every life is a writer of its own.
func TestWriterAttribute(t *testing.T) {
	s := newStored(t)
	writers := map[string]bool{}
	for range 2 {
		s.sink.clear()
		c := s.run(t, "[{metric: same, initial_zero: false}]", noSelfMetrics,
			"processors: {annotation_metrics: {storage: null}, annotation_metrics/delta: {storage: null}}")
		s.send(t, 1)
		s.waitForCumulative(t, "same", 1)
		c.stop(t)
		for _, p := range s.sink.points() {
			require.Contains(t, p.series, "resource.writer=")
		}
		writers[s.cumulative("same").series] = true
	}
	require.Len(t, writers, 2)
}

// The Collector is killed under load, again and again. What the senders know to be delivered
// is in the metrics, but for one interval at each kill; no value goes back (B23).
func TestB23_Kill(t *testing.T) {
	const kills = 30
	s := newStored(t)
	client := newLogsClient(t, s.endpoint)
	ctx := t.Context()
	running := make(chan struct{})
	sender := make(chan struct{})
	var times []time.Time // when ten records were acknowledged
	go func() {
		defer close(sender)
		for {
			select {
			case <-running:
				return
			default:
			}
			if _, err := client.Export(ctx, exportRequest(logs(make([]attributes, 10)...))); err != nil {
				time.Sleep(5 * time.Millisecond) // the Collector is down
				continue
			}
			times = append(times, time.Now())
		}
	}()
	var killed []time.Time
	for range kills {
		c := s.run(t, storedAnnotations)
		time.Sleep(time.Duration(200+rand.IntN(2600)) * time.Millisecond) // that is what is tested
		killed = append(killed, time.Now())
		c.kill(t)
	}
	c := s.run(t, storedAnnotations)
	close(running)
	<-sender
	c.stop(t)

	sent := float64(10 * len(times))
	// A batch that was neither acknowledged nor refused may have counted, one at each kill.
	most := sent + 10*kills
	// What came in the last interval before a kill may be missing. Emissions may be late on a
	// busy machine.
	allowed := 0.0
	for _, at := range times {
		for _, kill := range killed {
			if ago := kill.Sub(at); ago > -100*time.Millisecond && ago < 1300*time.Millisecond {
				allowed += 10
				break
			}
		}
	}
	for _, metric := range []string{"same", "changed", "removed"} {
		requireOneLife(t, s.of(metric, false))
		lives := map[uint64]float64{}
		for _, p := range s.of(metric, false) {
			lives[uint64(p.start)] = p.value
		}
		sum := 0.0
		for _, v := range lives {
			sum += v
		}
		deltas := deltaTotal(t, s.of(metric, true))
		t.Logf("%s: %v acknowledged, %v in %d cumulative lives, %v in deltas; %v may be missing", metric, sent, sum, len(lives), deltas, allowed)
		for _, total := range []float64{sum, deltas} {
			require.LessOrEqual(t, total, most)
			require.GreaterOrEqual(t, total, sent-allowed, "at most one interval is missing for each kill")
		}
		require.LessOrEqual(t, len(lives), 3, "but for kills before the first emission, there is one life")
	}
}
