// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package series

import (
	"math"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/labels"
)

// Series are whole on both sides of every border of a block, for every type.
func TestBlockBorders(t *testing.T) {
	const block = 1 << blockBits
	for _, typ := range []Type{Counter, ValueCounter, Gauge, Histogram} {
		for _, n := range []int{1, block - 1, block, block + 1, 2*block + 1} {
			def := Definition{Type: typ, Boundaries: []float64{0, 1, 2}}
			f := newTestFamily(t, def)
			for range 2 {
				tuples, d := numbered(&def, 0, n)
				require.EqualValues(t, n, commitDelta(f, d, tuples).Matched)
			}
			m := emit(f, 1)
			users := map[string]bool{}
			for i := range n {
				var attributes pcommon.Map
				switch typ {
				case Gauge:
					dp := m.Gauge().DataPoints().At(i)
					require.InDelta(t, 1, dp.DoubleValue(), 0)
					attributes = dp.Attributes()
				case Histogram:
					dp := m.Histogram().DataPoints().At(i)
					require.Equal(t, []uint64{0, 2, 0, 0}, dp.BucketCounts().AsRaw())
					attributes = dp.Attributes()
				default:
					dp := m.Sum().DataPoints().At(i)
					require.InDelta(t, 2, dp.DoubleValue()+float64(dp.IntValue()), 0)
					attributes = dp.Attributes()
				}
				user, _ := attributes.Get("user")
				users[user.Str()] = true
			}
			assert.Len(t, users, n)
			assert.Equal(t, n, f.Series())
		}
	}
}

// A batch that meets old series, new ones and the limit in one bite: the bound is limit
// plus one, and the total is true, whatever share of the room is left.
func TestLimitWithinABite(t *testing.T) {
	for room := range 6 {
		def := Definition{Limit: 10}
		f := newTestFamily(t, def)
		tuples, d := numbered(&def, 0, 10-room)
		commitDelta(f, d, tuples)
		tuples, d = numbered(&def, 5, 15)
		c := commitDelta(f, d, tuples)
		assert.EqualValues(t, 10, c.Matched)
		assert.EqualValues(t, 5, c.Overflowed, "room for %d", room)
		assert.Equal(t, 10, f.Series())
		assert.Equal(t, 10, f.table.Len(), "what goes to the overflow series leaves no tuple")
		assert.Equal(t, uint32(11), f.n)
	}
}

// Families share a table: a tuple of both is there once, and one that only one of them
// has room for is there for that one.
func TestFamiliesShareATable(t *testing.T) {
	table := newTable(t, "user")
	one := NewFamily(&Definition{Name: "one", Limit: 3}, table)
	two := NewFamily(&Definition{Name: "two"}, table)
	tuples, d := numbered(one.def, 0, 5)
	var batch labels.Tuples
	for i := range tuples {
		batch.Add(&tuples[i])
	}
	table.Resolve(&batch)
	d.Seal()
	assert.Equal(t, Committed{Matched: 5, Overflowed: 2, Unsent: 4}, one.Commit(d, &batch, 0))
	assert.Equal(t, 3, table.Len())
	assert.Equal(t, Committed{Matched: 5, Unsent: 5}, two.Commit(d, &batch, 0), "the delta is as it was")
	assert.Equal(t, 5, table.Len())
	assert.Equal(t, Committed{Matched: 5, Overflowed: 2}, one.Commit(d, &batch, 0))
}

// While batches are committed snapshots are taken, block by block: nothing of a delta
// family is lost or doubled, and a cumulative one never goes back.
func TestSnapshotsWhileCommitsRun(t *testing.T) {
	for _, delta := range []bool{false, true} {
		def := Definition{Delta: delta}
		f := newTestFamily(t, def)
		const goroutines, batches, users = 3, 20, 1<<blockBits + 500
		var wg sync.WaitGroup
		for g := range goroutines {
			wg.Go(func() {
				for i := range batches {
					from := (g*7 + i*331) % (users - 600)
					tuples, d := numbered(&def, from, from+600)
					commitDelta(f, d, tuples)
				}
			})
		}
		done := make(chan struct{})
		go func() { wg.Wait(); close(done) }()
		var sum float64
		last := map[string]float64{}
		take := func(now pcommon.Timestamp) {
			for user, v := range values(emit(f, now)) {
				if delta {
					sum += v
					continue
				}
				if v < last[user] {
					t.Errorf("%s went back from %v to %v", user, last[user], v)
				}
				sum += v - last[user]
				last[user] = v
			}
		}
		for now := pcommon.Timestamp(1); ; now++ {
			take(now)
			select {
			case <-done:
			default:
				continue
			}
			take(now + 1)
			break
		}
		assert.InDelta(t, goroutines*batches*600, sum, 0)
		assert.Zero(t, f.Unsent())
	}
}

// Batches that bring the same new tuples at once make one series of each, under the limit.
func TestSameNewTuplesAtOnce(t *testing.T) {
	for range 20 {
		def := Definition{Limit: 150}
		f := newTestFamily(t, def)
		var wg sync.WaitGroup
		for g := range 4 {
			wg.Go(func() {
				tuples, d := numbered(&def, g*20, g*20+100)
				commitDelta(f, d, tuples)
			})
		}
		wg.Wait()
		assert.Equal(t, 150, f.Series())
		assert.Equal(t, 150, f.table.Len())
		var sum float64
		for _, v := range values(emit(f, 1)) {
			sum += v
		}
		assert.InDelta(t, 400, sum, 0)
	}
}

// Huge values of many tuples, each tried alone, cost no memory of their own.
func TestManyHugeValues(t *testing.T) {
	def := Definition{Type: ValueCounter}
	f := newTestFamily(t, def)
	const n = 20_000
	var tuples []labels.Tuple
	d := NewDelta(&def)
	d.Grow(n)
	for i := range n {
		tuples = append(tuples, tupleOf(shop, strconv.Itoa(i)))
		for range 2 {
			d.Add(Sample{Slot: uint32(i), Value: math.MaxFloat64})
		}
	}
	c := commitDelta(f, d, tuples)
	assert.Equal(t, Committed{Matched: n, Invalid: n, Unsent: n}, c)
}

// Long texts, and series of many buckets, are handled in small bites, and all of them.
func TestSmallBites(t *testing.T) {
	def := Definition{Type: Histogram, Boundaries: make([]float64, 5000)}
	for i := range def.Boundaries {
		def.Boundaries[i] = float64(i)
	}
	f := newTestFamily(t, def)
	var tuples []labels.Tuple
	var batch labels.Tuples
	d := NewDelta(&def)
	for i := range 100 {
		tuples = append(tuples, tupleOf(shop, strings.Repeat("x", 30_000)+strconv.Itoa(i)))
		batch.Add(&tuples[i])
		d.Grow(i + 1)
		d.Add(Sample{Slot: uint32(i), Value: 1})
	}
	assert.Equal(t, 4, batch.Bite())
	assert.EqualValues(t, 100, commitDelta(f, d, tuples).Matched)
	assert.Equal(t, 100, f.Series())
	var none labels.Tuples
	assert.Equal(t, labels.Bite, none.Bite())
}
