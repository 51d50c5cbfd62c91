// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// The example as it is, but for its ports.
func TestExampleAccessLog(t *testing.T) {
	want := countAccessLog(t, filepath.Join(repository, "examples", "access-log", "access.log"))
	require.Positive(t, want.lines)
	port, selfPort := freePort(t), freePort(t)
	run(t, "--config=examples/access-log/config.yaml",
		yamlConfig("exporters::prometheus::endpoint: "+loopback(port)),
		yamlConfig("extensions::health_check::endpoint: "+loopback(freePort(t))),
		yamlConfig(pullSelfMetrics(selfPort)))

	got := scrapeWhen(t, port, selfPort, "the whole log", func(got page) bool {
		return got.sum("http_server_requests_total")+got.sum("log_unparsed_total") == float64(want.lines)
	})
	require.Equal(t, want.requests, got.by(t, "http_server_requests_total", "http_request_method", "http_response_status_code"))
	require.Equal(t, want.errors, got.by(t, "http_server_errors_total", "http_request_method", "http_response_status_code"))
	require.Equal(t, want.bytes, got.by(t, "http_server_sent_bytes_total", "http_response_status_code"))
	require.EqualValues(t, want.unparsed, got.sum("log_unparsed_total"))
	require.NotEmpty(t, want.errors, "the sample shows no error")
	require.Positive(t, want.unparsed, "the sample shows no line that is not parsed")
	require.Positive(t, want.withoutSize, "the sample shows no response without a size")
	for _, family := range []string{"http_server_requests_total", "log_unparsed_total"} {
		require.Len(t, got.samples(family, "job", "www"), len(got.samples(family)), "service.name becomes job")
	}

	notEmpty := slices.DeleteFunc(slices.Clone(want.sizes), func(size float64) bool { return size == 0 })
	requireHistogram(t, got, "http_server_response_size_bytes", []float64{100, 1000, 10000, 100000, 1000000, 10000000}, notEmpty)

	self := scrape(t, selfPort)
	records := self.self(t, "records")
	require.EqualValues(t, want.withoutSize, self.sum(records, "annotation", "http.server.sent", "outcome", "value_missing"))
	for _, annotation := range []string{"http.server.requests", "http.server.errors", "http.server.sent", "http.server.response.size", "log.unparsed"} {
		require.EqualValues(t, want.lines, self.sum(records, "annotation", annotation), "the outcomes of %s", annotation)
	}
}

func requireHistogram(t *testing.T, got page, family string, bounds, values []float64) {
	t.Helper()
	counts, sum := histogram(values, bounds)
	samples := got.samples(family)
	require.Len(t, samples, 1)
	gotBounds, gotCounts := samples[0].buckets()
	require.Equal(t, bounds, gotBounds)
	require.Equal(t, counts, gotCounts)
	require.Equal(t, sum, samples[0].GetHistogram().GetSampleSum())
	require.EqualValues(t, len(values), samples[0].GetHistogram().GetSampleCount())
}

// realLog is a log that is not part of this project: see accessLogGraph.
const realLog = "../../shared/data/apache_access.log"

// accessLogGraph reads an access log with the size as it is in the log, and, as `bytes`,
// only where it is a number.
const accessLogGraph = `
receivers:
  file_log:
    include: ['%s']
    start_at: beginning
    poll_interval: 100ms
    operators:
      - type: regex_parser
        regex: '^\S+ \S+ \S+ \[[^\]]+\] "(?P<method>[A-Z]+) (?P<path>\S+) [^"]*" (?P<status>\d{3}) (?P<size>\S+) "(?:[^"\\]|\\.)*" "(?:[^"\\]|\\.)*"$'
        on_error: send_quiet
      - {type: copy, if: 'attributes.size != nil && attributes.size != "-"', from: attributes.size, to: attributes.bytes}
  annotation_metrics:
processors:
  annotation_metrics:
    interval: 1s
    annotations:
      - {metric: requests, condition: 'attributes["status"] != nil', labels: [method, status]}
      - {metric: sent, unit: By, condition: 'attributes["status"] != nil', value: 'attributes["size"]', labels: [status]}
      - {metric: sent.known, unit: By, condition: 'attributes["status"] != nil', value: 'attributes["bytes"]', labels: [status]}
      - {metric: errors, condition: 'Int(attributes["status"]) >= 500'}
      - {metric: large, condition: 'Int(attributes["bytes"]) > 100000'}
      - {metric: size, type: histogram, unit: By, condition: 'attributes["status"] != nil', value: 'attributes["size"]',
         buckets: [100, 1000, 10000, 100000, 1000000, 10000000]}
      - {metric: unparsed, condition: 'attributes["status"] == nil'}
exporters:
  nop:
  prometheus: {endpoint: '%s'}
service:
  pipelines:
    logs: {receivers: [file_log], processors: [annotation_metrics], exporters: [nop]}
    metrics: {receivers: [annotation_metrics], exporters: [prometheus]}
`

// Compares with what another program has counted in a real log of 10,000 lines.
func TestRealAccessLog(t *testing.T) {
	path, err := filepath.Abs(realLog)
	require.NoError(t, err)
	text, err := os.ReadFile(filepath.Join(filepath.Dir(path), "apache_access.expected.json"))
	if os.IsNotExist(err) {
		t.Skipf("there is no %s with its apache_access.expected.json", path)
	}
	require.NoError(t, err)
	var want struct {
		Lines                 int                `json:"lines"`
		Unparsed              int                `json:"unparsed"`
		Requests              map[string]float64 `json:"requests_by_method_and_status"`
		BytesByStatus         map[string]float64 `json:"bytes_sum_by_status"`
		BytesMissing          map[string]float64 `json:"bytes_missing_by_status"`
		ServerErrors          float64            `json:"server_errors"`
		ResponsesOver100000By float64            `json:"responses_over_100000_bytes"`
		Histogram             struct {
			Bounds []float64 `json:"bounds"`
			Counts []uint64  `json:"bucket_counts"`
			Sum    float64   `json:"sum"`
			Count  uint64    `json:"count"`
		} `json:"bytes_histogram"`
	}
	require.NoError(t, json.Unmarshal(text, &want))
	require.Equal(t, 10_000, want.Lines)

	port, selfPort := freePort(t), freePort(t)
	run(t, yamlConfig(fmt.Sprintf(accessLogGraph, path, loopback(port))), yamlConfig(pullSelfMetrics(selfPort)))
	got := scrapeWhen(t, port, selfPort, "the whole log", func(got page) bool {
		return got.sum("requests_total")+got.sum("unparsed_total") == float64(want.Lines)
	})
	require.Equal(t, want.Requests, got.by(t, "requests_total", "method", "status"))
	require.EqualValues(t, want.Unparsed, got.sum("unparsed_total"))
	require.Equal(t, want.BytesByStatus, got.by(t, "sent_bytes_total", "status"))
	require.Equal(t, want.BytesByStatus, got.by(t, "sent_known_bytes_total", "status"))
	require.Equal(t, want.ServerErrors, got.sum("errors_total"))
	require.Equal(t, want.ResponsesOver100000By, got.sum("large_total"))
	sizes := got.samples("size_bytes")
	require.Len(t, sizes, 1)
	bounds, counts := sizes[0].buckets()
	require.Equal(t, want.Histogram.Bounds, bounds)
	require.Equal(t, want.Histogram.Counts, counts)
	require.Equal(t, want.Histogram.Sum, sizes[0].GetHistogram().GetSampleSum())
	require.Equal(t, want.Histogram.Count, sizes[0].GetHistogram().GetSampleCount())

	// Why records did not count.
	missing := 0.0
	for _, n := range want.BytesMissing {
		missing += n
	}
	require.EqualValues(t, 669, missing)
	self := scrape(t, selfPort)
	records := self.self(t, "records")
	for annotation, outcomes := range map[string]map[string]float64{
		"sent":       {"value_invalid": missing, "filtered": float64(want.Unparsed)},
		"size":       {"value_invalid": missing, "filtered": float64(want.Unparsed)},
		"sent.known": {"value_missing": missing, "filtered": float64(want.Unparsed)},
		"errors":     {"filtered": float64(want.Lines) - want.ServerErrors},
		"large":      {"filtered": float64(want.Lines) - want.ResponsesOver100000By},
	} {
		matched := float64(want.Lines)
		for outcome, n := range outcomes {
			require.Equal(t, n, self.sum(records, "annotation", annotation, "outcome", outcome), "%s %s", annotation, outcome)
			matched -= n
		}
		require.Equal(t, matched, self.sum(records, "annotation", annotation, "outcome", "matched"), annotation)
		require.EqualValues(t, want.Lines, self.sum(records, "annotation", annotation), annotation)
	}
}
