// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"encoding/json"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

const (
	cookbookDocument = "docs/cookbook.md"
	cookbookFolder   = "examples/cookbook"
)

// runRecipe runs the example of a recipe of the cookbook, and returns the port of its
// Prometheus exporter.
func runRecipe(t *testing.T, name string) (port int) {
	t.Helper()
	port = freePort(t)
	run(t, "--config="+filepath.Join(cookbookFolder, name, "config.yaml"),
		yamlConfig("exporters::prometheus::endpoint: "+loopback(port)),
		yamlConfig("processors::annotation_metrics::interval: 1s"),
		yamlConfig(pullSelfMetrics(freePort(t))))
	return port
}

// Each bucket of the recipe's histogram leads to a trace that is in the log, with a
// duration of this bucket. The page that the other test compares has no exemplars: it is
// in the text format.
func TestCookbookExemplars(t *testing.T) {
	t.Parallel()
	durations := map[string]float64{}
	text, err := os.ReadFile(filepath.Join(repository, cookbookFolder, "exemplars", "access.json"))
	require.NoError(t, err)
	for line := range strings.Lines(string(text)) {
		var record struct {
			Duration float64 `json:"duration"`
			TraceID  string  `json:"trace_id"`
		}
		require.NoError(t, json.Unmarshal([]byte(line), &record))
		durations[record.TraceID] = record.Duration
	}
	delete(durations, "") // of records without a trace
	port := runRecipe(t, "exemplars")
	pattern := regexp.MustCompile(`(?m)^http_server_request_duration_seconds_bucket\{.*le="(\S+?)"\} \S+ # \{(.*?)\} (\S+)`)
	var found [][]string
	// An exemplar is shown from one emission to the next.
	waitFor(t, "exemplars", func() bool {
		_, body := fetchAs(t, port, "application/openmetrics-text;version=1.0.0")
		found = pattern.FindAllStringSubmatch(body, -1)
		return len(found) == 4
	})
	bounds := map[string][2]float64{"0.1": {0, 0.1}, "0.5": {0.1, 0.5}, "1.0": {0.5, 1}, "+Inf": {1, 1e9}}
	for _, exemplar := range found {
		id := regexp.MustCompile(`trace_id="([0-9a-f]{32})"`).FindStringSubmatch(exemplar[2])
		require.NotNil(t, id, exemplar)
		require.Contains(t, durations, id[1])
		require.Contains(t, bounds, exemplar[1])
		assert.Greater(t, durations[id[1]], bounds[exemplar[1]][0])
		assert.LessOrEqual(t, durations[id[1]], bounds[exemplar[1]][1])
	}
}

// An estimate from one record in ten is within six standard errors of the truth, and a
// multiple of ten.
func TestCookbookSampling(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(repository, cookbookFolder, "sampling", "cache.log"))
	require.NoError(t, err)
	port := runRecipe(t, "sampling")
	lines := float64(strings.Count(string(text), "\n"))
	sum := 0.0
	standardError := math.Sqrt(lines * (10 - 1)) // README: the square root of n × (N-1)
	require.Equal(t, 1000.0, lines)
	waitFor(t, "an estimate", func() bool {
		sum = scrape(t, port).sum("cache_lookups_total")
		return sum > lines-6*standardError
	})
	assert.Less(t, sum, lines+6*standardError)
	assert.Zero(t, int(sum)%10)
}

// The cookbook shows every recipe there is, and what it says comes out does come out: the
// lines of its pages and the metrics in its queries are in the expected ones.
func TestCookbookIsTrue(t *testing.T) {
	d := readDocument(t, cookbookDocument)
	pages := ""
	require.NoError(t, filepath.WalkDir(filepath.Join(repository, cookbookFolder), func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		switch entry.Name() {
		case "config.yaml":
			assert.Contains(t, d.prose, "](../"+cookbookFolder+"/"+filepath.Base(filepath.Dir(path))+")", "the cookbook has no link to this recipe")
		case "expected.txt":
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			pages += string(text)
		}
		return nil
	}))
	// Sampling is at random: its page is in no file.
	pages += "# TYPE cache_lookups_total counter\n"
	families := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^# TYPE (\S+) (\S+)$`).FindAllStringSubmatch(pages, -1) {
		families[m[1]] = true
		if m[2] == "histogram" {
			families[m[1]+"_bucket"], families[m[1]+"_sum"], families[m[1]+"_count"] = true, true, true
		}
	}
	queried := false
	for _, q := range queries(d) {
		expr, err := parser.NewParser(parser.Options{}).ParseExpr(q.text)
		require.NoError(t, err, "%s:%d", d.path, q.line)
		for _, name := range metricsIn(expr) {
			queried = true
			if !strings.HasPrefix(name, "otelcol_") {
				assert.True(t, families[name], "%s:%d: no page has %s", d.path, q.line, name)
			}
		}
	}
	assert.True(t, queried)
}

// The cookbook's alerts fire when they should and only then: also after a series has expired,
// and not because increase() extrapolates.
func TestCookbookAlerts(t *testing.T) {
	t.Parallel()
	program := lookProgram(t, "promtool", debian("prometheus"))
	type series struct {
		Series string `yaml:"series"`
		Values string `yaml:"values"` // as in the documentation of promtool
	}
	type sample struct {
		Labels string  `yaml:"labels"`
		Value  float64 `yaml:"value"`
	}
	type expectation struct {
		Expr    string   `yaml:"expr"`
		At      string   `yaml:"eval_time"`
		Samples []sample `yaml:"exp_samples"`
	}
	type test struct {
		Interval string        `yaml:"interval"`
		Input    []series      `yaml:"input_series"`
		Expected []expectation `yaml:"promql_expr_test"`
	}
	for name, tc := range map[string]struct {
		query    string // a part of the one that is meant
		interval string
		input    []series
		fires    map[string]bool // by time
	}{
		"an outage for longer than the good ones are kept": {"slo_requests_good_total", "15s", []series{
			{`slo_requests_total`, "0+10x2000"}, {`slo_requests_good_total`, "0+10x240 2400x240 stale"},
		}, map[string]bool{"59m": false, "110m": true, "130m": true, "300m": true}},
		"an outage from the first request": {"slo_requests_good_total", "15s", []series{
			{`slo_requests_total`, "0+10x2000"},
		}, map[string]bool{"70m": true}},
		"few errors": {"slo_requests_good_total", "15s", []series{
			{`slo_requests_total`, "0+1000x2000"}, {`slo_requests_good_total`, "0+999x2000"},
		}, map[string]bool{"70m": false}},
		"a backup that is not made again": {"increase(backup_written_bytes_total", "1m", []series{
			{`backup_written_bytes_total{target="disk"}`, "0 5e9x4000"},
		}, map[string]bool{"1445m": false, "1570m": true, "3000m": true}},
		"a backup that is late every day": {"increase(backup_written_bytes_total", "1m", []series{
			{`backup_written_bytes_total{target="disk"}`, "0 5e9x1440 10e9x1500 15e9x500"},
		}, map[string]bool{"1438m": false, "1448m": false, "2940m": false, "2960m": false}},
		"a backup that is forgotten": {"absent_over_time(backup_written_bytes_total", "1m", []series{
			{`backup_written_bytes_total{target="tape"}`, "0 5e9x600 stale"},
		}, map[string]bool{"1500m": false, "2200m": true}},
		"3 starts": {"app_starts_total", "15s", []series{
			{`app_starts_total{host="web-0"}`, "0x60 1x60 2x60 3x400"},
		}, map[string]bool{"62m7s": false}},
		"4 starts": {"app_starts_total", "15s", []series{
			{`app_starts_total{host="web-0"}`, "0x50 1x50 2x50 3x50 4x400"},
		}, map[string]bool{"62m7s": true}},
		"5 events": {"k8s_events_total", "15s", []series{
			{`k8s_events_total{type="Warning",reason="BackOff"}`, "0x20 1x2 2x2 3x2 4x2 5x100"},
		}, map[string]bool{"9m7s": false}},
		"6 events": {"k8s_events_total", "15s", []series{
			{`k8s_events_total{type="Warning",reason="BackOff"}`, "0x30 1x2 2x2 3x2 4x2 5x2 6x100"},
		}, map[string]bool{"12m7s": true}},
		"the newest start was long ago": {"app_start_time_seconds", "15s", []series{
			{`app_start_time_seconds{job="shop"}`, "100x2000"},
		}, map[string]bool{"59m": true, "8h": true}},
		"a worker that has died": {"matched", "15s", []series{
			{`otelcol_processor_annotation_metrics_records{annotation="queue.depth",outcome="matched"}`, "0+1x100 100x400"},
		}, map[string]bool{"25m": false, "40m": true, "2h": true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked []string
			for _, q := range queries(readDocument(t, cookbookDocument)) {
				if strings.Contains(q.text, tc.query) {
					asked = append(asked, q.text)
				}
			}
			require.Len(t, asked, 1, tc.query)
			checked := test{Interval: tc.interval, Input: tc.input}
			for at, fires := range tc.fires {
				want := sample{Labels: "{}"}
				if fires {
					want.Value = 1
				}
				checked.Expected = append(checked.Expected, expectation{"count(\n" + asked[0] + "\n) or vector(0)", at, []sample{want}})
			}
			text, err := yaml.Marshal(map[string]any{"evaluation_interval": "1m", "tests": []test{checked}})
			require.NoError(t, err)
			out, err := exec.CommandContext(t.Context(), program, "test", "rules", create(t, t.TempDir(), "test.yaml", string(text))).CombinedOutput()
			require.NoError(t, err, "%s", out)
		})
	}
}
