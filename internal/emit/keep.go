// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package emit

import (
	"context"
	"time"

	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.uber.org/zap"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/overhead"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/series"
)

// all chooses every annotation.
func all(int) bool { return true }

// moment is now, for what is kept beside an emission.
func (f *Flusher) moment() series.Moment {
	return series.Moment{Time: pcommon.NewTimestampFromTime(f.set.Now()), Clock: overhead.Now()}
}

// saveDirty keeps what has changed. Settle does not come in between: it must know whether a
// block is kept. While payloads could not be kept, what is kept of the blocks that they were
// taken from must stay as it is: see keepAgain.
func (f *Flusher) saveDirty(now series.Moment, which func(int) bool) {
	f.books.Lock()
	defer f.books.Unlock()
	if f.settled {
		return
	}
	families := f.set.Store.Families()
	f.state.SaveDirty(now, func(i int) bool {
		return which(i) && (f.unkept == 0 || !families[i].Definition().Transient())
	})
}

// restore takes up where the life before ended: with its series, later than its last
// emission, and with the data points that nobody has accepted.
func (f *Flusher) restore() {
	last, payloads := f.state.Restore(f.moment())
	f.last = last
	for _, kept := range payloads {
		metrics, err := (&pmetric.ProtoUnmarshaler{}).UnmarshalMetrics(kept.OTLP)
		if err != nil {
			f.set.Logger.Warn("data points that nobody had accepted are dropped: they cannot be read", zap.Error(err))
			f.state.Drop(kept.Number)
			continue
		}
		p := &payload{
			metrics: metrics, points: metrics.DataPointCount(), transient: true,
			restored: true, number: kept.Number, kept: true,
		}
		f.pending = append(f.pending, p)
		f.held += p.unsent()
	}
}

// keep keeps payloads of what the families no longer have, and the blocks that it was taken
// from, at once: after a crash it is in one of them.
func (f *Flusher) keep(payloads []*payload, blocks []*series.Saved) {
	if len(payloads) == 0 && len(blocks) == 0 {
		return
	}
	otlp := marshal(payloads)
	f.books.Lock()
	defer f.books.Unlock()
	f.saveBooked(payloads, blocks, otlp)
}

// saveBooked saves what keep is given, with the books.
func (f *Flusher) saveBooked(payloads []*payload, blocks []*series.Saved, otlp [][]byte) {
	numbers, ok := f.state.Save(blocks, otlp...)
	if !ok {
		return
	}
	for i, p := range payloads {
		p.number, p.kept = numbers[i], true
		f.unkept -= p.unsent()
	}
}

// keepAgain keeps pending payloads that could not be kept before. What is kept of the blocks
// that they were taken from may still hold what they say, so that these go with them.
func (f *Flusher) keepAgain(now series.Moment) {
	var again []*payload
	for _, p := range f.pending {
		if !p.kept {
			again = append(again, p)
		}
	}
	if len(again) == 0 {
		return
	}
	otlp := marshal(again)
	f.books.Lock()
	defer f.books.Unlock()
	if f.settled {
		return
	}
	var blocks []*series.Saved
	for _, family := range f.set.Store.Families() {
		if family.Definition().Transient() {
			family.Dirty(now, func(b *series.Saved) { blocks = append(blocks, b) })
		}
	}
	f.saveBooked(again, blocks, otlp)
}

func marshal(payloads []*payload) [][]byte {
	var otlp [][]byte
	for _, p := range payloads {
		// A payload of our own making cannot fail to be written.
		text, _ := (&pmetric.ProtoMarshaler{}).MarshalMetrics(p.metrics)
		otlp = append(otlp, text)
	}
	return otlp
}

// consume calls the consumer. If that takes a while, what the emission has not come to is kept
// without it, and if it takes longer than an interval, what is committed meanwhile is kept as
// often as at any other time.
func (f *Flusher) consume(to *attachment, metrics pmetric.Metrics) error {
	if f.state == nil {
		return to.next.ConsumeMetrics(to.ctx, metrics)
	}
	answer := make(chan error, 1)
	go func(ctx context.Context, next consumer.Metrics) { answer <- next.ConsumeMetrics(ctx, metrics) }(to.ctx, to.next)
	tick := time.NewTimer(f.set.Interval / 10)
	defer tick.Stop()
	for {
		select {
		case err := <-answer:
			return err
		case <-tick.C:
			f.saveDirty(f.moment(), all)
			tick.Reset(f.set.Interval)
		}
	}
}
