// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package emit

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.uber.org/zap"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/overhead"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/series"
)

const (
	// drainTimeout is how long the last emission may take, and try again, before its
	// context is canceled, and cancelTimeout how long a canceled one may still take
	// before it is left behind. Both only matter when the consumer blocks or refuses: a
	// shutdown must end.
	drainTimeout  = 10 * time.Second
	cancelTimeout = time.Second
	// The last emission tries again after minBackoff, and then after twice the time
	// before, up to maxBackoff.
	minBackoff = 50 * time.Millisecond
	maxBackoff = time.Second
)

// Recorder counts what became of emissions. It must be safe for concurrent use.
type Recorder interface {
	// Emitted counts data points that the consumer accepted.
	Emitted(datapoints int)
	// Lost counts data points that will never be accepted.
	Lost(datapoints int)
	// Failed counts one payload that the consumer did not accept.
	Failed()
}

// Settings say what a Flusher works with.
type Settings struct {
	Store    *series.Store
	Interval time.Duration
	Recorder Recorder
	Counters *overhead.Counters
	// Logger is expected to limit the rate of equal messages.
	Logger *zap.Logger
	// Now is the wall clock; time.Now but in tests of its jumps.
	Now func() time.Time
}

// Flusher emits what a store holds.
type Flusher struct {
	set Settings

	to       atomic.Pointer[attachment]
	requests chan func()
	stop     chan struct{}
	stopOnce sync.Once
	stopped  chan struct{}

	// books orders the count of what a shutdown loses and the moves of what is unsent
	// between the store and payloads: each data point is counted in one of them. It is
	// taken before the families' locks.
	books sync.Mutex
	// held is how many unsent data points are in copied blocks and in payloads rather
	// than in the store.
	held int
	// settled is set once what is unsent has been counted as lost: what a consumer that
	// was left behind still answers changes nothing then.
	settled bool

	// What follows belongs to the sending goroutine.
	last      pcommon.Timestamp
	snapshots []*series.Snapshot
	pending   []*payload // refused, to be sent again as they are before newer ones
	tally     *overhead.Tally
	watch     overhead.Stopwatch
}

// attachment is a consumer while it is attached.
type attachment struct {
	next consumer.Metrics
	// ctx goes with each call. It is not derived from the context that starts the
	// component, which may end with the start.
	ctx    context.Context
	cancel context.CancelFunc
}

// New returns a flusher that does nothing until it is started.
func New(set Settings) *Flusher {
	f := &Flusher{
		set:      set,
		requests: make(chan func()),
		stop:     make(chan struct{}),
		stopped:  make(chan struct{}),
		tally:    overhead.NewTally(len(set.Store.Families())),
	}
	for _, family := range set.Store.Families() {
		f.snapshots = append(f.snapshots, series.NewSnapshot(family))
	}
	return f
}

// Start sets the time at which series start and begins to emit.
func (f *Flusher) Start() {
	f.set.Store.Start(f.stamp())
	go f.run()
}

// Attach makes next the consumer of the emissions to come. Without one nothing is
// emitted and the store goes on to add up.
func (f *Flusher) Attach(next consumer.Metrics) {
	a := &attachment{next: next}
	a.ctx, a.cancel = context.WithCancel(context.Background())
	f.to.Store(a)
}

// Detach emits what has been committed, again while it is refused, and then lets go of
// the consumer. It returns when everything is emitted, when ctx is done or drainTimeout
// has passed. The consumer is not called again, unless it is in a call that it does not
// end when its context does.
func (f *Flusher) Detach(ctx context.Context) {
	a := f.to.Load()
	if a == nil {
		return
	}
	defer a.cancel()
	// Detached by the goroutine itself, so that no tick can come in between.
	f.do(ctx, a.cancel, func() {
		f.drain(a)
		f.to.CompareAndSwap(a, nil)
	})
	f.to.CompareAndSwap(a, nil)
}

// drain emits once, and again while that is refused, until the consumer has had its time.
// It does not wait for nothing to be unsent: logs may still come in.
func (f *Flusher) drain(a *attachment) {
	for backoff := minBackoff; !f.emit(); backoff = min(2*backoff, maxBackoff) {
		select {
		case <-a.ctx.Done():
			return
		case <-time.After(backoff):
		}
	}
}

// Stop emits what has been committed, if there is still a consumer, and ends the
// goroutine. After it Settle must follow.
func (f *Flusher) Stop(ctx context.Context) {
	f.stopOnce.Do(func() {
		f.Detach(ctx)
		close(f.stop)
		select {
		case <-f.stopped:
		case <-time.After(cancelTimeout):
		}
	})
}

// Settle counts what could not be emitted as lost, once.
func (f *Flusher) Settle() {
	f.books.Lock()
	unsent := 0
	if !f.settled {
		f.settled = true
		unsent = f.set.Store.Unsent() + f.held
	}
	f.books.Unlock()
	f.Lose(unsent)
}

// Lose counts data points as lost that will never be emitted.
func (f *Flusher) Lose(datapoints int) {
	if datapoints == 0 {
		return
	}
	f.set.Recorder.Lost(datapoints)
	f.set.Logger.Warn("data points are lost: they could not be emitted before the shutdown, or what they count came after the last emission",
		zap.Int("datapoints", datapoints))
}

// do has the goroutine run what, and waits for it. It calls abort once the consumer has
// had its time, and then waits a little longer.
func (f *Flusher) do(ctx context.Context, abort, what func()) {
	timeout := drainTimeout
	if ctx.Err() != nil {
		// A shutdown in a hurry still gets what a consumer that answers at once takes.
		ctx, timeout = context.WithoutCancel(ctx), cancelTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	done := make(chan struct{})
	requests, expired := f.requests, ctx.Done()
	var giveUp <-chan time.Time
	for {
		select {
		case requests <- func() { what(); close(done) }:
			requests = nil
		case <-done:
			return
		case <-f.stopped:
			return
		case <-expired:
			abort()
			expired, giveUp = nil, time.After(cancelTimeout)
		case <-giveUp:
			f.set.Logger.Warn("the metrics consumer neither answers nor minds its context; its last call is left behind")
			return
		}
	}
}

func (f *Flusher) run() {
	defer close(f.stopped)
	ticker := time.NewTicker(f.set.Interval)
	defer ticker.Stop()
	for {
		select {
		case <-f.stop:
			return
		case <-ticker.C:
			f.emit()
		case what := <-f.requests:
			what()
		}
	}
}

// stamp returns the time of an emission: the wall clock, but always later than the time
// before, also when the wall clock steps back.
func (f *Flusher) stamp() pcommon.Timestamp {
	f.last = max(pcommon.NewTimestampFromTime(f.set.Now()), f.last+pcommon.Timestamp(time.Millisecond))
	return f.last
}

// emit emits what there is. It returns false if something was refused that must be sent
// again or overtaken.
func (f *Flusher) emit() bool {
	to := f.to.Load()
	if to == nil {
		return true
	}
	f.watch.Start(overhead.Now, f.tally)
	f.watch.Chunk(overhead.FineChunk)
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
	now := f.stamp()
	for _, transient := range kinds {
		f.take(now, transient)
	}
	for _, transient := range kinds {
		done = f.stream(to, transient) && done
	}
	f.watch.End(overhead.StageFlush)
	f.set.Counters.AddTime(f.tally)
	return done
}

// take begins the snapshots of one kind.
func (f *Flusher) take(now pcommon.Timestamp, transient bool) {
	for i, s := range f.snapshots {
		if s.Transient() == transient {
			f.watch.For(overhead.StageFlush, i, 1)
			s.Take(now)
		}
	}
}

// stream packs what the snapshots of one kind hold and sends each payload as soon as it
// is full: there is memory for one payload and one block, however many series there are.
func (f *Flusher) stream(to *attachment, transient bool) bool {
	done := true
	var owner int
	p := packer{transient: transient, deliver: func(p *payload) {
		done = f.send(to, p) && done
		f.watch.For(overhead.StageFlush, owner, 1) // who goes on
	}}
	for i, s := range f.snapshots {
		if s.Transient() != transient {
			continue
		}
		owner = i
		f.watch.For(overhead.StageFlush, owner, 1)
		for f.next(to, s) {
			p.pack(s)
		}
		s.End()
	}
	owner = overhead.Shared
	f.watch.For(overhead.StageFlush, owner, 1)
	p.flush()
	return done && to.ctx.Err() == nil
}

// next copies the next block of s. Once the consumer has had its time there is none: what
// has not been copied stays in the store. What has been must go on into payloads.
func (f *Flusher) next(to *attachment, s *series.Snapshot) bool {
	if to.ctx.Err() != nil {
		return false
	}
	f.books.Lock()
	defer f.books.Unlock()
	if f.settled {
		return false
	}
	unsent, ok := s.Next()
	f.held += unsent
	return ok
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
	err := to.next.ConsumeMetrics(to.ctx, metrics)
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
	return true
}

// report counts and logs the consumer's answer.
func (f *Flusher) report(p *payload, err error) {
	if err == nil {
		f.set.Recorder.Emitted(p.points)
		return
	}
	f.set.Recorder.Failed()
	fields := []zap.Field{zap.Int("datapoints", p.points), zap.Error(err)}
	switch {
	case consumererror.IsPermanent(err):
		f.set.Recorder.Lost(p.points)
		f.set.Logger.Error("the metrics pipeline refused data points for good; they are lost", fields...)
	case p.transient:
		f.set.Logger.Warn("the metrics pipeline refused data points; they will be sent again", fields...)
	default:
		f.set.Logger.Warn("the metrics pipeline refused data points; the next emission says more", fields...)
	}
}
