// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"errors"
	"runtime"
	"runtime/debug"

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
		About: oneCounter + "One emission of all of them to a consumer that counts points. Then the same while another goroutine stages and commits batches of " +
			"1,000 known records: the 99th percentile of what one of them takes. Medians of at most five.",
		Figures: []Figure{
			{What: "flush of 1,000,000 series", Unit: Milliseconds, Goal: 0.5, Gate: 1},
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
	var durations, p99s []float64
	for range env.few() {
		runtime.GC()
		alone, err := g.Flush()
		if err != nil {
			return nil, err
		}
		durations = append(durations, alone)
		runtime.GC()
		batches, err := flushWhileCommitting(g)
		if err != nil {
			return nil, err
		}
		p99s = append(p99s, measure.Quantile(batches, 0.99))
		env.Log("flush %.0f ms, 99th percentile %.2f ms of %d batches", alone*1e3, p99s[len(p99s)-1]*1e3, len(batches))
	}
	return []float64{measure.Median(durations), measure.Median(p99s)}, nil
}
