// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"encoding/json"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
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
		for _, name := range metricsIn(q.text) {
			queried = true
			if !strings.HasPrefix(name, "otelcol_") {
				assert.True(t, families[name], "%s:%d: no page has %s", d.path, q.line, name)
			}
		}
	}
	assert.True(t, queried)
}

// metricsIn returns the names of metrics in a query: what is no keyword, no function and
// no label.
func metricsIn(query string) (names []string) {
	for _, pattern := range []string{`#.*`, `"[^"]*"`, `\{[^}]*\}`, `\[[^\]]*\]`, `\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)`} {
		query = regexp.MustCompile(pattern).ReplaceAllString(query, " ")
	}
	for _, m := range regexp.MustCompile(`\b([a-zA-Z_:][\w:]*)\b(\s*\()?`).FindAllStringSubmatch(query, -1) {
		switch m[1] {
		case "and", "or", "unless", "bool", "offset", "by", "without", "sum", "min", "max", "topk":
		default:
			if m[2] == "" {
				names = append(names, m[1])
			}
		}
	}
	return names
}

func TestMetricsIn(t *testing.T) {
	require.Equal(t, []string{"a_total", "b_bucket", "c:d"}, metricsIn(`
# of x
sum by (le) (rate(a_total{x="y"}[5m])) / on (z) max without (z) (b_bucket) > 1.5e3 unless c:d offset 5m`))
}
