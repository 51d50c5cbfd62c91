// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os/exec"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/measure"
	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/subject"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/hold"
)

// Holds says for how long each lock was held at the most, by the function that took it.
type Holds struct {
	Growth, Flush map[string]time.Duration
}

func locks() Scenario {
	return Scenario{
		Name: "locks",
		About: oneCounter + "The longest time for which one of the store's locks is held at once, measured in a program that is built with the tag holdtimes: " +
			"while the series are born, and while all of them are emitted and another goroutine commits batches of 1,000 known records. Wall time, so that " +
			"it includes what the scheduler does to whoever holds the lock. Median of at most five programs.",
		Figures: []Figure{
			{What: "flush of 1,000,000 series: lock held at once", Unit: Milliseconds, Goal: 0.001, Gate: 0.002},
			{What: "growth to 1,000,000 series: longest lock", Unit: Milliseconds, Goal: 0.005, Gate: 0.015},
		},
		Run: func(env Env) ([]float64, error) {
			var flush, growth []float64
			for range env.few() {
				h, err := holdsOf(env.series())
				if err != nil {
					return nil, err
				}
				for _, place := range slices.Sorted(maps.Keys(h.Flush)) {
					env.Log("flush: %s held a lock for at most %v", place[strings.LastIndex(place, "/")+1:], h.Flush[place])
				}
				for _, place := range slices.Sorted(maps.Keys(h.Growth)) {
					env.Log("growth: %s held a lock for at most %v", place[strings.LastIndex(place, "/")+1:], h.Growth[place])
				}
				flush = append(flush, longest(h.Flush))
				growth = append(growth, longest(h.Growth))
			}
			return []float64{measure.Median(flush), measure.Median(growth)}, nil
		},
	}
}

func longest(holds map[string]time.Duration) float64 {
	return slices.Max(slices.Collect(maps.Values(holds))).Seconds()
}

// holdsOf measures with a program of its own: locks that measure cost time, which no other
// scenario should pay.
func holdsOf(series int) (Holds, error) {
	var h Holds
	out, err := exec.Command("go", "run", "-tags", "holdtimes", "./run", "-holds", strconv.Itoa(series)).Output()
	if err != nil {
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			err = fmt.Errorf("%w: %s", err, exit.Stderr)
		}
		return h, fmt.Errorf("measure the locks: %w", err)
	}
	if err := json.Unmarshal(out, &h); err != nil {
		return h, fmt.Errorf("measure the locks: found %q: %w", out, err)
	}
	if len(h.Growth) == 0 || len(h.Flush) == 0 {
		return h, errors.New("measure the locks: the program must be built with the tag holdtimes")
	}
	return h, nil
}

// MeasureHolds measures the locks of an engine with so many series. The program must be
// built with the tag holdtimes.
func MeasureHolds(series int) (Holds, error) {
	g, err := subject.NewGrown()
	if err != nil {
		return Holds{}, err
	}
	hold.Longest() // what came before does not count
	g.Grow(subject.NewTuples(subject.GrowthBatch, series))
	h := Holds{Growth: hold.Longest()}
	runtime.GC()
	_, err = flushWhileCommitting(g)
	h.Flush = hold.Longest()
	return h, errors.Join(err, g.Close())
}

// flushWhileCommitting flushes while another goroutine commits batches of known tuples. It
// returns the seconds that each of these took.
func flushWhileCommitting(g *subject.Grown) ([]float64, error) {
	const batch = 1_000
	defer debug.FreeOSMemory()
	batches := subject.NewTuples(batch, g.Series)
	done := make(chan struct{})
	var err error
	var flushing sync.WaitGroup
	flushing.Go(func() {
		defer close(done)
		_, err = g.Flush()
	})
	var seconds []float64
	for i := 0; ; i++ {
		ld := batches.At(i * batch)
		start := time.Now()
		g.Take(ld)
		seconds = append(seconds, time.Since(start).Seconds())
		select {
		case <-done:
			flushing.Wait()
			return seconds, err
		default:
		}
	}
}
