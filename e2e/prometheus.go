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
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// scrapeInterval is how often the test's Prometheus server scrapes.
const scrapeInterval = time.Second

// prometheusServer is a Prometheus server that scrapes one endpoint.
type prometheusServer struct {
	address string
	output  *output
}

// runPrometheus runs a Prometheus server that scrapes this port of the loopback
// interface, until the test ends.
func runPrometheus(t *testing.T, target int) *prometheusServer {
	t.Helper()
	return runPrometheusWith(t, fmt.Sprintf(`
global: {scrape_interval: %[1]s, scrape_timeout: %[1]s}
scrape_configs:
  - {job_name: collector, honor_labels: true, static_configs: [{targets: ['%[2]s']}]}
`, scrapeInterval, loopback(target)))
}

// runPrometheusWith runs a Prometheus server that is configured so, until the test ends. It
// returns when the server has begun to scrape. Without the program the test is skipped: it
// is no part of this project's build.
func runPrometheusWith(t *testing.T, configuration string) *prometheusServer {
	t.Helper()
	program, err := exec.LookPath("prometheus")
	if err != nil {
		t.Skip("no program prometheus in PATH (Debian: apt-get install prometheus)")
	}
	dir, port := t.TempDir(), freePort(t)
	config := filepath.Join(dir, "prometheus.yml")
	require.NoError(t, os.WriteFile(config, []byte(configuration), 0o600))
	p := &prometheusServer{address: "http://" + loopback(port), output: &output{}}
	cmd := exec.Command(program, "--config.file="+config, "--storage.tsdb.path="+filepath.Join(dir, "data"),
		"--web.listen-address="+loopback(port), "--log.level=warn")
	cmd.Stdout, cmd.Stderr = p.output, p.output
	require.NoError(t, cmd.Start())
	exited := make(chan struct{})
	go func() {
		// How it ends is of no interest once nobody asks it any more.
		_ = cmd.Wait()
		close(exited)
	}()
	t.Cleanup(func() {
		// An error means that it has ended by itself.
		_ = cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-exited:
		case <-time.After(patience):
			_ = cmd.Process.Kill()
			<-exited
		}
		if t.Failed() {
			t.Logf("Prometheus said:\n%s", p.output)
		}
	})
	waitFor(t, "Prometheus to be ready", func() bool {
		select {
		case <-exited:
			require.FailNow(t, "Prometheus ended", p.output)
		default:
		}
		status, _, err := get(t, p.address+"/-/ready")
		return err == nil && status == http.StatusOK
	})
	// It takes up its targets some seconds after it is ready; what happens before that it
	// does not see.
	waitFor(t, "Prometheus to scrape", func() bool { return len(p.Query(t, "up")) > 0 })
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
}

// ask sends a query, which must be understood.
func (p *prometheusServer) ask(t *testing.T, path string, args url.Values) []promSeries {
	t.Helper()
	status, body, err := get(t, p.address+path+"?"+args.Encode())
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, status, "%s", body)
	var answer struct {
		Data struct {
			Result []promSeries `json:"result"`
		} `json:"data"`
	}
	require.NoError(t, json.Unmarshal(body, &answer), "%s", body)
	return answer.Data.Result
}

// Query evaluates a PromQL expression, now.
func (p *prometheusServer) Query(t *testing.T, promQL string) []promSeries {
	t.Helper()
	return p.ask(t, "/api/v1/query", url.Values{"query": {promQL}})
}

// QueryRange evaluates a PromQL expression at each step of a span of time.
func (p *prometheusServer) QueryRange(t *testing.T, promQL string, from, to time.Time, step time.Duration) []promSeries {
	t.Helper()
	seconds := func(at time.Time) string { return strconv.FormatFloat(float64(at.UnixMilli())/1e3, 'f', 3, 64) }
	return p.ask(t, "/api/v1/query_range", url.Values{
		"query": {promQL}, "start": {seconds(from)}, "end": {seconds(to)},
		"step": {strconv.FormatFloat(step.Seconds(), 'f', 3, 64)},
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
