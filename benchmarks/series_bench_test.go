// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package benchmarks_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/rules"
	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/subject"
)

// series is how many an engine holds here: as many as a cache does not.
const series = 200_000

// BenchmarkFlush measures emissions of all series.
func BenchmarkFlush(b *testing.B) {
	g, err := subject.NewGrown()
	require.NoError(b, err)
	g.Grow(subject.NewTuples(subject.GrowthBatch, series))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := g.Flush(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/series, "ns/series")
	require.NoError(b, g.Close())
}

// BenchmarkGrowth measures the birth of all series, in an engine that has none.
func BenchmarkGrowth(b *testing.B) {
	logs := subject.NewTuples(subject.GrowthBatch, series)
	b.ReportAllocs()
	for b.Loop() {
		g, err := subject.NewGrown()
		if err != nil {
			b.Fatal(err)
		}
		g.Grow(logs)
		b.StopTimer()
		if err := g.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
	perRecord(b, series)
}

// BenchmarkGoroutines measures two goroutines with batches of their own.
func BenchmarkGoroutines(b *testing.B) {
	first, second := newLoad(b, narrow, 1_000), newLoad(b, narrow, 1_000)
	b.Run("one engine", func(b *testing.B) {
		e, err := subject.NewEngine(first, rules.Base())
		require.NoError(b, err)
		together(b, e, e.Beside(second))
		require.NoError(b, e.Close())
	})
	b.Run("two engines", func(b *testing.B) {
		e, err := subject.NewEngine(first, rules.Base())
		require.NoError(b, err)
		f, err := subject.NewEngine(second, rules.Base())
		require.NoError(b, err)
		together(b, e, f)
		require.NoError(b, e.Close())
		require.NoError(b, f.Close())
	})
}

// together has both take a pass at the same time.
func together(b *testing.B, both ...*subject.Engine) {
	b.ReportAllocs()
	for b.Loop() {
		var running sync.WaitGroup
		for _, e := range both {
			running.Go(func() {
				if err := e.Pass(); err != nil {
					b.Error(err)
				}
			})
		}
		running.Wait()
	}
	perRecord(b, 2*records)
}
