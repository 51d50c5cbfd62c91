// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploggrpc"
	"go.opentelemetry.io/otel/log"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/resource"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// otlpGraph takes logs over OTLP and gives metrics to an OTLP endpoint and to Prometheus.
// The OTLP exporter neither queues nor retries: what it is told, our receiver is told.
const otlpGraph = `
receivers:
  otlp: {protocols: {grpc: {endpoint: '%[1]s'}}}
  annotation_metrics:
processors:
  annotation_metrics:
    interval: 1s
    temporality: %[4]s
    series_limit: 0
    annotations:
      - {metric: requests, labels: [id]}
      - {metric: sent, unit: By, value: 'attributes["size"]'}
exporters:
  nop:
  otlp_grpc: {endpoint: '%[2]s', tls: {insecure: true}, sending_queue: {enabled: false}, retry_on_failure: {enabled: false}}
  prometheus: {endpoint: '%[3]s'}
service:
  pipelines:
    logs: {receivers: [otlp], processors: [annotation_metrics], exporters: [nop]}
    metrics: {receivers: [annotation_metrics], exporters: [otlp_grpc]}
    metrics/prometheus: {receivers: [annotation_metrics], exporters: [prometheus]}
`

// Two resources that differ in an attribute that Prometheus does not show. With one
// series for each, it would show now the one and now the other.
func TestB22_ResourcesThatPrometheusCannotTellApart(t *testing.T) {
	endpoint, port, sink := loopback(freePort(t)), freePort(t), newOTLPSink(t)
	run(t, yamlConfig(fmt.Sprintf(otlpGraph, endpoint, sink.endpoint, loopback(port), "cumulative")), yamlConfig(noSelfMetrics))

	const each = 20
	for _, host := range []string{"node-1", "node-2"} {
		logger := newLogger(t, endpoint, attribute.String("service.name", "shop"), attribute.String("host.name", host))
		for i := range each {
			var r log.Record
			r.SetBody(log.StringValue("a request"))
			r.AddAttributes(log.String("id", "x"), log.Int("size", i))
			logger.Emit(t.Context(), r)
		}
	}
	want := map[string]float64{
		`requests{id="x",resource.service.name="shop"}`: 2 * each,
		`sent{resource.service.name="shop"}`:            2 * each * (each - 1) / 2,
	}
	waitFor(t, "the total of both", func() bool { return sink.has(want) }, sink.String)
	waitFor(t, "the total of both at Prometheus", func() bool {
		return scrape(t, port).sum("sent_bytes_total") == want[`sent{resource.service.name="shop"}`]
	})

	// It stays so over emissions and scrapes.
	for seen := len(sink.all()); len(sink.all()) < seen+3; {
		got := scrape(t, port)
		require.Equal(t, map[string]float64{"shop x": 2 * each}, got.by(t, "requests_total", "job", "id"))
		require.Equal(t, map[string]float64{"shop": want[`sent{resource.service.name="shop"}`]}, got.by(t, "sent_bytes_total", "job"))
		require.Equal(t, want, sink.totals())
	}
	last := sink.all()[len(sink.all())-1]
	require.Equal(t, 1, last.ResourceMetrics().Len())
	require.Len(t, points(last), 2)
}

// newLogger returns a logger of the OpenTelemetry SDK that sends each record at once.
func newLogger(t *testing.T, endpoint string, attrs ...attribute.KeyValue) log.Logger {
	t.Helper()
	exporter, err := otlploggrpc.New(t.Context(), otlploggrpc.WithEndpoint(endpoint), otlploggrpc.WithInsecure())
	require.NoError(t, err)
	return newLoggerProvider(t, sdklog.NewSimpleProcessor(exporter), attrs...).Logger("e2e")
}

// newLoggerProvider returns loggers of a resource, until the test ends.
func newLoggerProvider(t *testing.T, processor sdklog.Processor, attrs ...attribute.KeyValue) *sdklog.LoggerProvider {
	t.Helper()
	provider := sdklog.NewLoggerProvider(sdklog.WithResource(resource.NewSchemaless(attrs...)), sdklog.WithProcessor(processor))
	t.Cleanup(func() {
		// The test's own context is done by now.
		require.NoError(t, provider.Shutdown(context.Background()))
	})
	return provider
}

func TestB28_OnePermanentRefusalDoesNotStopEmissions(t *testing.T) {
	for temporality, lost := range map[string]float64{"cumulative": 0, "delta": 1} {
		t.Run(temporality, func(t *testing.T) {
			endpoint, port, selfPort, sink := loopback(freePort(t)), freePort(t), freePort(t), newOTLPSink(t)
			refused := make(chan struct{})
			refuse := func(pmetric.Metrics) error {
				sink.answer.Store(nil)
				close(refused)
				return status.Error(codes.InvalidArgument, "not this one")
			}
			sink.answer.Store(&refuse)
			run(t, yamlConfig(fmt.Sprintf(otlpGraph, endpoint, sink.endpoint, loopback(port), temporality)),
				yamlConfig("service::pipelines::metrics/prometheus::receivers: [otlp]"), // only one consumer
				yamlConfig(pullSelfMetrics(selfPort)))

			client := newLogsClient(t, endpoint)
			export(t, client, logs(attributes{"id": "x"}))
			within(t, "the refusal", func() { <-refused })
			for i := range 3 {
				export(t, client, logs(attributes{"id": "x"}))
				waitFor(t, "later emissions", func() bool { return len(sink.all()) > i }, sink.String)
			}
			want := map[string]float64{`requests{id="x",resource.service.name="shop"}`: 4 - lost}
			waitFor(t, "the total", func() bool { return sink.has(want) }, sink.String)

			self := scrape(t, selfPort)
			require.EqualValues(t, 1, self.sum(self.self(t, "emission_failures")))
			require.EqualValues(t, 1, self.sum(self.self(t, "lost_datapoints")))
			waitFor(t, "the count of what the sink has got", func() bool {
				self := scrape(t, selfPort)
				return self.sum(self.self(t, "emitted_datapoints")) == float64(len(sink.points()))
			})
		})
	}
}
