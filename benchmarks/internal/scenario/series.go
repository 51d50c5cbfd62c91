// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"errors"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/measure"
	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/subject"
)

const oneCounter = "One counter with 2 labels of 6 bytes each, without a limit, on the engine alone: 1,000,000 series, which are born in batches of 10,000. "

func memory() Scenario {
	return Scenario{
		Name:    "memory",
		About:   oneCounter + "What the heap holds more after the garbage collector has run than before the first of them, divided by their number.",
		Figures: []Figure{{What: "bytes per counter series with 2 labels at 1,000,000 series", Unit: Bytes, Goal: 96, Gate: 160}},
		Run: func(env Env) ([]float64, error) {
			logs := subject.NewTuples(subject.GrowthBatch, env.series())
			g, err := subject.NewGrown()
			if err != nil {
				return nil, err
			}
			before := heap()
			g.Grow(logs)
			bytes := float64(heap()-before) / float64(g.Series)
			return []float64{bytes}, g.Close()
		},
	}
}

// heap returns the bytes that are in use.
func heap() int64 {
	for range 3 { // a pool keeps what it holds over one collection
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func flush() Scenario {
	return Scenario{
		Name: "flush",
		About: oneCounter + "One emission of all of them to a consumer that counts points; median of at most five. Then the same while another goroutine commits " +
			"batches of one known record (its longest commit is an upper bound of what a lock is held at once), and while another goroutine stages and " +
			"commits batches of 1,000 known records (the 99th percentile of what that takes).",
		Figures: []Figure{
			{What: "flush of 1,000,000 series", Unit: Milliseconds, Goal: 0.5, Gate: 1},
			{What: "flush of 1,000,000 series: lock held at once meanwhile", Unit: Milliseconds, Goal: 0.001, Gate: 0.002},
			{What: "flush of 1,000,000 series: 99th percentile of batches of 1,000 meanwhile", Unit: Milliseconds, Goal: 0.005, Gate: 0.010},
		},
		Run: func(env Env) ([]float64, error) {
			defer debug.FreeOSMemory()
			g, err := subject.NewGrown()
			if err != nil {
				return nil, err
			}
			g.Grow(subject.NewTuples(subject.GrowthBatch, env.series()))
			env.Log("the engine holds %d series", g.Series)
			values, err := flushes(env, g)
			return values, errors.Join(err, g.Close())
		},
	}
}

// flushes returns the medians over some rounds.
func flushes(env Env, g *subject.Grown) ([]float64, error) {
	known, batches := subject.NewTuples(1, g.Series).At(0), subject.NewTuples(1_000, g.Series)
	var durations, locks, p99s []float64
	for range env.few() {
		runtime.GC()
		seconds, err := g.Flush()
		if err != nil {
			return nil, err
		}
		durations = append(durations, seconds)

		runtime.GC()
		probe := startLockProbe(g, known)
		_, err = g.Flush()
		lock, records := probe.stop()
		g.Records += records
		if err != nil {
			return nil, err
		}
		locks = append(locks, lock)

		runtime.GC()
		p99, err := p99While(g, batches)
		if err != nil {
			return nil, err
		}
		p99s = append(p99s, p99)
		env.Log("flush %.0f ms, lock %.2f ms, p99 %.2f ms", seconds*1e3, lock*1e3, p99*1e3)
	}
	return []float64{measure.Median(durations), measure.Median(locks), measure.Median(p99s)}, nil
}

// p99While returns the 99th percentile of the seconds that a batch takes during a flush.
func p99While(g *subject.Grown, batches *subject.Tuples) (float64, error) {
	var flushing sync.WaitGroup
	done := make(chan struct{})
	var err error
	flushing.Go(func() {
		defer close(done)
		_, err = g.Flush()
	})
	var seconds []float64
	for i := 0; ; i++ {
		ld := batches.At(i * 1_000)
		start := time.Now()
		g.Take(ld)
		seconds = append(seconds, time.Since(start).Seconds())
		select {
		case <-done:
			flushing.Wait()
			return measure.Quantile(seconds, 0.99), err
		default:
		}
	}
}

func growth() Scenario {
	return Scenario{
		Name: "growth",
		About: oneCounter + "While they are born, another goroutine commits batches of one known record: its longest commit is an upper bound of what a lock is " +
			"held at once. Median of at most three engines.",
		Figures: []Figure{{What: "growth to 1,000,000 series: longest lock", Unit: Milliseconds, Goal: 0.005, Gate: 0.015}},
		Run: func(env Env) ([]float64, error) {
			defer debug.FreeOSMemory()
			var locks []float64
			for range min(env.few(), 3) {
				lock, err := growWatched(env)
				if err != nil {
					return nil, err
				}
				locks = append(locks, lock)
				env.Log("longest lock %.2f ms", lock*1e3)
			}
			return []float64{measure.Median(locks)}, nil
		},
	}
}

// growWatched returns the longest lock, in seconds, while an engine grows.
func growWatched(env Env) (float64, error) {
	logs, known := subject.NewTuples(subject.GrowthBatch, env.series()), subject.NewTuples(1, env.series()).At(0)
	g, err := subject.NewGrown()
	if err != nil {
		return 0, err
	}
	g.Take(known)
	runtime.GC()
	probe := startLockProbe(g, known)
	g.Grow(logs)
	lock, records := probe.stop()
	g.Records += records
	return lock, g.Close()
}
