// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// nginxCount is what is in access logs of JSON, of which each line is a request.
type nginxCount struct {
	lines                                    float64
	requests, sent, statuses                 map[string]float64
	durations                                map[string][]float64 // by route
	upstream                                 []float64
	upstreamMissing, upstreamInvalid, broken float64
	ids                                      map[string]bool
}

// countNginx counts by other means than the Collector: by encoding/json, line by line.
func countNginx(t *testing.T, files ...string) nginxCount {
	t.Helper()
	c := nginxCount{
		requests: map[string]float64{}, sent: map[string]float64{}, statuses: map[string]float64{},
		durations: map[string][]float64{}, ids: map[string]bool{},
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for line := range strings.Lines(string(text)) {
			c.lines++
			var r struct {
				Method, Route    string
				Status           int
				Bytes, Duration  float64
				UpstreamDuration string `json:"upstream_duration"`
				RequestID        string `json:"request_id"`
			}
			if json.Unmarshal([]byte(line), &r) != nil {
				c.broken++
				continue
			}
			status := strconv.Itoa(r.Status)
			c.requests[r.Method+" "+r.Route+" "+status]++
			c.statuses[status]++
			c.sent[r.Route] += r.Bytes
			c.durations[r.Route] = append(c.durations[r.Route], r.Duration)
			c.ids[r.RequestID] = true
			if took, err := strconv.ParseFloat(r.UpstreamDuration, 64); err == nil {
				c.upstream = append(c.upstream, took)
			} else if r.UpstreamDuration == "" {
				c.upstreamMissing++
			} else {
				c.upstreamInvalid++
			}
		}
	}
	return c
}

// requireShown compares with the page of examples/nginx.
func (c nginxCount) requireShown(t *testing.T, got page) {
	t.Helper()
	require.Equal(t, c.requests, got.by(t, "http_server_requests_total", "http_request_method", "http_route", "http_response_status_code"))
	require.Equal(t, c.sent, got.by(t, "http_server_sent_bytes_total", "http_route"))
	require.Equal(t, c.broken, got.sum("log_unparsed_total"))
	require.Len(t, got.samples("http_server_request_duration_seconds"), len(c.durations))
	for route, all := range c.durations {
		requireNearHistogram(t, got.samples("http_server_request_duration_seconds", "http_route", route), []float64{0.01, 0.1, 0.5, 1, 5, 10}, all)
	}
	requireNearHistogram(t, got.samples("http_upstream_duration_seconds"),
		[]float64{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10}, c.upstream)
}

// requireNearHistogram compares buckets and counts exactly. The sum of thousands of
// fractions depends on the order in which they are added up.
func requireNearHistogram(t *testing.T, shown []sample, bounds, values []float64) {
	t.Helper()
	require.Len(t, shown, 1)
	counts, sum := histogram(values, bounds)
	gotBounds, gotCounts := shown[0].buckets()
	require.Equal(t, bounds, gotBounds)
	require.Equal(t, counts, gotCounts)
	require.InDelta(t, sum, shown[0].GetHistogram().GetSampleSum(), 1e-6)
}

// wrkReport is what wrk says, by testdata/mix.lua.
type wrkReport struct {
	completed float64
	statuses  map[string]float64
}

func readWrk(t *testing.T, said string) wrkReport {
	t.Helper()
	r := wrkReport{statuses: map[string]float64{}}
	for _, line := range regexp.MustCompile(`(?m)^status (\d+) (\d+)$`).FindAllStringSubmatch(said, -1) {
		n, err := strconv.ParseFloat(line[2], 64)
		require.NoError(t, err)
		r.statuses[line[1]] += n
	}
	_, said, ok := strings.Cut(said, "completed ")
	require.True(t, ok)
	_, err := fmt.Sscanf(said, "%g", &r.completed)
	require.NoError(t, err, said)
	require.Contains(t, said, "\nbroken 0\n")
	return r
}

// A web server under load, whose log is rotated meanwhile, is read by two Collectors: one
// with examples/nginx, one with examples/access-log. What they derive is what a count of
// the logs says when all is over, and agrees with what the load generator has seen.
func TestNginx(t *testing.T) {
	wrk := lookProgram(t, "wrk", debian("wrk"))
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(15 * time.Millisecond) // it takes time
		switch {
		case strings.HasSuffix(r.URL.Path, "failing"):
			w.WriteHeader(http.StatusServiceUnavailable)
		case r.Method == http.MethodPost:
			w.WriteHeader(http.StatusCreated)
		}
	}))
	t.Cleanup(upstream.Close)
	server := runNginx(t, strings.TrimPrefix(upstream.URL, "http://"))
	port, selfPort, textPort, textSelfPort := freePort(t), freePort(t), freePort(t), freePort(t)
	run(t, "--config=examples/nginx/config.yaml",
		yamlConfig(fmt.Sprintf("receivers::file_log::include: ['%[1]s', '%[1]s.1']", server.jsonLog)),
		yamlConfig("exporters::prometheus::endpoint: "+loopback(port)),
		yamlConfig("processors::annotation_metrics::interval: 1s"),
		yamlConfig(pullSelfMetrics(selfPort)))
	run(t, "--config=examples/access-log/config.yaml",
		yamlConfig(fmt.Sprintf("receivers::file_log::include: ['%s']", server.textLog)),
		yamlConfig("exporters::prometheus::endpoint: "+loopback(textPort)),
		yamlConfig("extensions::health_check::endpoint: "+loopback(freePort(t))),
		yamlConfig("processors::annotation_metrics::interval: 1s"),
		yamlConfig(pullSelfMetrics(textSelfPort)))
	seen := func(port int, annotation string) float64 {
		self := scrape(t, port)
		return self.sum(self.self(t, "records"), "annotation", annotation)
	}

	// The load lasts until the log was rotated twice and goes on, however fast the machine is.
	const connections, rotations = 8, 2
	begin := time.Now()
	load := start(t, "wrk", exec.Command(wrk, "-t2", "-c"+strconv.Itoa(connections), "-d10m", "--timeout", "30s",
		"-s", filepath.Join("testdata", "mix.lua"), "http://"+server.address))
	for n := range rotations + 1 {
		before := seen(selfPort, "log.unparsed")
		load.waitFor(t, "a thousand lines more", func() bool { return seen(selfPort, "log.unparsed") > before+1000 })
		if n < rotations {
			server.rotate(t, n)
		}
	}
	require.NoError(t, load.cmd.Process.Signal(os.Interrupt)) // it ends early, and reports
	load.join(t)
	lasted := time.Since(begin).Seconds()
	server.quit(t) // it has logged the last request
	wrote, err := os.Stat(server.jsonLog)
	require.NoError(t, err)

	want := countNginx(t, server.jsonLog, server.jsonLog+".1", server.jsonLog+".2")
	waitFor(t, "all lines", func() bool { return seen(selfPort, "log.unparsed") >= want.lines },
		func() string { return fmt.Sprint(seen(selfPort, "log.unparsed"), " of ", want.lines) })
	delay := time.Since(wrote.ModTime())
	t.Logf("%.0f lines in %.1f s, %.0f a second; the last one was counted within %d ms",
		want.lines, lasted, want.lines/lasted, delay.Milliseconds())

	// The files hold all requests: those that wrk has seen answers of, those that asked
	// whether the server is up, and those that were under way when wrk ended.
	report := readWrk(t, load.output.String())
	require.Positive(t, report.completed)
	require.Zero(t, want.broken)
	require.Len(t, want.ids, int(want.lines), "request IDs are unique")
	require.GreaterOrEqual(t, want.lines, report.completed+server.probes)
	require.LessOrEqual(t, want.lines, report.completed+server.probes+connections)
	for status, n := range report.statuses {
		require.GreaterOrEqual(t, want.statuses[status], n, status)
	}
	for _, status := range []string{"200", "201", "404", "503"} {
		require.Positive(t, report.statuses[status], status)
	}

	awaitEmission(t, selfPort)
	awaitEmission(t, selfPort)
	want.requireShown(t, scrape(t, port))
	requireOutcomes(t, selfPort, outcomes{
		"http.server.requests":         matching(want.lines, want.lines),
		"http.server.sent":             matching(want.lines, want.lines),
		"http.server.request.duration": matching(want.lines, want.lines),
		"http.upstream.duration": matching(want.lines, float64(len(want.upstream)),
			"value_missing", want.upstreamMissing, "value_invalid", want.upstreamInvalid),
		"log.unparsed": matching(want.lines, 0),
	})

	text := countAccessLog(t, server.textLog)
	require.EqualValues(t, want.lines, text.lines)
	waitFor(t, "all lines of the other log", func() bool { return seen(textSelfPort, "log.unparsed") >= want.lines })
	awaitEmission(t, textSelfPort)
	awaitEmission(t, textSelfPort)
	got := scrape(t, textPort)
	require.Equal(t, text.requests, got.by(t, "http_server_requests_total", "http_request_method", "http_response_status_code"))
	require.Equal(t, text.bytes, got.by(t, "http_server_sent_bytes_total", "http_response_status_code"))
	require.Zero(t, got.sum("log_unparsed_total"))
	require.Equal(t, want.lines, seen(textSelfPort, "log.unparsed"))
}

// The example's page agrees with a count of its log.
func TestExampleNginx(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(repository, "examples", "nginx")
	want := countNginx(t, filepath.Join(dir, "access.log"))
	require.Positive(t, want.broken)
	require.Positive(t, want.upstreamInvalid)
	text, err := os.ReadFile(filepath.Join(dir, "expected.txt"))
	require.NoError(t, err)
	want.requireShown(t, parsePage(t, string(text)))
}
