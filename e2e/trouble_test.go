// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
)

// watchedGraph has a processor and a connector with the same annotations. Nothing is queued
// or tried again, so that they learn what their next consumers say.
const watchedGraph = `
extensions:
  file_storage: {directory: '%[2]s'}
receivers:
  otlp: {protocols: {grpc: {endpoint: '%[1]s', max_recv_msg_size_mib: 64}}}
  annotation_metrics:
processors:
  annotation_metrics: &component {interval: 1s, storage: file_storage, annotations: %[4]s}
connectors:
  annotation_metrics/graph: *component
exporters:
  otlp_http/logs: &exporter {endpoint: '%[3]s/next', timeout: 0s, sending_queue: {enabled: false}, retry_on_failure: {enabled: false}}
  otlp_http/processor: {<<: *exporter, endpoint: '%[3]s/processor'}
  otlp_http/connector: {<<: *exporter, endpoint: '%[3]s/connector'}
service:
  extensions: [file_storage]
  pipelines:
    logs: {receivers: [otlp], processors: [annotation_metrics], exporters: [otlp_http/logs, annotation_metrics/graph]}
    metrics/processor: {receivers: [annotation_metrics], exporters: [otlp_http/processor]}
    metrics/connector: {receivers: [annotation_metrics/graph], exporters: [otlp_http/connector]}
`

// The components of watchedGraph, by their kinds.
var watchedComponents = map[string]string{"processor": "annotation_metrics", "connector": "annotation_metrics/graph"}

// troubles are annotations that each are in trouble of one kind; SHA256 over a long text is
// slow.
const troubles = `[
      {metric: errors, condition: 'ParseJSON(body)["status"] == 500'},
      {metric: near, labels: [nine], series_limit: 10},
      {metric: overflow, labels: [unique], series_limit: 1},
      {metric: expired, labels: [unique], series_limit: 0, expire_after: 1s},
      {metric: truncated, labels: [long], series_limit: 0},
      {metric: never, condition: 'attributes["absent"] == "x"'},
      {metric: expensive, condition: 'IsMatch(ToUpperCase(attributes["long"]), "(X+X+)+Y")'},
    ]`

const noTroubles = `[{metric: requests, labels: [nine]}, {metric: seen, condition: 'attributes["nine"] == "1"'}]`

// trouble is what a watched Collector is in.
type trouble int

const (
	none  trouble = iota
	many          // of every kind but the next
	stuck         // its metrics pipelines never answer
)

// watched is a Collector with watchedGraph, the labels of its series at Prometheus, and how
// to send it logs.
type watched struct {
	*process
	instance string
	client   plogotlp.GRPCClient
	trouble  trouble
}

// The two forms of the names of self-metrics: how the Collector's reader is configured, and
// which option of the dashboard's variable suffixes selects them.
var nameForms = map[string]struct {
	reader []string
	option string
}{
	"without suffixes": {nil, "()"},
	// Either of the two alone gives both suffixes.
	"with suffixes": {[]string{"without_units: false", "without_type_suffix: false"}, "(_seconds)?_total"},
}

// startWatched starts a Collector that is in this trouble.
func startWatched(t *testing.T, port int, in trouble, reader ...string) *watched {
	t.Helper()
	backend, release := otlpHTTPBackend(t, in)
	folder, annotations := t.TempDir(), noTroubles
	if in == many {
		annotations = troubles
		// Folders, where the storage expects to find files.
		for _, name := range []string{"processor_annotation_metrics_", "connector_annotation_metrics_graph"} {
			require.NoError(t, os.Mkdir(filepath.Join(folder, name), 0o700))
		}
	}
	endpoint := loopback(freePort(t))
	p := startCollector(t, nil, yamlConfig(fmt.Sprintf(watchedGraph, endpoint, folder, backend, annotations)), yamlConfig(pullSelfMetrics(port, reader...)))
	t.Cleanup(release) // before the Collector ends, which would wait for an answer
	return &watched{p, loopback(port), newLogsClient(t, endpoint), in}
}

// otlpHTTPBackend returns the address of an OTLP/HTTP server that accepts everything, or has
// a Collector in trouble: it refuses every second request of each path, logs for now and
// metrics for good, or it does not answer to metrics until release is called.
func otlpHTTPBackend(t *testing.T, in trouble) (address string, release func()) {
	t.Helper()
	ctx, release := context.WithCancel(context.Background())
	var mu sync.Mutex
	requests := map[string]int{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		isLogs := strings.HasSuffix(r.URL.Path, "/v1/logs")
		if in == stuck && !isLogs {
			<-ctx.Done()
		}
		mu.Lock()
		defer mu.Unlock()
		requests[r.URL.Path]++
		switch {
		case in != many || requests[r.URL.Path]%2 == 0:
			w.WriteHeader(http.StatusOK)
		case isLogs:
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			w.WriteHeader(http.StatusBadRequest)
		}
	}))
	t.Cleanup(server.Close)
	t.Cleanup(release) // what waits is otherwise waited for
	return server.URL, release
}

// send sends some records. Those for a Collector in trouble are few, long and new.
func (w *watched) send(t *testing.T, n int) {
	t.Helper()
	records := make([]attributes, n)
	for i := range records {
		records[i] = attributes{"nine": strconv.Itoa(i % 9)}
		if w.trouble == many {
			unique++
			records[i]["unique"], records[i]["long"] = unique, long
		}
	}
	// Every second call is refused.
	_, err := w.client.Export(t.Context(), exportRequest(logs(records...)))
	require.True(t, err == nil || w.trouble == many, "%v", err)
}

var (
	unique = 0
	long   = strings.Repeat("x", 100_000)
)

// Every query of the dashboard and of the alerts finds what it looks for when it is really
// there, for processors and connectors and with both forms of metric names; and where all is
// well no alert fires.
func TestDashboardsAndAlertsSeeTrouble(t *testing.T) {
	t.Parallel()
	d, alerts := readDashboard(t), readAlerts(t)
	var targets []int
	var all []*watched
	inTrouble, neverAnswered := map[string]*watched{}, map[string]*watched{}
	for form, how := range nameForms {
		ports := []int{freePort(t), freePort(t), freePort(t)}
		targets = append(targets, ports...)
		inTrouble[form] = startWatched(t, ports[0], many, how.reader...)
		neverAnswered[form] = startWatched(t, ports[1], stuck, how.reader...)
		all = append(all, inTrouble[form], neverAnswered[form], startWatched(t, ports[2], none, how.reader...))
	}
	for _, w := range all {
		// A storage that cannot be opened makes a start wait for some seconds.
		w.awaitReady(t)
	}
	for _, w := range inTrouble {
		// That an annotation never matches only shows after many records. They are sent before
		// Prometheus looks on, in order not to make what is slow appear less so.
		waitFor(t, "many records", func() bool {
			_, err := w.client.Export(t.Context(), exportRequest(logs(make([]attributes, 10_001)...)))
			return err == nil
		})
	}
	server := runPrometheus(t, targets...)

	// What is still without an answer: a query for each form and kind.
	pending := map[string]func() bool{}
	for form, w := range inTrouble {
		for kind, component := range watchedComponents {
			values := map[string]string{
				"__rate_interval": "1m", "__range": "5m", "suffixes": d.variable(t, "suffixes").Options[0].Value,
				"job": ".*", "annotation": ".*", "instance": literal(w.instance), "component": literal(component),
			}
			for _, p := range d.Panels {
				for i, target := range p.Targets {
					// Where the kind cannot be in this trouble, it says so.
					least := math.SmallestNonzeroFloat64
					if kind == "connector" && strings.Contains(target.Expr, "_refused_records") {
						least = 0
					}
					query := interpolate(t, target.Expr, values)
					pending[fmt.Sprintf("panel %s, query %d, of a %s %s: %s", p.Title, i, kind, form, query)] = func() bool {
						return hasValue(server.Query(t, query), least)
					}
				}
			}
			for _, a := range alerts {
				if kind == "connector" && strings.Contains(a.Expr, "otelcol_processor_annotation_metrics_refused_records") {
					continue
				}
				about := w
				if a.Alert == "AnnotationMetricsNotEmitting" {
					about = neverAnswered[form]
				}
				pending[fmt.Sprintf("alert %s of a %s %s", a.Alert, kind, form)] = func() bool {
					return slices.ContainsFunc(server.Query(t, a.of(about)), func(s promSeries) bool {
						instance, one := s.Metric["instance"]
						return (instance == about.instance || !one) && s.Metric[kind] == component
					})
				}
			}
		}
	}
	require.Greater(t, len(pending), 100)
	waitFor(t, "an answer to every query", func() bool {
		for _, w := range all {
			w.send(t, map[trouble]int{none: 1000, many: 30, stuck: 1}[w.trouble])
		}
		maps.DeleteFunc(pending, func(_ string, answered func() bool) bool { return answered() })
		return len(pending) == 0
	}, func() string { return strings.Join(slices.Sorted(maps.Keys(pending)), "\n") })

	requireNoAlerts(t, server, alerts, all)
	for form, w := range inTrouble {
		requireOffers(t, server, d, form, w)
	}
}

// of returns the query of an alert, with windows that are not much longer than the test: a
// rate divides by all of its window. One that is not about single Collectors is made to be
// about this one.
func (a alert) of(w *watched) string {
	expr := window.ReplaceAllString(a.Expr, "[20s]")
	if strings.Contains(expr, "sum by (job, ") {
		expr = strings.ReplaceAll(expr, "{__name__", fmt.Sprintf("{instance=%q, __name__", w.instance))
	}
	return expr
}

var window = regexp.MustCompile(`\[\d+m\]`)

// hasValue reports whether an answer has a number that is no less than this.
func hasValue(answer []promSeries, least float64) bool {
	return slices.ContainsFunc(answer, func(s promSeries) bool {
		return s.Value.value >= least && !math.IsInf(s.Value.value, 0)
	})
}

// requireNoAlerts requires that no alert is about a Collector that is not in trouble, and
// that Prometheus knows these Collectors as well as the others.
func requireNoAlerts(t *testing.T, server *prometheusServer, alerts []alert, all []*watched) {
	t.Helper()
	for _, w := range all {
		if w.trouble != none {
			continue
		}
		for kind, component := range watchedComponents {
			matched := fmt.Sprintf(`sum(rate({__name__=~"otelcol_%s_annotation_metrics_records(_total)?", instance=%q, %s=%q, outcome="matched"}[1m]))`,
				kind, w.instance, kind, component)
			require.True(t, hasValue(server.Query(t, matched), 1), matched)
		}
		for _, a := range alerts {
			for _, s := range server.Query(t, a.of(w)) {
				instance, one := s.Metric["instance"]
				require.True(t, one && instance != w.instance, "%s fires: %v", a.Alert, s)
			}
		}
	}
}

var (
	labelValues = regexp.MustCompile(`^label_values\((.*), (\w+)\)$`)
	queryResult = regexp.MustCompile(`^query_result\((.*)\)$`)
)

// requireOffers requires that the dashboard's variables offer what there is, and that the
// one that tells the forms of metric names apart does.
func requireOffers(t *testing.T, server *prometheusServer, d *dashboard, form string, w *watched) {
	t.Helper()
	want := map[string][]string{
		"job":        {"collector"},
		"instance":   {w.instance},
		"component":  slices.Sorted(maps.Values(watchedComponents)),
		"annotation": {"errors", "expensive", "expired", "near", "never", "overflow", "truncated"},
	}
	for _, option := range d.variable(t, "suffixes").Options {
		fits := option.Value == nameForms[form].option || option.Value == "(_seconds)?(_total)?"
		values := map[string]string{
			"__rate_interval": "1m", "__range": "5m", "suffixes": option.Value,
			"job": ".*", "annotation": ".*", "instance": literal(w.instance), "component": ".*",
		}
		for _, v := range d.Templating.List {
			if v.Type != "query" {
				continue
			}
			require.Equal(t, values["job"], v.AllValue, "what All stands for")
			got := server.offers(t, v, values)
			if v.Name == "instance" {
				// Its query is not about one instance.
				require.Equal(t, fits, slices.Contains(got, w.instance), "%s, %s", form, option.Value)
				continue
			}
			if fits {
				require.Equal(t, want[v.Name], got, "%s of %s", v.Name, form)
			}
		}
		for _, p := range d.Panels {
			for _, target := range p.Targets {
				if strings.Contains(target.Expr, "$suffixes") {
					query := interpolate(t, target.Expr, values)
					require.Equal(t, fits, len(server.Query(t, query)) > 0, "%s of a Collector %s", query, form)
				}
			}
		}
	}
}

// offers returns what Grafana offers for a variable, sorted.
func (p *prometheusServer) offers(t *testing.T, v variable, values map[string]string) []string {
	t.Helper()
	query := interpolate(t, v.Definition, values)
	var texts []string
	if m := labelValues.FindStringSubmatch(query); m != nil {
		status, body, err := get(t, p.address+"/api/v1/label/"+m[2]+"/values?"+url.Values{"match[]": {m[1]}}.Encode())
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, status, "%s", body)
		var answer struct{ Data []string }
		require.NoError(t, json.Unmarshal(body, &answer))
		texts = answer.Data
	} else {
		m := queryResult.FindStringSubmatch(query)
		require.NotNil(t, m, query)
		// Grafana makes a text of each series, of which regex takes a part.
		regex := regexp.MustCompile(strings.Trim(v.Regex, "/"))
		for _, s := range p.Query(t, m[1]) {
			var labels []string
			for name, value := range s.Metric {
				labels = append(labels, fmt.Sprintf("%s=%q", name, value))
			}
			part := regex.FindStringSubmatch("{" + strings.Join(labels, ",") + "} 1")
			require.NotNil(t, part, "%v", s)
			texts = append(texts, part[1])
		}
	}
	slices.Sort(texts)
	return texts
}
