// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package labels

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestTableRelease: whatever comes and goes, and in whichever order, the table holds what a
// map would, and finds it.
func TestTableRelease(t *testing.T) {
	for _, hashes := range []uint64{1, 3, 1 << 62} { // as many different ones
		t.Run(fmt.Sprint(hashes, " hashes"), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(hashes, 1))
			table := newTable(t)
			own := table.hash
			table.hash = func(r *Resource, text string) uint64 { return own(r, text) % hashes }
			resources := []*Resource{{Key: "a"}, {Key: "b"}, {Key: "c"}}
			type kept struct {
				id   uint32
				refs int
			}
			model := map[string]*kept{}
			texts := map[uint32]string{}
			for range 6_000 {
				n := rng.IntN(400)
				r := resources[n%3]
				text := string(byte(KindString)) + string(appendLabel(nil, strings.Repeat(fmt.Sprint(n, "."), 1+n)))
				tuple := Tuple{Resource: r, Text: text, Hash: table.hash(r, text)}
				k := model[text]
				batch, at := batchOf(table, tuple)
				if k == nil {
					require.EqualValues(t, NoID, batch.Known()[0])
				} else {
					require.Equal(t, k.id, batch.Known()[0])
				}
				switch {
				case rng.IntN(2) == 0:
					table.Intern(batch, at, &wanter{room: 1})
					id := batch.Known()[0]
					if k == nil {
						require.NotContains(t, texts, id, "two tuples have one ID")
						k = &kept{id: id}
						model[text], texts[id] = k, text
					}
					k.refs++
				case k != nil:
					table.Release([]uint32{k.id})
					if k.refs--; k.refs == 0 {
						delete(model, text)
						delete(texts, k.id)
					}
				}
				if rng.IntN(500) == 0 {
					compact(table)
				}
			}
			require.Equal(t, len(model), table.Len())
			view := table.View()
			for id, text := range texts {
				require.Equal(t, text, view.Text(id))
			}
			for _, k := range model {
				for range k.refs {
					table.Release([]uint32{k.id})
				}
			}
			assert.Zero(t, table.Len())
			assert.Empty(t, table.resources.byKey)
			assert.Zero(t, table.texts.used)
			for i := range table.index {
				require.Zero(t, table.index[i].n)
			}
			assert.LessOrEqual(t, int(table.n), 400, "IDs are given out again")
			assert.LessOrEqual(t, int(table.resources.n), 3, "numbers are given out again")
		})
	}
}

func compact(t *Table) {
	for from := t.Compact(0); from != 0; {
		from = t.Compact(from)
	}
}

// TestCompact: a few texts that stay, each among many that went, do not keep the memory of
// those.
func TestCompact(t *testing.T) {
	table := newTable(t)
	shop := &Resource{Key: "shop"}
	var stay []string
	for round := range 200 {
		var gone []uint32
		for i := range 100 {
			text := string(byte(KindString)) + string(appendLabel(nil, fmt.Sprint(round, ".", i, strings.Repeat("x", 1000))))
			tuple := table.list.Tuple(shop, text)
			batch, at := batchOf(table, tuple)
			table.Intern(batch, at, &wanter{room: 1})
			if i == 0 {
				stay = append(stay, text)
			} else {
				gone = append(gone, batch.Known()[0])
			}
		}
		table.Release(gone)
		compact(table)
		require.LessOrEqual(t, table.texts.total, 2*table.texts.used+arenaSlack+arenaMax)
	}
	for _, text := range stay {
		batch, _ := batchOf(table, table.list.Tuple(shop, text))
		view := table.View()
		assert.Equal(t, text, view.Text(batch.Known()[0]))
	}
}
