// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package processor

import (
	"context"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/processor/processorhelper"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/config"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/engine"
)

// New returns a processor. Processors with one configuration share one state.
func New(ctx context.Context, set processor.Settings, cfg *config.Config, next consumer.Logs) (processor.Logs, error) {
	share, err := join(set, cfg)
	if err != nil {
		return nil, err
	}
	p := &logsProcessor{share: share, final: finalAnswer(cfg.Count)}
	// processorhelper gives the metrics and span events of every processor. It times what
	// stage does and must not time the next consumer, so that the two are separate
	// functions; what one knows reaches the other in the context.
	p.Logs, err = processorhelper.NewLogs(ctx, set, cfg, forwarder{next}, p.stage,
		processorhelper.WithCapabilities(consumer.Capabilities{MutatesData: false}))
	if err != nil {
		share.leave()
		return nil, err
	}
	return p, nil
}

// logsProcessor is one place of the processor in a logs pipeline.
type logsProcessor struct {
	processor.Logs

	share *share
	// final reports whether a batch counts after this answer of the next consumer.
	final func(error) bool
	// engine is nil until the processor is started. It stays after the shutdown, so that
	// logs which come too late are still counted, as lost.
	engine atomic.Pointer[engine.Engine]
	stop   sync.Once
}

func finalAnswer(count config.Count) func(error) bool {
	if count == config.CountSeen {
		return func(error) bool { return true }
	}
	return func(err error) bool { return err == nil || consumererror.IsPermanent(err) }
}

// Start takes part in the shared state, which starts with its first processor.
func (p *logsProcessor) Start(_ context.Context, host component.Host) error {
	e, err := p.share.start(host)
	if err != nil {
		return err
	}
	p.engine.Store(e)
	return nil
}

// Shutdown leaves the shared state, which ends with its last processor. It may be called
// twice, and without Start.
func (p *logsProcessor) Shutdown(ctx context.Context) error {
	p.stop.Do(func() {
		if p.engine.Load() != nil {
			p.share.stop(ctx)
		}
		p.share.leave()
	})
	return nil
}

type carrierKey struct{}

// carrier takes what belongs to one call past processorhelper.
type carrier struct {
	ctx   context.Context // the caller's, which the next consumer gets
	batch *engine.Batch
}

// ConsumeLogs measures ld, forwards it with the caller's context, and counts the
// measurements if the answer is final. The error is the next consumer's.
func (p *logsProcessor) ConsumeLogs(ctx context.Context, ld plog.Logs) error {
	c := &carrier{ctx: ctx}
	err := p.Logs.ConsumeLogs(context.WithValue(ctx, carrierKey{}, c), ld)
	switch {
	case c.batch == nil:
	case p.final(err):
		c.batch.Commit()
	default:
		c.batch.Refuse()
	}
	return err
}

func (p *logsProcessor) stage(ctx context.Context, ld plog.Logs) (plog.Logs, error) {
	if e := p.engine.Load(); e != nil {
		c := ctx.Value(carrierKey{}).(*carrier)
		c.batch = e.Stage(c.ctx, ld)
	}
	return ld, nil
}

// forwarder forwards with the context that the caller gave.
type forwarder struct {
	next consumer.Logs
}

func (f forwarder) Capabilities() consumer.Capabilities {
	return f.next.Capabilities()
}

func (f forwarder) ConsumeLogs(ctx context.Context, ld plog.Logs) error {
	return f.next.ConsumeLogs(ctx.Value(carrierKey{}).(*carrier).ctx, ld)
}
