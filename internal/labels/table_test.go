// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package labels

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
)

// wanter wants as many new tuples as it has room for, and remembers what it took.
type wanter struct {
	room  int
	taken map[uint32]bool
}

func (w *wanter) Wants(id uint32) bool { return w.room > 0 && !w.taken[id] }

func (w *wanter) Take(id uint32) {
	w.room--
	if w.taken == nil {
		w.taken = map[uint32]bool{}
	}
	w.taken[id] = true
}

// bareTuple is a tuple of one label with a hash of the test's choice.
func bareTuple(r *Resource, text string, hash uint64) Tuple {
	key := append([]byte{byte(KindString)}, appendLabel(nil, text)...)
	return Tuple{Resource: r, Hash: hash, Text: string(key)}
}

func newTable(t testing.TB) *Table {
	list, err := NewList([]Definition{{Name: "l"}})
	require.NoError(t, err)
	return NewTable(list, NewResources())
}

// batchOf returns a batch of these tuples, which the table has resolved, and all positions.
func batchOf(table *Table, tuples ...Tuple) (*Tuples, []uint32) {
	batch := new(Tuples)
	var all []uint32
	for i := range tuples {
		all = append(all, batch.Add(&tuples[i]))
	}
	table.Resolve(batch)
	return batch, all
}

// TestB13Table: tuples with one hash stay apart, by text and by resource, however many.
func TestB13Table(t *testing.T) {
	table := newTable(t)
	resources := []*Resource{{Key: "a"}, {Key: "b"}}
	const n = 2000
	var tuples []Tuple
	for i := range n {
		tuples = append(tuples, bareTuple(resources[i%2], fmt.Sprint("text", i/2), 7<<56|7))
	}
	for from := 0; from < n; from += Bite {
		batch, all := batchOf(table, tuples[from:min(from+Bite, n)]...)
		for _, id := range batch.Known() {
			require.EqualValues(t, NoID, id)
		}
		table.Intern(batch, all, &wanter{room: n})
	}
	require.Equal(t, n, table.Len())
	batch, _ := batchOf(table, tuples...)
	view := table.View()
	for i, id := range batch.Known() {
		require.EqualValues(t, i, id)
		require.Equal(t, tuples[i].Text, view.Text(id))
		require.Same(t, resources[i%2], view.Resource(id))
	}
	// As many parts, and as many probes, as there are hashes.
	other, _ := batchOf(table, bareTuple(resources[0], "text0", 8<<56|7), bareTuple(resources[0], "text0", 7<<56|8))
	assert.Equal(t, []uint32{NoID, NoID}, other.Known(), "a hash that is not the tuple's finds nothing")
}

// TestTableTakesWhatIsWanted: what is resolved, or refused by its taker, leaves nothing.
func TestTableTakesWhatIsWanted(t *testing.T) {
	table := newTable(t)
	shop := &Resource{Key: "shop"}
	tuples := []Tuple{bareTuple(shop, "a", 1), bareTuple(shop, "b", 2), bareTuple(shop, "c", 3)}
	for range 1000 {
		batchOf(table, tuples...)
	}
	assert.Zero(t, table.Len())
	assert.Empty(t, table.resources.byKey)

	batch, all := batchOf(table, tuples...)
	table.Intern(batch, all, &wanter{room: 2})
	assert.Equal(t, []uint32{0, 1, NoID}, batch.Known())
	assert.Equal(t, 2, table.Len())

	// Another batch of before finds what this one has brought.
	later, all := batchOf(newTable(t), tuples...)
	table.ResolveAgain(later, all)
	assert.Equal(t, []uint32{0, 1, NoID}, later.Known())
	table.Intern(later, all, &wanter{room: 1, taken: map[uint32]bool{0: true}})
	assert.Equal(t, []uint32{0, 1, NoID}, later.Known(), "1 took the room")
	assert.Equal(t, 2, table.Len())
}

// TestTableConcurrentSafe: batches that bring the same tuples at once get the same IDs,
// and views stay good while the table grows.
func TestTableConcurrentSafe(t *testing.T) {
	table := newTable(t)
	const goroutines, n = 4, 5000
	ids := make([][]uint32, goroutines)
	var wg sync.WaitGroup
	for g := range goroutines {
		ids[g] = make([]uint32, n)
		wg.Go(func() {
			for from := 0; from < n; from += 100 {
				var tuples []Tuple
				for i := from; i < from+100; i++ {
					text := fmt.Sprint("text", i)
					tuples = append(tuples, bareTuple(&Resource{Key: strconv.Itoa(i % 7)}, text, hashText(text)))
				}
				batch, all := batchOf(table, tuples...)
				table.Intern(batch, all, &wanter{room: 100})
				copy(ids[g][from:], batch.Known())
				view := table.View()
				for i, id := range batch.Known() {
					assert.Equal(t, tuples[i].Text, view.Text(id))
					assert.Equal(t, tuples[i].Resource.Key, view.Resource(id).Key)
				}
			}
		})
	}
	wg.Wait()
	assert.Equal(t, n, table.Len())
	for g := range goroutines {
		require.Equal(t, ids[0], ids[g])
	}
}

// TestArena: texts of every length are kept, also those that are larger than a page, and
// what is kept does not move.
func TestArena(t *testing.T) {
	var a arena
	var texts, kept []string
	var places []place
	for i := range 3000 {
		n := []int{0, 1, 10, 127, 128, 300, arenaOwn - 2, arenaOwn, arenaMax, 3 * arenaMax}[i%10]
		if n >= arenaOwn && i%100 > 10 {
			n = i % 50
		}
		texts = append(texts, strings.Repeat(string(rune('a'+i%26)), n))
		places = append(places, a.add(texts[i]))
		kept = append(kept, textAt(a.pages, places[i]))
	}
	for i, text := range texts {
		require.Equal(t, text, textAt(a.pages, places[i]))
		require.Equal(t, text, kept[i])
	}
	var small arena
	small.add("x")
	assert.Len(t, small.pages[0], arenaMin, "a small table stays small")
}

// TestPutTo: labels come back with the types that they were born with.
func TestPutTo(t *testing.T) {
	list, err := NewList([]Definition{{Name: "s"}, {Name: "i"}, {Name: "none"}, {Name: "d"}, {Name: "b"}, {Name: "cut"}})
	require.NoError(t, err)
	long := strings.Repeat("1", MaxText)
	text := string([]byte{byte(KindString), byte(KindInt), 0, byte(KindDouble), byte(KindBool), byte(KindInt)})
	for _, label := range []string{"5", "-9223372036854775808", "", "1e-7", "true", long} {
		text = string(appendLabel([]byte(text), label))
	}
	m := pcommon.NewMap()
	list.PutTo(m, text)
	assert.Equal(t, map[string]any{
		"s": "5", "i": int64(-9223372036854775808), "d": 1e-7, "b": true, "cut": long, // no int64
	}, m.AsRaw())
	assert.GreaterOrEqual(t, list.Size(text), len(text))
}
