// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package emit

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.uber.org/zap"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/overhead"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/series"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/state"
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
	// Status is told what troubles emissions, as often as it does, and nil after each that
	// nothing has troubled. It must be safe for concurrent use.
	Status func(error)
	// Now is the wall clock; time.Now but in tests of its jumps.
	Now func() time.Time
}

// Writer is a resource attribute that says which Collector wrote a series.
type Writer struct {
	// Attribute is the name; "" is for none.
	Attribute string
	// ID is the value, unless a state has kept another one.
	ID string
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

	// unkept is how many of those that were taken from transient families are in no state
	// either, if there is one.
	unkept int
	// flight is how many of them are in payloads that say what the families still have, if
	// there is a state: it has them, unless it fails.
	flight int

	// These do not change after Start.
	writer Writer
	state  *state.State // nil if nothing is kept

	// What follows belongs to the sending goroutine.
	last      pcommon.Timestamp
	snapshots []*series.Snapshot
	pending   []*payload // refused, to be sent again as they are before newer ones
	begun     bool       // a zero with which a series begins was accepted
	ended     slots      // series whose last points were accepted
	tally     *overhead.Tally
	ticking   bool // this emission is one of those that come every interval
	answers   answers
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

// Start sets the time at which series start and begins to emit. Before that it restores what
// st has kept, and from then on nothing is emitted that st does not keep; nil is for none.
func (f *Flusher) Start(writer Writer, st *state.State) {
	f.writer, f.state = writer, st
	if st != nil {
		f.restore()
		if kept := st.Writer(); kept != writer.ID {
			f.writer.ID = kept
			if writer.Attribute != "" {
				f.set.Logger.Info("the writer attribute keeps the ID that it had", zap.String("kept", kept), zap.String("service.instance.id", writer.ID))
			}
		}
	}
	at := f.stamp()
	if st != nil {
		// Series start at this time: the next life must come later.
		st.Begin(at)
	}
	f.set.Store.Start(at)
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

// drain emits once, and once more if series have begun with a zero, each time again while
// that is refused, until the consumer has had its time. It does not wait for nothing to be
// unsent: logs may still come in.
func (f *Flusher) drain(a *attachment) {
	for unsent, backoff := false, minBackoff; ; {
		f.begun = false
		if f.emit(unsent) {
			if unsent || !f.begun {
				return
			}
			unsent = true
			continue
		}
		select {
		case <-a.ctx.Done():
			return
		case <-time.After(backoff):
		}
		backoff = min(2*backoff, maxBackoff)
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
		if f.state != nil {
			// All but what comes now is kept without holding up batches.
			f.state.Retry()
			f.saveDirty(f.moment(), all)
		}
	})
}

// Settle keeps what could not be emitted or, if that is not possible, counts it as lost,
// once.
func (f *Flusher) Settle() {
	f.Lose(f.settle())
}

// settle returns how many data points are neither emitted nor kept.
func (f *Flusher) settle() int {
	f.books.Lock()
	defer f.books.Unlock()
	if f.settled {
		return 0
	}
	f.settled = true
	if f.state == nil {
		return f.set.Store.Unsent() + f.held
	}
	lost := f.unkept
	if !f.state.SaveDirty(f.moment(), all) {
		lost += f.set.Store.Unsaved() + f.flight
	}
	// What is still committed after this is neither emitted nor kept, also if it is more of
	// what just was.
	f.set.Store.MarkKept()
	return lost
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
			f.tick()
		case what := <-f.requests:
			what()
		}
	}
}

// stamp returns the time of an emission: the wall clock, but always later than the time
// before, also when the wall clock steps back.
func (f *Flusher) stamp() pcommon.Timestamp {
	now := pcommon.NewTimestampFromTime(f.set.Now())
	if ahead := time.Duration(f.last) - time.Duration(now); ahead > f.set.Interval {
		f.set.Logger.Warn("the wall clock is behind the last emission: time stamps, which must rise, stay ahead of it until it has caught up", zap.Duration("by", ahead))
	}
	f.last = max(now, f.last+pcommon.Timestamp(time.Millisecond))
	return f.last
}
