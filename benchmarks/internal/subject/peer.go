// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package subject

import (
	"context"
	"errors"

	"github.com/open-telemetry/opentelemetry-collector-contrib/connector/countconnector"
	"github.com/open-telemetry/opentelemetry-collector-contrib/connector/signaltometricsconnector"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/connector"

	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/rules"
)

// Peer is another connector that derives metrics from logs. It emits for each batch, as
// deltas; that is its design.
type Peer struct {
	passes
	telemetry *telemetry
	rules     rules.Set
	connector connector.Logs
	sink      *sink
}

// NewSignalToMetrics returns a signal_to_metrics connector with the rules.
func NewSignalToMetrics(load Load, set rules.Set) (*Peer, error) {
	return newPeer(load, set, signaltometricsconnector.NewFactory(), set.SignalToMetrics())
}

// NewCount returns a count connector with the rules.
func NewCount(load Load, set rules.Set) (*Peer, error) {
	return newPeer(load, set, countconnector.NewFactory(), set.Count())
}

func newPeer(load Load, set rules.Set, factory connector.Factory, raw map[string]any) (*Peer, error) {
	p := &Peer{passes: passes{load: load}, telemetry: newTelemetry(), rules: set, sink: newSink()}
	cfg, err := configure(factory.CreateDefaultConfig(), raw)
	if err != nil {
		return nil, err
	}
	p.connector, err = factory.CreateLogsToMetrics(context.Background(), connector.Settings{
		ID: component.NewID(factory.Type()), TelemetrySettings: p.telemetry.settings, BuildInfo: component.NewDefaultBuildInfo(),
	}, cfg, p.sink)
	if err != nil {
		return nil, err
	}
	return p, p.connector.Start(context.Background(), componenttest.NewNopHost())
}

// configure reads raw into cfg, as the Collector does.
func configure(cfg component.Config, raw map[string]any) (component.Config, error) {
	if err := confmap.NewFromStringMap(raw).Unmarshal(cfg); err != nil {
		return nil, err
	}
	return cfg, confmap.Validate(cfg)
}

// Pass gives the connector each batch.
func (p *Peer) Pass() error {
	return p.pass(p.connector.ConsumeLogs)
}

// Close takes one more pass, of which it reads what the connector emits, and checks that
// the passes before have emitted as often.
func (p *Peer) Close() error {
	p.sink.reading.Store(true)
	return errors.Join(
		p.Pass(),
		p.connector.Shutdown(context.Background()),
		p.telemetry.close(),
		p.sink.check(p.rules.Truth(p.load.Data), 1, false),
		differs("the number of emissions", p.n*int64(len(p.load.Batches)), p.sink.calls.Load()),
	)
}
