// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package processor

import (
	"context"
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/otel/attribute"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/config"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/engine"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/host"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/metadata"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/route"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/telemetry"
)

// share is the state of all processors with one configuration. The Collector gives the
// processors of one ID, in whichever pipelines, one configuration pointer, and those of
// two IDs or of two Collectors different ones.
type share struct {
	key shareKey
	set component.TelemetrySettings
	tie *route.Processor

	mu       sync.Mutex
	created  int // processors that have not left
	started  int
	engine   *engine.Engine // nil while none is started
	prepared *engine.Engine // made at creation, for the next start
	status   *host.Status   // of those that were started
}

type shareKey struct {
	cfg *config.Config
	id  component.ID
}

var shares = struct {
	sync.Mutex
	byKey map[shareKey]*share
}{byKey: map[shareKey]*share{}}

// join returns the state of the processors with this configuration, and makes it if this
// is the first of them. Nothing starts.
func join(set processor.Settings, cfg *config.Config) (*share, error) {
	shares.Lock()
	defer shares.Unlock()
	key := shareKey{cfg: cfg, id: set.ID}
	s, ok := shares.byKey[key]
	if !ok {
		s = &share{key: key, set: set.TelemetrySettings}
		var err error
		if s.prepared, err = s.newEngine(); err != nil {
			return nil, err
		}
		s.tie = route.NewProcessor(set.ID, set.TelemetrySettings)
		shares.byKey[key] = s
	}
	s.created++
	return s, nil
}

func (s *share) newEngine() (*engine.Engine, error) {
	b, err := metadata.NewTelemetryBuilder(s.set)
	if err != nil {
		return nil, err
	}
	return engine.New(s.key.cfg, s.set, &telemetry.Instruments{
		Builder:           b,
		Component:         attribute.String("processor", s.key.id.String()),
		EmittedDatapoints: b.EmittedDatapoints,
		LostDatapoints:    b.LostDatapoints,
		EmissionFailures:  b.EmissionFailures,
		StorageFailures:   b.StorageFailures,
	})
}

// start returns the running engine, which the first processor starts.
func (s *share) start(in component.Host) (*engine.Engine, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.started == 0 {
		s.status = &host.Status{}
	}
	s.status.Add(in)
	if s.started == 0 {
		if err := s.tie.Partner(); err != nil {
			return nil, err
		}
		e := s.prepared
		if e == nil { // started and stopped before
			var err error
			if e, err = s.newEngine(); err != nil {
				return nil, err
			}
		}
		if err := s.tie.Claim(e); err != nil {
			return nil, err
		}
		storage, err := host.Storage(in, s.key.cfg.Storage, component.KindProcessor, s.key.id)
		if err == nil {
			err = e.Start(engine.Host{Storage: storage, Status: s.status.Report})
		}
		if err != nil {
			s.tie.Release()
			return nil, err
		}
		s.engine, s.prepared = e, nil
	}
	s.started++
	return s.engine, nil
}

// stop ends the engine with the last processor that was started.
func (s *share) stop(ctx context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.started--
	if s.started > 0 {
		return
	}
	s.engine.Shutdown(ctx)
	s.engine = nil
	s.tie.Release()
}

// leave takes one processor out. With the last one the state is forgotten.
func (s *share) leave() {
	shares.Lock()
	defer shares.Unlock()
	s.created--
	if s.created == 0 {
		delete(shares.byKey, s.key)
		s.tie.Leave()
	}
}
