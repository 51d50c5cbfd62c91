// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
)

// measuredGraph derives ten metrics with four distinct conditions.
const measuredGraph = `
receivers:
  otlp: {protocols: {grpc: {endpoint: '%[1]s'}}}
  annotation_metrics:
processors:
  annotation_metrics:
    annotations:
      - &request {metric: http.requests, condition: 'attributes["http.route"] != nil', labels: [http.request.method, http.route, http.response.status_code]}
      - {<<: *request, metric: http.request.duration, type: histogram, unit: s, value: 'attributes["duration"]', labels: [http.route]}
      - {<<: *request, metric: http.response.size, unit: By, value: 'attributes["size"]', labels: [http.route]}
      - {<<: *request, metric: user.requests, labels: [enduser.id]}
      - &error {metric: http.errors, condition: 'Int(attributes["http.response.status_code"]) >= 500', labels: [http.route, http.response.status_code]}
      - {<<: *error, metric: http.error.duration, type: exponential_histogram, unit: s, value: 'attributes["duration"]', labels: [http.route]}
      - &upstream {metric: upstream.failures, condition: 'IsMatch(body, "upstream [a-z]+ (timed out|refused)")', labels: [http.route]}
      - {<<: *upstream, metric: upstream.last.duration, type: gauge, unit: s, value: 'attributes["duration"]', labels: [http.route]}
      - &slow {metric: slow.requests, condition: 'attributes["duration"] > 0.5 and attributes["http.request.method"] == "GET"', labels: [http.route]}
      - {<<: *slow, metric: slow.requests.by.name, labels: [{name: name, value: 'ConvertCase(attributes["http.route"], "upper")'}]}
exporters:
  nop:
  prometheus: {endpoint: '%[2]s'}
service:
  pipelines:
    logs: {receivers: [otlp], processors: [annotation_metrics], exporters: [nop]}
    metrics: {receivers: [annotation_metrics], exporters: [prometheus]}
`

// measured is what docs/overhead.svg is drawn from.
type measured struct {
	About  string          `json:"about"`
	Step   float64         `json:"step_seconds"`
	Panels []measuredPanel `json:"panels"`
}

type measuredPanel struct {
	Title  string           `json:"title"`
	Query  string           `json:"query"`
	Series []measuredSeries `json:"series"`
}

type measuredSeries struct {
	Name   string    `json:"name"`
	Values []float64 `json:"values"`
}

// TestOverheadData measures what deriving costs under a steady load, as the dashboard shows
// it, and writes it to the file OVERHEAD_DATA. It takes 80 seconds of a quiet machine, and
// only runs if that is set:
//
//	OVERHEAD_DATA=$PWD/../docs/overhead.json go test -count=1 -v -run TestOverheadData .
func TestOverheadData(t *testing.T) {
	path := os.Getenv("OVERHEAD_DATA")
	if path == "" {
		t.Skip("OVERHEAD_DATA is not set")
	}
	const (
		rate, batch = 20_000, 1_000
		// One emission falls into each window.
		window, span = 15 * time.Second, 60 * time.Second
	)
	endpoint, selfPort := loopback(freePort(t)), freePort(t)
	run(t, yamlConfig(fmt.Sprintf(measuredGraph, endpoint, loopback(freePort(t)))), yamlConfig(pullSelfMetrics(selfPort)))
	server := runPrometheus(t, selfPort)
	client := newLogsClient(t, endpoint)
	var batches []plogotlp.ExportRequest
	for i := range rate / batch {
		batches = append(batches, exportRequest(requestLogs(i*batch, batch)))
	}
	begin := time.Now()
	for i := 0; time.Since(begin) < window+span+2*scrapeInterval; i++ {
		_, err := client.Export(t.Context(), batches[i%len(batches)])
		require.NoError(t, err)
		time.Sleep(time.Until(begin.Add(time.Duration(i+1) * batch * time.Second / rate))) // a pace, not a wait
	}
	end := begin.Add(window + span + scrapeInterval)

	d, values := readDashboard(t), map[string]string{
		"suffixes": "()", "job": ".*", "instance": ".*", "component": ".*", "annotation": ".*",
		"__rate_interval": strconv.Itoa(int(window.Seconds())) + "s",
	}
	records, ok := server.number(t, interpolate(t, d.first(t, "Records a second").Expr, values))
	require.True(t, ok)
	require.InEpsilon(t, rate, records, 0.05, "the machine does not keep up")
	series := scrape(t, selfPort)
	data := measured{
		About: fmt.Sprintf("%s records/s in batches of %s, 10 annotations with 4 distinct conditions, %s series, a machine with %d cores",
			thousands(records), thousands(batch), thousands(series.sum(selfPrefix+"series")), runtime.NumCPU()),
		Step: scrapeInterval.Seconds(),
	}
	for _, title := range []string{"Overhead by stage", "Time per record, by component", "Time per record, by annotation"} {
		target := d.first(t, title)
		p := measuredPanel{Title: title, Query: target.Expr}
		from := end.Add(-span)
		if title == "Time per record, by annotation" {
			// It shows one moment: let it be all of the time.
			values["__rate_interval"], from = strconv.Itoa(int(span.Seconds()))+"s", end
		}
		for _, s := range server.QueryRange(t, interpolate(t, p.Query, values), from, end, scrapeInterval) {
			one := measuredSeries{Name: legend(target.LegendFormat, s.Metric)}
			for _, v := range s.Values {
				one.Values = append(one.Values, significant(v.value))
			}
			require.Len(t, one.Values, 1+int(end.Sub(from)/scrapeInterval), "%s: %s has a gap", title, one.Name)
			p.Series = append(p.Series, one)
		}
		require.NotEmpty(t, p.Series, title)
		data.Panels = append(data.Panels, p)
	}
	text, err := json.MarshalIndent(data, "", "  ")
	require.NoError(t, err)
	// A series is a line.
	text = regexp.MustCompile(`\[[\d.,e\s-]+\]`).ReplaceAllFunc(text, func(list []byte) []byte {
		return []byte(strings.Join(strings.Fields(string(list)), ""))
	})
	require.NoError(t, os.WriteFile(path, append(text, '\n'), 0o600))
}

// requestLogs returns records of HTTP requests, which differ.
func requestLogs(from, n int) plog.Logs {
	records := make([]attributes, n)
	for i := range records {
		k := from + i
		records[i] = attributes{
			"http.request.method":       []string{"GET", "GET", "GET", "POST", "PUT"}[k%5],
			"http.route":                "/shop/" + strconv.Itoa(k%40),
			"http.response.status_code": []int{200, 200, 200, 200, 200, 204, 304, 404, 500, 503}[k/7%10],
			"duration":                  float64(k%1000) / 1000,
			"size":                      k % 5000,
			"enduser.id":                strconv.Itoa(k % 1000),
			"client.address":            "192.0.2." + strconv.Itoa(k%250),
			"user_agent.original":       "Mozilla/5.0 (X11; Linux x86_64)",
		}
	}
	ld := logs(records...)
	for i, r := range ld.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().All() {
		if i%20 == 0 {
			r.Body().SetStr("request failed: upstream payment timed out after two attempts")
		}
	}
	return ld
}

// legend makes a series' name as Grafana does.
func legend(format string, labels map[string]string) string {
	return strings.TrimSpace(regexp.MustCompile(`\{\{(\w+)\}\}`).ReplaceAllStringFunc(format, func(label string) string {
		return labels[strings.Trim(label, "{}")]
	}))
}

// significant rounds to four digits, so that a file can be read.
func significant(v float64) float64 {
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 4, 64), 64)
	if err != nil {
		panic(err)
	}
	return rounded
}

// thousands writes a whole number with commas.
func thousands(v float64) string {
	digits := strconv.Itoa(int(v + 0.5))
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
