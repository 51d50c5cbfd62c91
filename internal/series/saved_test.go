// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package series

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A series that is born between the beginning of an emission and the copy of its block is not
// sent, but it is saved: it may have been before.
func TestSavedWithWhatIsBornMeanwhile(t *testing.T) {
	for _, def := range []Definition{{}, {Delta: true}} {
		f := newTestFamily(t, def)
		commit(f, sample{user: "old"}, sample{user: "old"})
		s := NewSnapshot(f)
		s.Take(Moment{Time: 10, Saving: true})
		commit(f, sample{user: "new"})
		f.Dirty(Moment{Time: 10}, func(*Saved) {}) // kept while the consumer takes its time
		_, ok := s.Next()
		require.True(t, ok)
		saved := s.Saved()
		if def.Delta {
			require.NotNil(t, saved, "what was taken is not what was saved")
			assert.Equal(t, []uint64{0, 1}, saved.Values.Counts)
		} else {
			require.Nil(t, saved)
		}
		commit(f, sample{user: "new"}, sample{user: "old"})

		s.Take(Moment{Time: 20, Saving: true})
		commit(f, sample{user: "newest"})
		_, ok = s.Next()
		require.True(t, ok)
		saved = s.Saved()
		require.NotNil(t, saved)
		assert.Len(t, saved.Slots, 3)
		if def.Delta {
			assert.Equal(t, []uint64{0, 0, 1}, saved.Values.Counts)
		} else {
			assert.Equal(t, []uint64{3, 2, 1}, saved.Values.Counts)
		}
		points := 0
		s.Points(func(Point) { points++ })
		assert.Equal(t, 2, points)
	}
}

// A slot far above all others, as a hostile or a sparse record names it, moves down.
func TestRestoreSparse(t *testing.T) {
	def := Definition{Name: "m"}
	f := newTestFamily(t, def)
	commit(f, sample{user: "a"}, sample{user: "b"})
	var saved *Saved
	f.Dirty(Moment{Time: 10}, func(s *Saved) { saved = s })
	const far = 1 << 19
	saved.Block = far
	for i := range saved.Slots {
		saved.Slots[i] += far << blockBits
	}
	g := newTestFamily(t, def)
	done := g.Restore(saved, Geometry{Blocks: far + 1, Bits: blockBits}, Moment{Time: 11})
	assert.Equal(t, Restored{Series: 2, Moved: 2}, done)
	g.EndRestore(true)
	assert.Equal(t, 1, g.Geometry().Blocks)
	dirty := 0
	g.Dirty(Moment{Time: 12}, func(*Saved) { dirty++ })
	assert.Equal(t, 1, dirty)
	assert.Equal(t, map[string]float64{"a": 1, "b": 1}, values(emit(g, 20)))
}
