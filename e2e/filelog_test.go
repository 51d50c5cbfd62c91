// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// logFile is a log that is written while it is read, and rotated as logrotate does: the
// file is renamed, and a new one is made.
type logFile struct {
	t    *testing.T
	path string
	file *os.File
	n    int // of rotations
}

func newLogFile(t *testing.T, name string) *logFile {
	t.Helper()
	l := &logFile{t: t, path: filepath.Join(t.TempDir(), name)}
	l.open()
	t.Cleanup(func() { require.NoError(t, l.file.Close()) })
	return l
}

func (l *logFile) open() {
	var err error
	l.file, err = os.OpenFile(l.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	require.NoError(l.t, err)
}

// write appends text in pieces, as a program with a buffer does: they do not end where
// lines end.
func (l *logFile) write(text string) {
	for text != "" {
		n := min(1+rand.IntN(4096), len(text))
		_, err := l.file.WriteString(text[:n])
		require.NoError(l.t, err)
		text = text[n:]
	}
}

// rotate renames the file. The writer goes on with the old one, where late goes, until it
// opens the new one.
func (l *logFile) rotate(late string) {
	l.n++
	require.NoError(l.t, os.Rename(l.path, fmt.Sprintf("%s.%d", l.path, l.n)))
	l.write(late)
	require.NoError(l.t, l.file.Close())
	l.open()
}

// lines returns what is in the file and in those that it was before.
func (l *logFile) lines() (lines []string) {
	files, err := filepath.Glob(l.path + "*")
	require.NoError(l.t, err)
	require.Len(l.t, files, l.n+1)
	for _, f := range files {
		text, err := os.ReadFile(f)
		require.NoError(l.t, err)
		for line := range strings.Lines(string(text)) {
			lines = append(lines, line)
		}
	}
	return lines
}

// jsonLine returns a line of the format of examples/filelog-json, of this number.
func jsonLine(n int) string {
	switch n % 50 {
	case 7:
		return "\n" // is no record
	case 13:
		return fmt.Sprintf(`{"level":"info","msg":"not closed %d`+"\n", n)
	case 21:
		return fmt.Sprintf("a text, %d\n", n)
	case 33:
		return fmt.Sprintf(`{"ts":"2026-03-02T09:00:00.%03dZ","level":"error","error":{"type":%q}}`+"\r\n", n%1000, []string{"timeout", "conflict"}[n/50%2])
	}
	end := []string{"\n", "\r\n"}[n/3%2]
	status, order := []any{200, "200", 404}[n%3], ""
	if n%4 == 0 {
		order = fmt.Sprintf(`,"order":{"total":%v,"items":[{"sku":"a","n":1}]}`, float64(n%37)/4)
	}
	text, err := json.Marshal(status)
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf(`{"ts":"2026-03-02T09:00:00.%03dZ","level":"info","http":{"method":"GET","route":"/%d","status":%s,"duration_ms":%v,"cached":%t}%s,"n":%d}%s`,
		n%1000, n%5, text, float64(n%1999)/4, n%2 == 0, order, n, end)
}

// jsonCount is what is in lines of that format.
type jsonCount struct {
	records, unparsed, revenue, orders, failed float64
	requests, errors                           map[string]float64
	durations                                  []float64
}

// countJSON counts by other means than the Collector: by encoding/json, line by line.
func countJSON(t *testing.T, lines []string, maxSize int) jsonCount {
	t.Helper()
	c := jsonCount{requests: map[string]float64{}, errors: map[string]float64{}}
	for _, line := range lines {
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			continue
		}
		c.records++
		if pieces := (len(line) + maxSize - 1) / maxSize; pieces > 1 {
			c.records += float64(pieces - 1)
			c.unparsed += float64(pieces)
			continue
		}
		var r struct {
			Level string
			HTTP  *struct {
				Method, Route string
				Status        any
				DurationMS    float64 `json:"duration_ms"`
				Cached        bool
			}
			Order *struct{ Total float64 }
			Error struct{ Type string }
		}
		if json.Unmarshal([]byte(line), &r) != nil {
			c.unparsed++
			continue
		}
		if r.HTTP != nil {
			c.requests[fmt.Sprint(r.HTTP.Method, " ", r.HTTP.Route, " ", r.HTTP.Status, " ", r.HTTP.Cached)]++
			c.durations = append(c.durations, r.HTTP.DurationMS)
		}
		if r.Order != nil {
			c.orders++
			c.revenue += r.Order.Total
		}
		if r.Level == "error" || r.Level == "fatal" {
			c.failed++
			c.errors[cmp.Or(r.Error.Type, "unknown")]++
		}
	}
	return c
}

// requireShown compares with the page of examples/filelog-json.
func (c jsonCount) requireShown(t *testing.T, got page) {
	t.Helper()
	require.Equal(t, c.requests, got.by(t, "shop_requests_total", "http_request_method", "http_route", "http_response_status_code", "cached"))
	require.Equal(t, c.errors, got.by(t, "shop_errors_total", "error_type"))
	require.Equal(t, c.revenue, got.sum("shop_revenue_total"))
	require.Equal(t, c.unparsed, got.sum("log_unparsed_total"))
	requireHistogram(t, got, "shop_request_duration_milliseconds",
		[]float64{0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000}, c.durations)
}

// The example's page agrees with a count of its log.
func TestExampleFilelogJSON(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(repository, "examples", "filelog-json")
	log, err := os.ReadFile(filepath.Join(dir, "app.log"))
	require.NoError(t, err)
	shown, err := os.ReadFile(filepath.Join(dir, "expected.txt"))
	require.NoError(t, err)
	want := countJSON(t, slices.Collect(strings.Lines(string(log))), 2<<10)
	require.Positive(t, want.unparsed)
	want.requireShown(t, parsePage(t, string(shown)))
}

// The example reads a log while it is written and rotated: lines in pieces, broken ones,
// empty ones, with both kinds of ends, very long ones, and a last one that has no end.
func TestFilelogJSONLive(t *testing.T) {
	t.Parallel()
	const maxSize = 1 << 20
	log := newLogFile(t, "app.log")
	port, selfPort := freePort(t), freePort(t)
	run(t, "--config=examples/filelog-json/config.yaml",
		yamlConfig(fmt.Sprintf("receivers::file_log: {include: ['%s*'], max_log_size: %d, force_flush_period: 3s, poll_interval: 50ms}", log.path, maxSize)),
		yamlConfig("processors::annotation_metrics::interval: 1s"),
		yamlConfig("exporters::prometheus::endpoint: "+loopback(port)),
		yamlConfig(pullSelfMetrics(selfPort)))
	seen := func() float64 {
		self := scrape(t, selfPort)
		return self.sum(self.self(t, "records"), "annotation", "log.unparsed")
	}

	const rounds, each = 10, 400
	n := 0
	next := func(lines int) string {
		var text strings.Builder
		for range lines {
			text.WriteString(jsonLine(n))
			n++
		}
		return text.String()
	}
	for round := range rounds {
		log.write(next(each))
		before := seen()
		log.write(next(each))
		switch round {
		case 2: // long, but not too long
			log.write(`{"level":"info","http":{"method":"GET","route":"/long","status":200,"duration_ms":1,"cached":true},"text":"` + strings.Repeat("x", maxSize*3/4) + "\"}\n")
		case 4: // too long: it is cut in three
			log.write(`{"level":"info","http":{"method":"GET","route":"/long","status":200,"duration_ms":1,"cached":true},"text":"` + strings.Repeat("x", maxSize*9/4) + "\"}\n")
		}
		if round%2 == 1 {
			// In the middle of what is read, or just after it.
			if round%4 == 1 {
				waitFor(t, "some of the lines", func() bool { return seen() > before })
			}
			log.rotate(next(each))
		}
	}
	log.write(strings.TrimRight(jsonLine(1), "\r\n"))

	want := countJSON(t, log.lines(), maxSize)
	require.Greater(t, want.records, float64(rounds*each*2))
	waitFor(t, "all records", func() bool { return seen() >= want.records }, func() string { return fmt.Sprint(seen(), " of ", want.records) })
	awaitEmission(t, selfPort)
	awaitEmission(t, selfPort)
	got := scrape(t, port)
	want.requireShown(t, got)
	requests := float64(len(want.durations))
	requireOutcomes(t, selfPort, outcomes{
		"shop.requests":         matching(want.records, requests),
		"shop.request.duration": matching(want.records, requests),
		"shop.revenue":          matching(want.records, want.orders),
		"shop.errors":           matching(want.records, want.failed),
		"shop.queue.depth":      matching(want.records, 0),
		"log.unparsed":          matching(want.records, want.unparsed),
	})
}

// The example reads stack traces while they are written, line by line, and the files are
// rotated between them. What was thrown, where and how deep is known to who wrote them.
func TestStackTracesLive(t *testing.T) {
	t.Parallel()
	java, python := newLogFile(t, "java.log"), newLogFile(t, "python.log")
	port, selfPort := freePort(t), freePort(t)
	run(t, "--config=examples/stack-traces/config.yaml",
		yamlConfig(fmt.Sprintf("receivers::file_log/java: {include: ['%s*'], force_flush_period: 3s, poll_interval: 50ms}", java.path)),
		yamlConfig(fmt.Sprintf("receivers::file_log/python: {include: ['%s*'], force_flush_period: 3s, poll_interval: 50ms}", python.path)),
		yamlConfig("processors::annotation_metrics::interval: 1s"),
		yamlConfig("exporters::prometheus::endpoint: "+loopback(port)),
		yamlConfig(pullSelfMetrics(selfPort)))

	exceptions, causes, errors := map[string]float64{}, map[string]float64{}, map[string]float64{}
	depths, records := map[string][]float64{}, 0.0
	at := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	for n := range 600 {
		at = at.Add(137 * time.Millisecond)
		depth, line := 1+n%40, strconv.Itoa(n)
		log := java
		var text strings.Builder
		if n%2 == 0 {
			text.WriteString(at.Format("2006-01-02T15:04:05.000Z") + " ERROR [main] com.example.Job - failed " + line + "\n")
			exception, frame := "com.example.Broken$"+strconv.Itoa(n%6), "com.example.Deep.run"+strconv.Itoa(n%4)
			fmt.Fprintf(&text, "%s: the text of it\n  has two lines, at least: %s\n\tat %s(Deep.java:%d)\n", exception, line, frame, n)
			for range depth - 1 {
				text.WriteString("\tat com.example.Caller.call(Caller.java:7)\n")
			}
			if n%3 == 0 {
				text.WriteString("Caused by: com.example.Middle: x\n\tat com.example.Caller.call(Caller.java:7)\n\t... 3 more\n" +
					"Caused by: com.example.Root" + strconv.Itoa(n%5) + "\n\tat com.example.Caller.call(Caller.java:7)\n")
				depth += 2
				causes["com.example.Root"+strconv.Itoa(n%5)]++
			}
			exceptions["checkout "+exception+" "+frame]++
			errors["com.example.Job"]++
			depths["checkout"] = append(depths["checkout"], float64(depth))
		} else {
			log = python
			text.WriteString(at.Format("2006-01-02 15:04:05,000") + " ERROR jobs: failed " + line + "\nTraceback (most recent call last):\n")
			exception, frame := "jobs.Broken"+strconv.Itoa(n%6), "run"+strconv.Itoa(n%4)
			for range depth - 1 {
				text.WriteString("  File \"/srv/jobs/caller.py\", line 7, in call\n    self.run()\n")
			}
			fmt.Fprintf(&text, "  File \"/srv/jobs/deep.py\", line %d, in %s\n    raise Broken()\n%s: the text of it\nhas two lines\n", n, frame, exception)
			exceptions["worker "+exception+" "+frame]++
			errors["jobs"]++
			depths["worker"] = append(depths["worker"], float64(depth))
		}
		log.write(text.String())
		records++
		if n%200 >= 198 {
			log.rotate("")
		}
	}

	seen := func() float64 {
		self := scrape(t, selfPort)
		return self.sum(self.self(t, "records"), "annotation", "log.unparsed")
	}
	waitFor(t, "all records", func() bool { return seen() >= records }, func() string { return fmt.Sprint(seen(), " of ", records) })
	awaitEmission(t, selfPort)
	awaitEmission(t, selfPort)
	got := scrape(t, port)
	require.Equal(t, exceptions, got.by(t, "app_exceptions_total", "job", "exception_type", "code_function_name"))
	require.Equal(t, causes, got.by(t, "app_exception_causes_total", "exception_type"))
	require.Equal(t, errors, got.by(t, "app_errors_total", "logger"))
	bounds := []float64{1, 2, 4, 8, 16, 32, 64}
	for job, all := range depths {
		counts, sum := histogram(all, bounds)
		shown := got.samples("app_exception_depth", "job", job)
		require.Len(t, shown, 1)
		shownBounds, shownCounts := shown[0].buckets()
		require.Equal(t, bounds, shownBounds)
		require.Equal(t, counts, shownCounts, job)
		require.Equal(t, sum, shown[0].GetHistogram().GetSampleSum())
	}
	withCause := 0.0
	for _, n := range causes {
		withCause += n
	}
	requireOutcomes(t, selfPort, outcomes{
		"app.exceptions":       matching(records, records),
		"app.exception.depth":  matching(records, records),
		"app.exception.causes": matching(records, withCause),
		"app.errors":           matching(records, records),
		"log.unparsed":         matching(records, 0),
	})
}
