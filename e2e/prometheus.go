// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// scrapeInterval is how often the test's Prometheus server scrapes.
const scrapeInterval = time.Second

// prometheusServer is a Prometheus server.
type prometheusServer struct {
	address string
}

// prometheusSettings is what tests want of a Prometheus server.
type prometheusSettings struct {
	targets       []int    // ports of the loopback interface to scrape
	configuration string   // instead of one that scrapes targets, and nothing else
	flags         []string // more flags of the program
}

// config returns the text of the server's configuration.
func (s *prometheusSettings) config(t *testing.T) string {
	t.Helper()
	if s.configuration != "" {
		return s.configuration
	}
	targets := []string{}
	for _, target := range s.targets {
		targets = append(targets, loopback(target))
	}
	list, err := json.Marshal(targets) // a list in JSON is one in YAML
	require.NoError(t, err)
	return fmt.Sprintf(`
global: {scrape_interval: %[1]s, scrape_timeout: %[1]s}
scrape_configs:
  - {job_name: collector, honor_labels: true, static_configs: [{targets: %[2]s}]}
`, scrapeInterval, list)
}

// runPrometheus runs a Prometheus server that scrapes these ports of the loopback interface,
// until the test ends. It returns when the server scrapes. Without the program the test is
// skipped: it is no part of this project's build.
func runPrometheus(t *testing.T, targets ...int) *prometheusServer {
	t.Helper()
	return runPrometheusWith(t, prometheusSettings{targets: targets})
}

// runPrometheusWith is runPrometheus for tests that need more than targets.
func runPrometheusWith(t *testing.T, s prometheusSettings) *prometheusServer {
	t.Helper()
	program := lookProgram(t, "prometheus", debian("prometheus"))
	dir, address := t.TempDir(), loopback(freePort(t))
	config := create(t, dir, "prometheus.yml", s.config(t))
	p := &prometheusServer{address: "http://" + address}
	server := start(t, "Prometheus", exec.Command(program, append([]string{
		"--config.file=" + config, "--storage.tsdb.path=" + filepath.Join(dir, "data"),
		"--web.listen-address=" + address, "--log.level=warn",
	}, s.flags...)...))
	server.waitFor(t, "Prometheus to be ready", func() bool {
		status, _, err := get(t, p.address+"/-/ready")
		return err == nil && status == http.StatusOK
	})
	// It takes up its targets some seconds after it is ready; what happens before that it
	// does not see.
	server.waitFor(t, "Prometheus to scrape", func() bool {
		up := len(p.Query(t, "up"))
		return up == len(s.targets) || (s.configuration != "" && up > 0)
	})
	return p
}

// get fetches a page over a connection of its own.
func get(t *testing.T, address string) (status int, body []byte, err error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	require.NoError(t, err)
	req.Close = true
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	body, err = io.ReadAll(res.Body)
	return res.StatusCode, body, errors.Join(err, res.Body.Close())
}

// promValue is a value and when it is from.
type promValue struct {
	time  float64 // seconds since 1970
	value float64
}

// UnmarshalJSON reads `[<seconds>, "<value>"]`.
func (v *promValue) UnmarshalJSON(text []byte) error {
	var number string
	if err := json.Unmarshal(text, &[]any{&v.time, &number}); err != nil {
		return err
	}
	var err error
	v.value, err = strconv.ParseFloat(number, 64)
	return err
}

// promSeries is one series of an answer.
type promSeries struct {
	Metric map[string]string `json:"metric"`
	Value  promValue         `json:"value"`  // of a query
	Values []promValue       `json:"values"` // of a range query
	// Histogram is the value of a query if it is a native histogram.
	Histogram *promHistogram `json:"histogram"`
}

// fetch has the server answer a question, which it must understand.
func (p *prometheusServer) fetch(t *testing.T, path string, args url.Values, data any) {
	t.Helper()
	status, body, err := get(t, p.address+path+"?"+args.Encode())
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, status, "%s", body)
	answer := struct {
		Data any `json:"data"`
	}{data}
	require.NoError(t, json.Unmarshal(body, &answer), "%s", body)
}

// ask sends a query.
func (p *prometheusServer) ask(t *testing.T, path string, args url.Values) []promSeries {
	t.Helper()
	var data struct {
		Result []promSeries `json:"result"`
	}
	p.fetch(t, path, args, &data)
	return data.Result
}

// seconds is how the server's API takes numbers.
func seconds(n float64) string {
	return strconv.FormatFloat(n, 'f', 3, 64)
}

// unix returns a time as the server does.
func unix(at time.Time) float64 {
	return float64(at.UnixMilli()) / 1e3
}

// Query evaluates a PromQL expression, now.
func (p *prometheusServer) Query(t *testing.T, promQL string) []promSeries {
	t.Helper()
	return p.ask(t, "/api/v1/query", url.Values{"query": {promQL}})
}

// QueryAt evaluates a PromQL expression as of a time in seconds since 1970.
func (p *prometheusServer) QueryAt(t *testing.T, promQL string, at float64) []promSeries {
	t.Helper()
	return p.ask(t, "/api/v1/query", url.Values{"query": {promQL}, "time": {seconds(at)}})
}

// QueryRange evaluates a PromQL expression at each step of a span of time.
func (p *prometheusServer) QueryRange(t *testing.T, promQL string, from, to time.Time, step time.Duration) []promSeries {
	t.Helper()
	return p.ask(t, "/api/v1/query_range", url.Values{
		"query": {promQL}, "start": {seconds(unix(from))}, "end": {seconds(unix(to))}, "step": {seconds(step.Seconds())},
	})
}

// number evaluates a PromQL expression that has one series at the most. ok is false if it
// has none.
func (p *prometheusServer) number(t *testing.T, promQL string) (value float64, ok bool) {
	t.Helper()
	result := p.Query(t, promQL)
	require.LessOrEqual(t, len(result), 1, promQL)
	if len(result) == 0 {
		return 0, false
	}
	return result[0].Value.value, true
}
