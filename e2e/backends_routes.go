// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// route is one way of derived metrics to a backend of its own.
type route struct {
	exporter string // type
	settings string
	delta    bool
	backend  *backend
}

// exporterSettings are what is tried with each kind of exporter. With "plain" our component
// repeats what is refused, and nobody else.
var exporterSettings = map[string]map[string]string{
	"otlp": {
		"plain":        "sending_queue: {enabled: false}, retry_on_failure: {enabled: false}",
		"default":      "",
		"retries":      "sending_queue: {enabled: false}",
		"queue":        "retry_on_failure: {enabled: false}",
		"small queue":  "sending_queue: {queue_size: 4, num_consumers: 1}, retry_on_failure: {initial_interval: 100ms, max_elapsed_time: 0s}",
		"stored queue": "sending_queue: {storage: file_storage}, retry_on_failure: {initial_interval: 100ms, max_elapsed_time: 0s}",
	},
	"prometheus": {
		"plain":   "remote_write_queue: {enabled: false}, retry_on_failure: {enabled: false}",
		"default": "",
		"retries": "remote_write_queue: {enabled: false}",
		"queue":   "retry_on_failure: {enabled: false}",
	},
}

// kind is what the exporter's settings and fates depend on.
func (r *route) kind() string {
	if r.exporter == "prometheus_remote_write" {
		return "prometheus"
	}
	return "otlp"
}

func (r *route) temporality() string {
	if r.delta {
		return "delta"
	}
	return "cumulative"
}

func (r *route) name() string {
	return strings.ReplaceAll(strings.Join([]string{r.exporter, r.settings, r.temporality()}, "-"), " ", "-")
}

// config is the part of a Collector's configuration that is for this way.
func (r *route) config(timeout time.Duration) string {
	var to string
	switch r.exporter {
	case "otlp_grpc":
		to = fmt.Sprintf("endpoint: '%s', tls: {insecure: true}", r.backend.endpoint)
	case "otlp_http":
		to = fmt.Sprintf("endpoint: 'http://%s', compression: none", r.backend.endpoint)
	default:
		to = fmt.Sprintf("endpoint: 'http://%s/api/v1/write', external_labels: {route: %s}", r.backend.endpoint, r.name())
	}
	if more := exporterSettings[r.kind()][r.settings]; more != "" {
		to += ", " + more
	}
	return fmt.Sprintf(`
receivers:
  annotation_metrics/%[1]s:
processors:
  annotation_metrics/%[1]s: {interval: 1s, temporality: %[2]s, annotations: [{metric: records, labels: [id]}]}
exporters:
  %[3]s/%[1]s: {%[4]s, timeout: %[5]s}
service:
  pipelines:
    metrics/%[1]s: {receivers: [annotation_metrics/%[1]s], exporters: [%[3]s/%[1]s]}
`, r.name(), r.temporality(), r.exporter, to, timeout)
}

// logsConfig is the part of a Collector's configuration that is for the logs of all these ways.
func logsConfig(endpoint string, routes ...*route) string {
	var processors []string
	for _, r := range routes {
		processors = append(processors, "annotation_metrics/"+r.name())
	}
	return fmt.Sprintf(`
receivers:
  otlp: {protocols: {grpc: {endpoint: '%s'}}}
exporters:
  nop:
service:
  pipelines:
    logs: {receivers: [otlp], processors: [%s], exporters: [nop]}
`, endpoint, strings.Join(processors, ", "))
}

// totals returns what the backend has accepted, by the label "id".
func (r *route) totals(t *testing.T, server *prometheusServer) map[string]float64 {
	t.Helper()
	if r.backend.forward == nil {
		return byID(&r.backend.record)
	}
	totals := map[string]float64{}
	for _, s := range server.Query(t, fmt.Sprintf("records_total{route=%q}", r.name())) {
		totals[s.Metric["id"]] = s.Value.value
	}
	return totals
}

// byID returns the totals of a record of one metric and one resource.
func byID(of *record) map[string]float64 {
	totals := map[string]float64{}
	for series, n := range of.totals() {
		_, rest, _ := strings.Cut(series, `id="`)
		id, _, _ := strings.Cut(rest, `"`)
		totals[id] = n
	}
	return totals
}

// beginsWithZero reports whether the backend knows that the series with this ID began at 0.
func (r *route) beginsWithZero(t *testing.T, server *prometheusServer, id string) bool {
	t.Helper()
	if r.backend.forward != nil {
		samples := server.samples(t, fmt.Sprintf("records_total{route=%q,id=%q}", r.name(), id))
		return len(samples) > 0 && samples[0].value == 0
	}
	var first *point
	for _, p := range r.backend.points() {
		if strings.Contains(p.series, fmt.Sprintf("id=%q", id)) && (first == nil || p.time < first.time) {
			first = &p
		}
	}
	return first != nil && first.value == 0
}

// backendRoutes are the ways that each situation tries.
func backendRoutes(t *testing.T, server *prometheusServer) []*route {
	t.Helper()
	var all []*route
	for _, exporter := range []string{"otlp_grpc", "otlp_http", "prometheus_remote_write"} {
		for _, settings := range []string{"plain", "default", "retries", "queue", "small queue"} {
			for _, delta := range []bool{false, true} {
				r := &route{exporter: exporter, settings: settings, delta: delta}
				if _, ok := exporterSettings[r.kind()][settings]; !ok || delta && r.kind() == "prometheus" {
					continue // the remote write exporter drops deltas
				}
				r.backend = newBackend(t, exporter, server)
				all = append(all, r)
			}
		}
	}
	return all
}
