// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package columns

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// requireSet requires that s holds exactly what model does, by every way to ask.
func requireSet(t *testing.T, model map[int]bool, s Set) {
	t.Helper()
	sorted := slices.Sorted(maps.Keys(model))
	require.Equal(t, sorted, slices.Collect(s.All()))
	require.Equal(t, len(model), s.Len())
	for i := range Size {
		if model[i] != s.Has(i) { // a require for each is slow
			require.Equal(t, model[i], s.Has(i), "%d", i)
		}
	}
}

// TestSetProperty runs random operations on sets and on maps side by side.
func TestSetProperty(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	sets := make([]Set, 4)
	models := make([]map[int]bool, len(sets))
	for i := range models {
		models[i] = map[int]bool{}
	}
	for range 500 {
		a, b := random.IntN(len(sets)), random.IntN(len(sets))
		switch random.IntN(6) {
		case 0:
			n := random.IntN(Size + 1)
			sets[a] = First(n)
			models[a] = map[int]bool{}
			for i := range n {
				models[a][i] = true
			}
		case 1:
			sets[a].Union(&sets[b])
			maps.Copy(models[a], models[b])
		case 2:
			sets[a] = sets[a].Without(&sets[b])
			without := map[int]bool{}
			for i := range models[a] {
				if !models[b][i] {
					without[i] = true
				}
			}
			models[a] = without
		case 3:
			sets[a], models[a] = Set{}, map[int]bool{}
		default:
			for range 10 {
				i := random.IntN(Size)
				sets[a].Add(i)
				models[a][i] = true
			}
		}
		requireSet(t, models[a], sets[a])
		requireSet(t, models[b], sets[b])
	}
}

// TestFirst covers every length, since an error would sit at a word's border.
func TestFirst(t *testing.T) {
	for n := range Size + 1 {
		s := First(n)
		require.Equal(t, n, s.Len())
		require.False(t, n < Size && s.Has(n))
		require.True(t, n == 0 || s.Has(n-1))
	}
}

// TestSetAllStops: a loop over a set may end early.
func TestSetAllStops(t *testing.T) {
	s := First(Size)
	var seen []int
	for i := range s.All() {
		seen = append(seen, i)
		if i == 130 {
			break
		}
	}
	assert.Len(t, seen, 131)
}
