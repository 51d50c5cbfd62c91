// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// healthGate makes health_check listen to what components report.
const healthGate = "--feature-gates=+extension.healthcheck.useComponentStatus"

// healthGraph has a processor in two logs pipelines, and a connector.
const healthGraph = `
extensions:
  file_storage: {directory: '%[4]s', timeout: 100ms}
  health_check:
    http: {endpoint: '%[3]s', status: {enabled: true, path: /status}}
    component_health: {include_recoverable_errors: true, recovery_duration: 2s}
receivers:
  otlp: {protocols: {grpc: {endpoint: '%[1]s'}}}
  annotation_metrics/line:
processors:
  annotation_metrics/line: &annotations
    interval: 1s
    storage: file_storage
    annotations: [{metric: records, initial_zero: false}]
connectors:
  annotation_metrics/graph: {<<: *annotations}
exporters:
  nop:
  otlp_grpc: {endpoint: '%[2]s', tls: {insecure: true}, sending_queue: {enabled: false}, retry_on_failure: {enabled: false}}
service:
  extensions: [file_storage, health_check]
  pipelines:
    logs/1: {receivers: [otlp], processors: [annotation_metrics/line], exporters: [annotation_metrics/graph]}
    logs/2: {receivers: [otlp], processors: [annotation_metrics/line], exporters: [nop]}
    metrics: {receivers: [annotation_metrics/line, annotation_metrics/graph], exporters: [otlp_grpc]}
  telemetry: {metrics: {level: none}}
`

// health is what health_check says of one thing, and of what is in it.
type health struct {
	Healthy    bool              `json:"healthy"`
	Status     string            `json:"status"`
	Error      string            `json:"error"`
	Components map[string]health `json:"components"`
}

// The statuses of all our places in the pipelines.
var healthPlaces = [][2]string{
	{"pipeline:logs/1", "processor:annotation_metrics/line"},
	{"pipeline:logs/2", "processor:annotation_metrics/line"},
	{"pipeline:logs/1", "connector:annotation_metrics/graph"},
	{"pipeline:metrics", "connector:annotation_metrics/graph"},
}

// A metrics pipeline that refuses, and a storage that cannot be opened, are a recoverable
// error of every place of the component, which makes the Collector unhealthy once it lasts,
// and end when the trouble ends.
func TestHealthShowsTroubleAndItsEnd(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "state")
	require.NoError(t, os.Mkdir(dir, 0o700))
	sink, port, endpoint := newOTLPSink(t), freePort(t), loopback(freePort(t))

	// Somebody else holds the storages of both components, before the start.
	var held []*bbolt.DB
	for _, file := range []string{"processor_annotation_metrics_line", "connector_annotation_metrics_graph"} {
		db, err := bbolt.Open(filepath.Join(dir, file), 0o600, nil)
		require.NoError(t, err)
		held = append(held, db)
	}
	run(t, healthGate, yamlConfig(fmt.Sprintf(healthGraph, endpoint, sink.endpoint, loopback(port), dir)))
	client := newLogsClient(t, endpoint)

	var last health
	ask := func() (status int) {
		status, body, err := get(t, "http://"+loopback(port)+"/status?verbose")
		require.NoError(t, err)
		last = health{}
		require.NoError(t, json.Unmarshal(body, &last), "%s", body)
		return status
	}
	say := func() string { return fmt.Sprintf("%+v", last) }
	expect := func(what string, code int, status, text string) {
		t.Helper()
		waitFor(t, what, func() bool {
			if ask() != code {
				return false
			}
			for _, place := range healthPlaces {
				at := last.Components[place[0]].Components[place[1]]
				if at.Status != status || at.Error != text {
					return false
				}
			}
			return true
		}, say)
	}

	export(t, client, logs(attributes{}))
	const locked = "the state cannot be read: the storage cannot be opened: timeout"
	expect("trouble with the storage", http.StatusInternalServerError, "StatusRecoverableError", locked)
	for _, db := range held {
		require.NoError(t, db.Close())
	}
	expect("its end", http.StatusOK, "StatusOK", "")

	refuse := func(pmetric.Metrics) error { return status.Error(codes.Unavailable, "out of order") }
	sink.answer.Store(&refuse)
	export(t, client, logs(attributes{}))
	waitFor(t, "trouble with the emission, which may pass", func() bool {
		return ask() == http.StatusOK && last.Status == "StatusRecoverableError"
	}, say)
	expect("trouble with the emission, which lasts", http.StatusInternalServerError, "StatusRecoverableError",
		"the metrics pipeline refuses data points: rpc error: code = Unavailable desc = out of order")
	sink.answer.Store(nil)
	expect("its end", http.StatusOK, "StatusOK", "")
}
