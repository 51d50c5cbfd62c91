// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package subject

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/data"
	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/rules"
)

var kinds = []Kind{
	WalkKind, OTTLKind, AnnotationMetricsKind, SignalToMetricsKind, CountKind, EngineKind, SilentEngineKind,
}

func load(t *testing.T, size int) Load {
	set, err := data.New(data.Shape{Records: 1000, Attributes: data.Narrow, Resources: 3, Shuffled: true})
	require.NoError(t, err)
	l, err := NewLoad(set, size)
	require.NoError(t, err)
	return l
}

// Every subject derives what the rules say, whichever rules and however the records are
// cut: peers and this component are asked the same question.
func TestSubjectsAgreeWithTheTruth(t *testing.T) {
	for _, set := range []rules.Set{
		rules.Base(), rules.One(), rules.Nothing(), rules.Everything(), rules.Distinct(), rules.ManyShared(7),
		rules.ManyDistinct(100), rules.Uncompilable(), rules.UncompilableBehind(),
	} {
		for _, kind := range kinds {
			t.Run(set.Name+"/"+kind.Name, func(t *testing.T) {
				s, err := kind.New(load(t, 300), set)
				require.NoError(t, err)
				require.NoError(t, s.Pass())
				require.NoError(t, s.Pass())
				assert.NoError(t, s.Close())
			})
		}
	}
	t.Run("histograms", func(t *testing.T) {
		for _, kind := range []Kind{AnnotationMetricsKind, SignalToMetricsKind} {
			s, err := kind.New(load(t, 1), rules.Histograms())
			require.NoError(t, err)
			require.NoError(t, s.Pass())
			assert.NoError(t, s.Close())
		}
	})
}

// A check that cannot fail would be none: one batch that a subject does not count shows
// in each of them.
func TestSubjectsNoticeWhatIsMissing(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind.Name, func(t *testing.T) {
			l := load(t, 100)
			s, err := kind.New(l, rules.Base())
			require.NoError(t, err)
			l.Batches[0] = l.Batches[1]
			require.NoError(t, s.Pass())
			assert.Error(t, s.Close())
		})
	}
}

func TestIdle(t *testing.T) {
	l := load(t, 100)
	i, err := NewIdle(l)
	require.NoError(t, err)
	require.NoError(t, i.Pass())
	i.records++
	assert.EqualError(t, i.Close(), "the number of records that came through must be 1000, found 1001")
}

// The stopwatch and the stages see the same time, and no other.
func TestWatched(t *testing.T) {
	for _, create := range []func(Load, rules.Set) (*Watched, error){NewWatchedEngine, NewWatchedDoor} {
		w, err := create(load(t, 100), rules.Base())
		require.NoError(t, err)
		share, err := w.Truth()
		require.NoError(t, err)
		assert.Greater(t, share, 0.2) // also with the race detector
		assert.NoError(t, w.Close())
	}
}

// Both of the engine's goroutines are in its totals.
func TestBeside(t *testing.T) {
	e, err := NewEngine(load(t, 100), rules.Base())
	require.NoError(t, err)
	other := e.Beside(load(t, 100))
	require.NoError(t, e.Pass())
	require.NoError(t, other.Pass())
	assert.NoError(t, e.Close())
}

func TestSeed(t *testing.T) {
	for _, kind := range []Kind{LockPerCallKind, AtomicPerCallKind} {
		s, err := kind.New(load(t, 100), rules.Set{})
		require.NoError(t, err)
		require.NoError(t, s.Pass())
		assert.NoError(t, s.Close())
	}
}

// The sets differ as their names say.
func TestTruth(t *testing.T) {
	set, err := data.New(data.Shape{Records: 10_000, Attributes: data.Narrow, Resources: 1})
	require.NoError(t, err)
	share := func(c rules.Count) float64 { return float64(c.Matched) / 10_000 }
	for _, c := range rules.Nothing().Truth(set) {
		assert.Zero(t, c.Matched)
	}
	for _, c := range rules.Everything().Truth(set) {
		assert.Equal(t, rules.Count{Metric: c.Metric, Matched: 10_000, Series: 99}, c)
	}
	for _, c := range rules.Distinct().Truth(set) {
		assert.Greater(t, share(c), 0.01)
		assert.Less(t, share(c), 0.999)
	}
	for _, c := range rules.ManyDistinct(100).Truth(set) {
		assert.Greater(t, share(c), 0.01)
		assert.Less(t, share(c), 0.999)
	}
	assert.Len(t, rules.Base().Conditions(), 4)
	assert.Len(t, rules.ManyDistinct(100).Conditions(), 100)
	for _, c := range rules.Uncompilable().Truth(set) {
		assert.Positive(t, c.Matched)
	}
	for _, c := range rules.UncompilableBehind().Truth(set) {
		assert.Positive(t, c.Matched)
	}
}

func TestUnique(t *testing.T) {
	set, err := data.New(data.Shape{Records: 10_000, Attributes: data.Narrow, Resources: 1, Unique: true})
	require.NoError(t, err)
	tuples := 0
	for _, c := range rules.Unique().Truth(set) {
		assert.Equal(t, c.Matched, int64(c.Series))
		tuples = max(tuples, c.Series)
	}
	assert.Greater(t, tuples, 5000)
}
