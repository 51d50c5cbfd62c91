// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package emit

import (
	"slices"

	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.uber.org/zap"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/labels"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/overhead"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/series"
)

// emit emits what there is, or only what is unsent of it. It returns false if something was
// refused that must be sent again or overtaken.
func (f *Flusher) emit(unsent bool) bool {
	f.watch.Start(overhead.Now, f.tally)
	f.watch.Chunk(overhead.FineChunk)
	done := true
	if to := f.to.Load(); to != nil {
		done = f.emitTo(to, unsent)
	} else if f.state != nil {
		f.saveDirty(f.moment(), all)
	}
	f.watch.End(overhead.StageFlush)
	f.set.Counters.AddTime(f.tally)
	return done
}

func (f *Flusher) emitTo(to *attachment, unsent bool) bool {
	done := true
	older := f.pending
	f.pending = nil
	for _, p := range older {
		done = f.send(to, p) && done
	}
	// While older deltas wait, what came since waits in the store behind them.
	kinds := []bool{true, false}
	if len(f.pending) > 0 {
		kinds = kinds[1:]
	}
	at := series.Moment{Time: f.stamp(), Clock: overhead.Now(), Unsent: unsent, Saving: f.state != nil}
	if f.state != nil {
		f.state.Begin(at.Time)
	}
	for _, transient := range kinds {
		f.take(at, transient)
	}
	for _, transient := range kinds {
		done = f.stream(to, transient) && done
	}
	// Behind all that live: only who still reads must hear who has ended.
	done = f.streamEnds(to, kinds) && done
	f.remove()
	if f.state != nil {
		f.watch.For(overhead.StageFlush, overhead.Shared, 1)
		f.keepAgain(at)
		// What waits behind older deltas is kept like the rest.
		f.saveDirty(at, func(i int) bool { return !slices.Contains(kinds, f.snapshots[i].Transient()) })
	}
	return done
}

// take begins the snapshots of one kind.
func (f *Flusher) take(at series.Moment, transient bool) {
	for i, s := range f.snapshots {
		if s.Transient() == transient {
			f.watch.For(overhead.StageFlush, i, 1)
			s.Take(at)
		}
	}
}

// stream packs what the snapshots of one kind hold and sends each payload as soon as it
// is full: there is memory for one payload and one block, however many series there are.
func (f *Flusher) stream(to *attachment, transient bool) bool {
	s := stream{flusher: f, to: to, transient: transient, owner: overhead.Shared, done: true}
	p := packer{transient: transient, writer: f.writer, deliver: s.deliver}
	for i, snapshot := range f.snapshots {
		if snapshot.Transient() != transient {
			continue
		}
		s.owner = i
		f.watch.For(overhead.StageFlush, i, 1)
		for s.next(snapshot) {
			p.pack(snapshot)
			if len(s.ready) > 0 || len(s.blocks) >= maxWaiting {
				p.flush()
				s.send()
			}
		}
		snapshot.Release()
	}
	s.owner = overhead.Shared
	f.watch.For(overhead.StageFlush, overhead.Shared, 1)
	p.flush()
	s.send()
	return s.done && to.ctx.Err() == nil
}

// stream is the points of one kind on their way to the consumer.
type stream struct {
	flusher   *Flusher
	to        *attachment
	transient bool
	owner     int
	done      bool

	// With a state, payloads that hold what the families no longer have wait until they are
	// kept, together with the blocks that it was taken from.
	ready  []*payload
	blocks []*series.Saved
}

// maxWaiting is how many blocks may wait to be kept.
const maxWaiting = 16

func (s *stream) deliver(p *payload) {
	if s.transient && s.flusher.state != nil {
		s.ready = append(s.ready, p)
		return
	}
	s.done = s.flusher.send(s.to, p) && s.done
	s.flusher.watch.For(overhead.StageFlush, s.owner, 1) // who goes on
}

// next copies the next block of a snapshot. Once the consumer has had its time there is none:
// what has not been copied stays in the store. What has been must go on into payloads.
//
// It sees to it that the block is kept before any of its points is sent: at once if the family
// still has what they say, else together with them.
func (s *stream) next(snapshot *series.Snapshot) bool {
	f := s.flusher
	if s.to.ctx.Err() != nil {
		return false
	}
	f.books.Lock()
	defer f.books.Unlock()
	if f.settled {
		return false
	}
	unsent, ok := snapshot.Next()
	f.held += unsent
	if f.state == nil || !ok {
		return ok
	}
	if s.transient {
		f.unkept += unsent
	} else {
		f.flight += unsent
	}
	saved := snapshot.Saved()
	switch {
	case saved == nil:
	case s.transient:
		s.blocks = append(s.blocks, saved)
	default:
		f.state.Save([]*series.Saved{saved})
	}
	return true
}

// send keeps and sends what waits.
func (s *stream) send() {
	s.flusher.keep(s.ready, s.blocks)
	for _, p := range s.ready {
		s.done = s.flusher.send(s.to, p) && s.done
		s.flusher.watch.For(overhead.StageFlush, s.owner, 1)
	}
	s.ready, s.blocks = nil, nil
}

// streamEnds says which series have ended. Those whose points tell by themselves that they
// do not go on need no point for that.
func (f *Flusher) streamEnds(to *attachment, kinds []bool) bool {
	done := true
	p := packer{writer: f.writer, deliver: func(p *payload) { done = f.send(to, p) && done }}
	for i, s := range f.snapshots {
		if !slices.Contains(kinds, s.Transient()) || to.ctx.Err() != nil {
			continue
		}
		f.watch.For(overhead.StageFlush, i, 1)
		for s.NextEnd() {
			if s.EndsSilently() {
				s.Ends(func(point series.Point) { f.ended.add(s.Family(), point.Slot) })
			} else {
				p.packEnds(s)
			}
		}
		s.Release()
	}
	f.watch.For(overhead.StageFlush, overhead.Shared, 1)
	p.flush()
	return done
}

// remove removes the series that have ended.
func (f *Flusher) remove() {
	if len(f.ended) == 0 {
		return
	}
	for _, ended := range f.ended {
		for bite := range slices.Chunk(ended.slots, labels.Bite) {
			// Bite by bite: batches wait for it.
			f.set.Store.Exclusive(func() {
				f.unlessSettled(func() { ended.family.Remove(bite) })
			})
		}
	}
	f.ended = nil
	// The shutdown takes the books after it has shut commits out: whoever has the books must
	// not wait for commits, which compacting does not.
	f.unlessSettled(f.set.Store.Compact)
}

// unlessSettled calls what, unless a shutdown has left this goroutine behind: it reads the
// families to keep them, which does not go together with taking series out of them.
func (f *Flusher) unlessSettled(what func()) {
	f.books.Lock()
	defer f.books.Unlock()
	if !f.settled {
		what()
	}
}

// send gives a payload to the consumer, and books what becomes of it. It returns false if
// it was refused, but not for good.
func (f *Flusher) send(to *attachment, p *payload) bool {
	err := to.ctx.Err() // after that the consumer is not called any more
	called := err == nil
	if called {
		err = f.call(to, p)
	}
	final := err == nil || consumererror.IsPermanent(err)
	if !final && p.transient {
		f.pending = append(f.pending, p)
	}
	if f.book(p, final) && called {
		f.report(p, err)
	}
	if final && p.kept {
		f.state.Drop(p.number)
	}
	return final
}

// call gives a payload to the consumer.
func (f *Flusher) call(to *attachment, p *payload) error {
	metrics := p.metrics
	if p.transient {
		// The consumer may change what it gets and still refuse it.
		metrics = pmetric.NewMetrics()
		p.metrics.CopyTo(metrics)
	}
	f.watch.End(overhead.StageFlush)
	done := f.expectAnswer()
	err := f.consume(to, metrics)
	done()
	f.watch.Skip() // the consumer's time
	return err
}

// book moves what the payload holds to where it belongs now: nowhere if the answer is
// final, else back to the store, or to the pending payloads, which are held. It returns
// false if the payload's points are booked as lost already.
func (f *Flusher) book(p *payload, final bool) bool {
	f.books.Lock()
	defer f.books.Unlock()
	if f.settled {
		return false
	}
	if !final {
		if p.transient {
			return true
		}
		for _, c := range p.changed {
			c.family.MarkUnsent(c.slots)
		}
	}
	f.held -= p.unsent()
	if f.state != nil && !p.transient {
		f.flight -= p.unsent()
	} else if f.state != nil && !p.kept {
		f.unkept -= p.unsent()
	}
	if final {
		for _, b := range p.begun {
			b.family.MarkBegun(b.slots)
			f.begun = true
		}
		f.ended = append(f.ended, p.ended...)
	}
	return true
}

// report counts and logs the consumer's answer.
func (f *Flusher) report(p *payload, err error) {
	f.bookAnswer(err)
	if err == nil {
		f.set.Recorder.Emitted(p.points)
		return
	}
	f.set.Recorder.Failed()
	fields := []zap.Field{zap.Int("datapoints", p.points), zap.Error(err)}
	switch {
	case consumererror.IsPermanent(err):
		f.set.Recorder.Lost(p.points)
		outcome := "the next emission says more"
		if p.transient {
			outcome = "they are lost"
		}
		f.set.Logger.Error("the metrics pipeline refused data points for good; "+outcome, fields...)
	case p.transient:
		f.set.Logger.Warn("the metrics pipeline refused data points; they will be sent again", fields...)
	default:
		f.set.Logger.Warn("the metrics pipeline refused data points; the next emission says more", fields...)
	}
}
