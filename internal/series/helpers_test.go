// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package series

import (
	"encoding/binary"
	"hash/maphash"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/labels"
)

var seed = maphash.MakeSeed()

// tupleOf returns the tuple of a resource whose labels have the given texts; "" is an
// absent label. It is put together here, and not read from records, because what is
// tested begins where batches end.
func tupleOf(r *labels.Resource, texts ...string) labels.Tuple {
	var text []byte
	for range texts {
		text = append(text, byte(labels.KindString))
	}
	for _, label := range texts {
		if label == "" {
			text = append(text, 0)
			continue
		}
		text = append(text, 1)
		text = binary.AppendUvarint(text, uint64(len(label)))
		text = append(text, label...)
	}
	return labels.Tuple{
		Resource: r,
		Hash:     maphash.Comparable(seed, [2]string{r.Key, string(text)}),
		Text:     string(text),
	}
}

func resourceOf(service string) *labels.Resource {
	return &labels.Resource{Key: service, Attributes: []labels.Attribute{{Name: "service.name", Text: service}}}
}

var shop = resourceOf("shop")

// newTable returns an empty table of tuples with the labels named.
func newTable(t testing.TB, names ...string) *labels.Table {
	t.Helper()
	defs := make([]labels.Definition, 0, len(names))
	for _, name := range names {
		defs = append(defs, labels.Definition{Name: name})
	}
	list, err := labels.NewList(defs)
	require.NoError(t, err)
	return labels.NewTable(list, labels.NewResources())
}

// newTestFamily returns an empty family whose tuples have the label user.
func newTestFamily(t testing.TB, def Definition) *Family {
	t.Helper()
	def.Name = "m"
	return NewFamily(&def, newTable(t, "user"))
}

// sample is one record: the text of its label, and its value.
type sample struct {
	user  string
	value float64
	time  pcommon.Timestamp
}

// commit commits one batch to f. What became unsent is left out of the result, for the
// tests that are not about it.
func commit(f *Family, samples ...sample) Committed {
	c := commitBatch(f, samples...)
	c.Unsent = 0
	return c
}

func commitBatch(f *Family, samples ...sample) Committed {
	return commitAt(f, 0, samples...)
}

// commitAt is commitBatch at a time of the monotonic clock.
func commitAt(f *Family, clock time.Duration, samples ...sample) Committed {
	d := NewDelta(f.Definition())
	ids := map[string]uint32{}
	var tuples []labels.Tuple
	for _, s := range samples {
		id, ok := ids[s.user]
		if !ok {
			id = uint32(len(tuples))
			ids[s.user] = id
			// With the hash by which the table finds it when it is released.
			tuples = append(tuples, f.table.List().Tuple(shop, tupleOf(shop, s.user).Text))
			d.Grow(len(tuples))
		}
		d.Add(Sample{Slot: id, Value: s.value, Time: s.time})
	}
	return commitDeltaAt(f, clock, d, tuples)
}

func commitDelta(f *Family, d *Delta, tuples []labels.Tuple) Committed {
	return commitDeltaAt(f, 0, d, tuples)
}

func commitDeltaAt(f *Family, clock time.Duration, d *Delta, tuples []labels.Tuple) Committed {
	var batch labels.Tuples
	for i := range tuples {
		batch.Add(&tuples[i])
	}
	f.table.Resolve(&batch)
	d.Seal()
	return f.Commit(d, &batch, TickOf(int64(clock)))
}

// numbered returns the tuples of the users from..to-1, and a delta that has counted each
// of them once.
func numbered(def *Definition, from, to int) ([]labels.Tuple, *Delta) {
	d := NewDelta(def)
	d.Grow(to - from)
	tuples := make([]labels.Tuple, 0, to-from)
	for i := range to - from {
		tuples = append(tuples, tupleOf(shop, strconv.Itoa(from+i)))
		d.Add(Sample{Slot: uint32(i), Value: 1, Time: 1})
	}
	return tuples, d
}

// emit takes a snapshot and returns its metric.
func emit(f *Family, now pcommon.Timestamp) pmetric.Metric {
	s := NewSnapshot(f)
	s.Take(Moment{Time: now})
	return write(s)
}

// write writes what is left of a snapshot.
func write(s *Snapshot) pmetric.Metric {
	m := pmetric.NewMetric()
	s.Describe(m)
	for _, ok := s.Next(); ok; _, ok = s.Next() {
		s.Points(func(p Point) { s.Write(p, m) })
	}
	return m
}

// values returns the points of a sum by label.
func values(m pmetric.Metric) map[string]float64 {
	found := map[string]float64{}
	for _, dp := range m.Sum().DataPoints().All() {
		user := "overflow"
		if v, ok := dp.Attributes().Get("user"); ok {
			user = v.Str()
		}
		found[user] = dp.DoubleValue() + float64(dp.IntValue())
	}
	return found
}
