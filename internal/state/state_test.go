// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package state

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/gob"
	"errors"
	"fmt"
	"hash/crc32"
	"maps"
	"math/rand/v2"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/extension/xextension/storage"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/labels"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/series"
)

// memory is a client that keeps everything in memory.
type memory struct {
	contents map[string][]byte
	fail     func() error           // nil: never
	failGet  func(key string) error // the same
	calls    int
}

func (m *memory) Get(ctx context.Context, key string) ([]byte, error) {
	if m.failGet != nil {
		if err := m.failGet(key); err != nil {
			return nil, err
		}
	}
	op := storage.GetOperation(key)
	err := m.Batch(ctx, op)
	return op.Value, err
}

func (m *memory) Set(ctx context.Context, key string, value []byte) error {
	return m.Batch(ctx, storage.SetOperation(key, value))
}

func (m *memory) Delete(ctx context.Context, key string) error {
	return m.Batch(ctx, storage.DeleteOperation(key))
}

func (m *memory) Close(context.Context) error { return nil }

func (m *memory) Batch(_ context.Context, ops ...*storage.Operation) error {
	m.calls++
	if m.fail != nil {
		if err := m.fail(); err != nil {
			return err
		}
	}
	for _, op := range ops {
		switch op.Type {
		case storage.Get:
			op.Value = m.contents[op.Key]
		case storage.Set:
			m.contents[op.Key] = op.Value
		case storage.Delete:
			delete(m.contents, op.Key)
		}
	}
	return nil
}

// life is a state of families, and what it says.
type life struct {
	*State
	families []*series.Family
	tables   []*labels.Table
	failures int
	statuses []error
	logs     *observer.ObservedLogs
}

func definitions() []series.Definition {
	return []series.Definition{
		{Name: "counter", InitialZero: true},
		{Name: "sum", Type: series.ValueCounter},
		{Name: "updown", Type: series.UpDownCounter},
		{Name: "gauge", Type: series.Gauge},
		{Name: "min", Type: series.MinGauge},
		{Name: "max", Type: series.MaxGauge},
		{Name: "histogram", Type: series.Histogram, Boundaries: []float64{1, 10}},
		{Name: "exponential", Type: series.ExponentialHistogram, MaxSize: 20},
		{Name: "delta", Delta: true},
		{Name: "delta.histogram", Type: series.Histogram, Boundaries: []float64{1, 10}, Delta: true},
	}
}

func begin(t testing.TB, client storage.Client, defs []series.Definition) *life {
	t.Helper()
	list, err := labels.NewList([]labels.Definition{{Name: "user"}})
	require.NoError(t, err)
	core, logs := observer.New(zapcore.InfoLevel)
	l := &life{logs: logs}
	set := Settings{
		Client: client, Writer: "new", Logger: zap.New(core), Restoring: zap.New(core),
		Failed: func() { l.failures++ }, Status: func(err error) { l.statuses = append(l.statuses, err) },
	}
	resources := labels.NewResources()
	for i := range defs {
		l.tables = append(l.tables, labels.NewTable(list, resources))
		f := series.NewFamily(&defs[i], l.tables[i])
		l.families = append(l.families, f)
		set.Annotations = append(set.Annotations, Annotation{Family: f, Identity: fmt.Sprint(defs[i].Type, defs[i].Delta)})
	}
	l.State = New(set)
	return l
}

// commit commits random values of some users of two shops to every family.
func (l *life) commit(r *rand.Rand, users int) {
	for k, f := range l.families {
		var tuples labels.Tuples
		d := series.NewDelta(f.Definition())
		d.Grow(users)
		for i := range users {
			text := strconv.Itoa(r.IntN(2 * users))
			shop := labels.NewResource([]labels.Attribute{{Name: "service.name", Text: strconv.Itoa(r.IntN(2)), Kind: labels.KindString}})
			key := append([]byte{byte(labels.KindInt), 1}, binary.AppendUvarint(nil, uint64(len(text)))...)
			tuple := l.tables[k].List().Tuple(shop, string(key)+text)
			tuples.Add(&tuple)
			d.Add(series.Sample{Slot: uint32(i), Value: float64(r.IntN(20)), Time: pcommon.Timestamp(r.IntN(100))})
		}
		l.tables[k].Resolve(&tuples)
		d.Seal()
		f.Commit(d, &tuples, 0)
	}
}

// emit returns what every family says at a time, as it is sent.
func (l *life) emit(t testing.TB, at pcommon.Timestamp) map[string]string {
	t.Helper()
	said := map[string]string{}
	for _, f := range l.families {
		s := series.NewSnapshot(f)
		s.Take(series.Moment{Time: at, Saving: true})
		for _, ok := s.Next(); ok; _, ok = s.Next() {
			if saved := s.Saved(); saved != nil {
				l.Save([]*series.Saved{saved})
			}
			s.Points(func(p series.Point) {
				md := pmetric.NewMetrics()
				m := md.ResourceMetrics().AppendEmpty().ScopeMetrics().AppendEmpty().Metrics().AppendEmpty()
				s.Describe(m)
				s.Write(p, m)
				text, err := (&pmetric.JSONMarshaler{}).MarshalMetrics(md)
				require.NoError(t, err)
				said[fmt.Sprintf("%s %d %v", f.Definition().Name, p.Slot, p.Resource.Attributes)] = string(text)
			})
		}
	}
	return said
}

func now() series.Moment { return series.Moment{Time: 1 << 50} }

func everything(int) bool { return true }

// What a life has saved, the next one goes on with: with equal points, and equal ones after
// the same records.
func TestRestore(t *testing.T) {
	for seed := range uint64(10) {
		r := rand.New(rand.NewPCG(seed, 1))
		client := &memory{contents: map[string][]byte{}}
		a := begin(t, client, definitions())
		_, _ = a.Restore(now())
		a.Begin(1 << 50)
		for range 1 + r.IntN(4) {
			a.commit(r, 1+r.IntN(40))
			if r.IntN(2) == 0 {
				a.emit(t, 1<<50+pcommon.Timestamp(r.IntN(1000)))
			}
			a.SaveDirty(now(), everything)
		}
		b := begin(t, client, definitions())
		last, payloads := b.Restore(now())
		require.EqualValues(t, 1<<50, last)
		require.Empty(t, payloads)
		require.Equal(t, "new", b.Writer())
		require.Zero(t, b.logs.FilterLevelExact(zap.WarnLevel).Len(), "%v", b.logs.All())
		if seed%2 == 0 {
			// New series of both start at one time.
			series.NewStore(a.families).Start(1<<50 + 2000)
			series.NewStore(b.families).Start(1<<50 + 2000)
			a.commit(rand.New(rand.NewPCG(seed, 2)), 20)
			b.commit(rand.New(rand.NewPCG(seed, 2)), 20)
		}
		want, got := a.emit(t, 1<<51), b.emit(t, 1<<51)
		require.Len(t, got, len(want))
		for series, point := range want {
			require.Equal(t, point, got[series])
		}
	}
}

// record returns a record of any value, well formed.
func record(t testing.TB, version byte, value any) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, gob.NewEncoder(&b).Encode(value))
	return seal(version, b.Bytes())
}

func seal(version byte, value []byte) []byte {
	r := make([]byte, prefix, prefix+len(value))
	r[0] = version
	binary.LittleEndian.PutUint32(r[1:], crc32.Checksum(value, crc32.MakeTable(crc32.Castagnoli)))
	return append(r, value...)
}

// The upgrade rule: fields may come and go, a newer version is refused.
func TestUpgradeRule(t *testing.T) {
	type fewer struct{ Time pcommon.Timestamp }
	type more struct {
		Time   pcommon.Timestamp
		Writer string
		Future map[string][]int
	}
	var h head
	require.NoError(t, decode(record(t, 1, fewer{7}), &h))
	assert.Equal(t, head{Time: 7}, h)
	h = head{}
	require.NoError(t, decode(record(t, 1, more{7, "w", map[string][]int{"a": {1}}}), &h))
	assert.Equal(t, head{Time: 7, Writer: "w"}, h)
	require.ErrorContains(t, decode(record(t, 2, fewer{7}), &h), "its format has version 2, this program knows versions up to 1")
	require.ErrorIs(t, decode(record(t, 0, fewer{7}), &h), errDamaged)
	good := record(t, 1, fewer{7})
	for i := range good {
		bad := bytes.Clone(good)
		bad[i] ^= 0x10
		require.Error(t, decode(bad, &h), "byte %d", i)
		require.ErrorIs(t, decode(good[:i], &h), errDamaged, "length %d", i)
	}
}

// A record that cannot be read costs what is in it, and nothing else.
func TestDamagedRecords(t *testing.T) {
	client := &memory{contents: map[string][]byte{}}
	a := begin(t, client, definitions()[:2])
	a.commit(rand.New(rand.NewPCG(1, 1)), 20)
	a.Begin(9)
	a.SaveDirty(now(), everything)
	_, ok := a.Save(nil, []byte("points"))
	require.True(t, ok)
	require.Len(t, client.contents, 4)
	for key := range client.contents {
		for _, damage := range [][]byte{{}, []byte("foreign"), record(t, 9, "newer"), record(t, 1, "another type"), client.contents[key][:20]} {
			spoiled := &memory{contents: maps.Clone(client.contents)}
			spoiled.contents[key] = damage
			b := begin(t, spoiled, definitions()[:2])
			_, payloads := b.Restore(now())
			require.Equal(t, 1, b.logs.FilterMessageSnippet("cannot be read").Len(), key)
			restored := 0
			for _, f := range b.families {
				if f.Series() > 0 {
					restored++
				}
			}
			switch key {
			case headKey:
				require.Zero(t, restored)
				require.Empty(t, payloads)
			case payloadKey(0):
				require.Equal(t, 2, restored)
				require.Empty(t, payloads)
			default:
				require.Equal(t, 1, restored)
				require.Len(t, payloads, 1)
			}
		}
	}
}

// What is left of blocks that could not be deleted is not taken for blocks of the next life.
func TestStaleBlocks(t *testing.T) {
	synctest.Test(t, testStaleBlocks)
}

func testStaleBlocks(t *testing.T) {
	client := &memory{contents: map[string][]byte{}}
	a := begin(t, client, definitions()[:1])
	a.commit(rand.New(rand.NewPCG(1, 1)), 20)
	a.Begin(9)
	a.SaveDirty(now(), everything)

	// The next life cannot read anything, and crashes after it has said which blocks it has.
	b := begin(t, client, definitions()[:1])
	client.fail = func() error { return errors.New("locked") }
	b.Restore(now())
	client.fail = nil
	b.commit(rand.New(rand.NewPCG(2, 2)), 1)
	b.Begin(10)

	c := begin(t, client, definitions()[:1])
	c.Restore(now())
	assert.Zero(t, c.families[0].Series())
}

// A failed save gives the numbers back, is counted, and reported once; then it works again.
func TestFailures(t *testing.T) {
	client := &memory{contents: map[string][]byte{}}
	l := begin(t, client, definitions()[:1])
	l.commit(rand.New(rand.NewPCG(1, 1)), 5)
	client.fail = func() error { return errors.New("full") }
	for range 3 {
		_, ok := l.Save(nil, []byte("points"))
		require.False(t, ok)
		require.False(t, l.SaveDirty(now(), everything))
	}
	assert.Equal(t, 6, l.failures)
	require.Len(t, l.statuses, 1)
	require.ErrorContains(t, l.statuses[0], "full")
	client.fail = nil
	require.True(t, l.SaveDirty(now(), everything))
	assert.Equal(t, []error{l.statuses[0], nil}, l.statuses)
	numbers, ok := l.Save(nil, []byte("points"))
	require.True(t, ok)
	assert.Equal(t, []uint64{0}, numbers)

	// What could not be deleted is deleted later.
	client.fail = func() error { return errors.New("full") }
	l.Drop(0)
	require.Contains(t, client.contents, payloadKey(0))
	client.fail = nil
	l.Begin(10)
	require.NotContains(t, client.contents, payloadKey(0))
}

// A storage that takes long to fail does not hold up every block.
func TestSlowFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := &memory{contents: map[string][]byte{}}
		l := begin(t, client, definitions())
		l.commit(rand.New(rand.NewPCG(1, 1)), 5)
		client.fail = func() error { time.Sleep(time.Second); return errors.New("locked") }
		start := time.Now()
		require.False(t, l.SaveDirty(now(), everything))
		assert.Equal(t, time.Second, time.Since(start))
		assert.Equal(t, 1, client.calls)
		time.Sleep(patience * time.Second)
		client.fail = nil
		require.True(t, l.SaveDirty(now(), everything))
	})
}

// A hostile storage can hold well-formed records of anything: nothing panics, and nothing
// takes much more memory than the records do.
func FuzzRestore(f *testing.F) {
	client := &memory{contents: map[string][]byte{}}
	a := begin(f, client, definitions())
	a.commit(rand.New(rand.NewPCG(1, 1)), 5)
	a.Begin(9)
	a.SaveDirty(now(), everything)
	a.Save(nil, []byte("points"))
	for i := range definitions() {
		f.Add(client.contents[headKey][prefix:], client.contents[blockKey(definitions()[i].Name, 0)][prefix:], uint8(i))
	}
	f.Fuzz(func(t *testing.T, head, block []byte, which uint8) {
		contents := maps.Clone(client.contents)
		contents[headKey] = seal(version, head)
		name := definitions()[int(which)%len(definitions())].Name
		for n := range 3 {
			contents[blockKey(name, n)] = seal(version, block)
		}
		b := begin(t, &memory{contents: contents}, definitions())
		b.Restore(now())
		for _, family := range b.families {
			require.Less(t, family.Geometry().Blocks, 100, "vacant slots take memory")
		}
		b.commit(rand.New(rand.NewPCG(1, 1)), 3)
		b.emit(t, 1<<51)
		b.SaveDirty(now(), everything)
	})
}
