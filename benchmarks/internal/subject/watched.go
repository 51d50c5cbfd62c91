// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package subject

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/rules"
)

// downstream is how long the consumer behind a watched subject takes. It must not show in
// what the component says about itself.
const downstream = 2 * time.Microsecond

// Watched is a subject with a stopwatch around it, from which the next consumer's time is
// taken off.
type Watched struct {
	Subject
	overhead func() (float64, error)
	watch    *stopwatch
}

type stopwatch struct {
	seconds float64       // ours
	next    time.Duration // the next consumer's, in the call that runs
}

// NewWatchedEngine returns an engine with a stopwatch around Stage and around Commit.
func NewWatchedEngine(load Load, set rules.Set) (*Watched, error) {
	e, err := NewEngine(load, set)
	if err != nil {
		return nil, err
	}
	w := &Watched{overhead: e.Overhead, watch: &stopwatch{}}
	w.Subject = &watchedEngine{Engine: e, watch: w.watch}
	return w, nil
}

// NewWatchedDoor returns a processor with a stopwatch around ConsumeLogs. What
// processorhelper does is in it.
func NewWatchedDoor(load Load, set rules.Set) (*Watched, error) {
	watch := &stopwatch{}
	next, err := consumer.NewLogs(func(context.Context, plog.Logs) error {
		watch.next = spin()
		return nil
	})
	if err != nil {
		return nil, err
	}
	d, err := NewDoorTo(load, set, next)
	if err != nil {
		return nil, err
	}
	return &Watched{Subject: &watchedDoor{Door: d, watch: watch}, overhead: d.Overhead, watch: watch}, nil
}

// spin passes the time, as a next consumer does, and returns how long.
func spin() time.Duration {
	start := time.Now()
	for {
		if d := time.Since(start); d >= downstream {
			return d
		}
	}
}

// Truth takes one pass and returns the share of its time that the stages account for.
func (w *Watched) Truth() (float64, error) {
	before, err := w.overhead()
	if err != nil {
		return 0, err
	}
	w.watch.seconds = 0
	if err := w.Pass(); err != nil {
		return 0, err
	}
	after, err := w.overhead()
	if err != nil {
		return 0, err
	}
	share := (after - before) / w.watch.seconds
	if share > 1+1e-6 { // what rounding may do to sums of seconds
		return 0, fmt.Errorf("the stages must not count more than the stopwatch, found %g of it: they hold time that is not the component's", share)
	}
	if share <= 0 {
		return 0, errors.New("the stages must count something, found nothing")
	}
	return share, nil
}

type watchedEngine struct {
	*Engine
	watch *stopwatch
}

func (e *watchedEngine) Pass() error {
	return e.pass(func(ctx context.Context, ld plog.Logs) error {
		start := time.Now()
		b := e.Stage(ctx, ld)
		staged := time.Since(start)
		spin()
		start = time.Now()
		b.Commit()
		e.watch.seconds += (staged + time.Since(start)).Seconds()
		return nil
	})
}

type watchedDoor struct {
	*Door
	watch *stopwatch
}

func (d *watchedDoor) Pass() error {
	return d.pass(func(ctx context.Context, ld plog.Logs) error {
		start := time.Now()
		err := d.logs.ConsumeLogs(ctx, ld)
		d.watch.seconds += (time.Since(start) - d.watch.next).Seconds()
		return err
	})
}
