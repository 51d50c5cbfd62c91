// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/open-telemetry/opentelemetry-collector-contrib/connector/countconnector"
	"github.com/open-telemetry/opentelemetry-collector-contrib/connector/signaltometricsconnector"
	"github.com/open-telemetry/opentelemetry-collector-contrib/exporter/prometheusexporter"
	"github.com/open-telemetry/opentelemetry-collector-contrib/processor/deltatocumulativeprocessor"
	"github.com/open-telemetry/opentelemetry-collector-contrib/receiver/filelogreceiver"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/provider/yamlprovider"
	"go.opentelemetry.io/collector/connector"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/otelcol"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/service/telemetry/otelconftelemetry"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	annotationmetricsconnector "github.com/annotationmetrics/annotationmetricsprocessor/connector"
)

// inProcess is a Collector in this process, of our three doors, the test's own
// components, the two of others that are most particular about times, and the connectors
// that ours is compared with.
type inProcess struct {
	registry  *registry
	stops     *stops
	logs      *observer.ObservedLogs
	collector *otelcol.Collector
	done      chan error
}

// noSelfMetrics keeps a Collector from serving its own metrics on the default port.
const noSelfMetrics = "service::telemetry::metrics::level: none"

// pullSelfMetrics has a Collector serve its own metrics, with more options of the
// exporter.
func pullSelfMetrics(port int, options ...string) string {
	return fmt.Sprintf("service::telemetry::metrics: {level: detailed, readers: [{pull: {exporter: {prometheus: {%s}}}}]}",
		strings.Join(append([]string{"host: 127.0.0.1", fmt.Sprintf("port: %d", port)}, options...), ", "))
}

// pushSelfMetrics has a Collector send its own metrics when it shuts down.
func pushSelfMetrics(endpoint string) string {
	return fmt.Sprintf("service::telemetry::metrics: {level: detailed, readers: [{periodic: {interval: 3600000, "+
		"exporter: {otlp: {protocol: grpc, endpoint: 'http://%s', insecure: true}}}}]}", endpoint)
}

// newInProcess returns a Collector that is not running yet. Each configuration is YAML;
// later ones are merged over earlier ones.
func newInProcess(t *testing.T, configs ...string) *inProcess {
	t.Helper()
	uris := []string{"yaml:" + noSelfMetrics}
	for _, c := range configs {
		uris = append(uris, "yaml:"+c)
	}
	p := &inProcess{registry: newRegistry(), stops: &stops{}, done: make(chan error, 1)}
	core, logs := observer.New(zapcore.DebugLevel)
	p.logs = logs
	var err error
	p.collector, err = otelcol.NewCollector(otelcol.CollectorSettings{
		BuildInfo:               component.BuildInfo{Command: "e2e", Version: "test"},
		Factories:               p.factories,
		DisableGracefulShutdown: true,
		SkipSettingGRPCLogger:   true, // it is global, and Collectors come and go here
		LoggingOptions:          []zap.Option{zap.WrapCore(func(zapcore.Core) zapcore.Core { return core })},
		ConfigProviderSettings: otelcol.ConfigProviderSettings{ResolverSettings: confmap.ResolverSettings{
			URIs:              uris,
			ProviderFactories: []confmap.ProviderFactory{yamlprovider.NewFactory()},
		}},
	})
	require.NoError(t, err)
	return p
}

func (p *inProcess) factories() (otelcol.Factories, error) {
	f := otelcol.Factories{Telemetry: otelconftelemetry.NewFactory()}
	var err error
	if f.Receivers, err = otelcol.MakeFactoryMap[receiver.Factory](p.registry.pushFactory(), p.stops.receiverFactory(), filelogreceiver.NewFactory()); err != nil {
		return f, err
	}
	if f.Processors, err = otelcol.MakeFactoryMap[processor.Factory](p.stops.processorFactory(), deltatocumulativeprocessor.NewFactory()); err != nil {
		return f, err
	}
	if f.Exporters, err = otelcol.MakeFactoryMap[exporter.Factory](p.registry.logsSinkFactory(), p.registry.metricsSinkFactory(), prometheusexporter.NewFactory()); err != nil {
		return f, err
	}
	f.Connectors, err = otelcol.MakeFactoryMap[connector.Factory](annotationmetricsconnector.NewFactory(), countconnector.NewFactory(), signaltometricsconnector.NewFactory())
	return f, err
}

// runInProcess runs a Collector until the test ends or stops it.
func runInProcess(t *testing.T, configs ...string) *inProcess {
	t.Helper()
	p := newInProcess(t, configs...)
	require.NoError(t, p.start(t))
	return p
}

// start runs the Collector, and returns when it is up or with the error that kept it
// from that.
func (p *inProcess) start(t *testing.T) error {
	t.Helper()
	// Not the test's context, which is canceled before cleanups: it would end a
	// Collector in a way that no real one ends.
	go func() { p.done <- p.collector.Run(context.Background()) }()
	var failed error
	waitFor(t, "the Collector to be up", func() bool {
		select {
		case failed = <-p.done:
			p.done <- failed // for stop
			return true
		default:
			return p.collector.GetState() == otelcol.StateRunning
		}
	})
	if failed == nil {
		t.Cleanup(func() { p.stop(t) })
	}
	return failed
}

// stop shuts the Collector down, if it still runs. It must end without an error.
func (p *inProcess) stop(t *testing.T) {
	t.Helper()
	within(t, "the Collector to shut down", p.collector.Shutdown)
	err := <-p.done
	p.done <- err // a test may stop it, and so does its cleanup
	require.NoError(t, err)
}

func id(text string) component.ID {
	var id component.ID
	if err := id.UnmarshalText([]byte(text)); err != nil {
		panic(err)
	}
	return id
}

// push returns the push receiver of this ID.
func (p *inProcess) push(name string) *push {
	return one(p.registry, p.registry.pushes, id(name), func() *push { return &push{} })
}

// metrics returns the metrics sink of this ID.
func (p *inProcess) metrics(name string) *metricsSink {
	return one(p.registry, p.registry.metrics, id(name), newMetricsSink)
}

// sunkLogs returns the logs sink of this ID.
func (p *inProcess) sunkLogs(name string) *logsSink {
	return one(p.registry, p.registry.logs, id(name), newLogsSink)
}

// send pushes logs, which the pipelines must accept.
func (p *inProcess) send(t *testing.T, to string, ld plog.Logs) {
	t.Helper()
	require.NoError(t, p.push(to).logs(t.Context(), ld))
}
