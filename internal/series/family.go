// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package series

import (
	"math"
	"sync"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/labels"
)

// OverflowAttribute is the only label of the series that takes what exceeds the limit,
// as the OpenTelemetry metrics SDK specification names it ("Overflow attribute").
const OverflowAttribute = "otel.metric.overflow"

// overflowIdentity is the identity of every family's overflow series.
var overflowIdentity = &identity{
	resource:   &labels.Resource{},
	attributes: []labels.Attribute{{Name: OverflowAttribute, Text: "true", Kind: labels.KindBool, Number: 1}},
}

// noSlot stands for a series that does not exist.
const noSlot = math.MaxUint32

// identity is what tells a series from the others of its family.
type identity struct {
	resource   *labels.Resource
	attributes []labels.Attribute
}

func (id *identity) putTo(m pcommon.Map) {
	m.EnsureCapacity(len(id.attributes))
	for _, a := range id.attributes {
		a.PutTo(m)
	}
}

// Family holds the series of one annotation. It is safe for concurrent use.
type Family struct {
	def       *Definition
	resources *resources

	mu         sync.Mutex
	index      map[string]uint32 // the key of a tuple and its resource -> slot
	identities []*identity       // by slot; only ever appended to
	values     accumulator
	starts     []pcommon.Timestamp
	changed    []bool // committed to since the last accepted emission
	overflow   uint32
	last       pcommon.Timestamp // the previous emission, or the component's start
	key        []byte
}

func newFamily(def *Definition, res *resources) *Family {
	return &Family{
		def:       def,
		resources: res,
		index:     map[string]uint32{},
		values:    def.newAccumulator(),
		overflow:  noSlot,
	}
}

// Definition returns the family's metric. It is read-only.
func (f *Family) Definition() *Definition {
	return f.def
}

// Committed says what became of the samples of one delta.
type Committed struct {
	// Matched samples are in the metric, Invalid ones would have made a sum non-finite.
	Matched, Invalid int64
	// Overflowed of the matched samples went to the overflow series.
	Overflowed int64
	// Truncated is how many label texts of the matched samples were cut.
	Truncated int64
}

// Commit folds a batch's delta into the family, under the limit.
func (f *Family) Commit(d *Delta, tuples *labels.Tuples) Committed {
	var c Committed
	if len(d.used) == 0 && len(d.huge) == 0 {
		return c
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, id := range d.used {
		target := f.slot(tuples.Tuple(id))
		f.count(&c, target, tuples.Tuple(id), d.records[id], f.values.fold(target, d.values, id))
	}
	for _, s := range d.huge {
		tuple := tuples.Tuple(s.Slot)
		target := f.slot(tuple)
		s.Slot = target
		f.count(&c, target, tuple, 1, f.values.add(s))
	}
	return c
}

// count books n samples of tuple that were added to target, or were not.
func (f *Family) count(c *Committed, target uint32, tuple *labels.Tuple, n int64, added bool) {
	if !added {
		c.Invalid += n
		return
	}
	f.changed[target] = true
	c.Matched += n
	c.Truncated += n * int64(tuple.Truncated)
	if target == f.overflow {
		c.Overflowed += n
	}
}

// slot returns the slot of the tuple's series, which it creates if the limit allows it;
// else that of the overflow series.
func (f *Family) slot(t *labels.Tuple) uint32 {
	f.key = t.AppendKey(f.key[:0])
	if slot, ok := f.index[string(f.key)]; ok {
		return slot
	}
	if f.def.Limit > 0 && len(f.index) >= f.def.Limit {
		if f.overflow == noSlot {
			f.overflow = f.create(overflowIdentity)
		}
		return f.overflow
	}
	slot := f.create(&identity{resource: f.resources.intern(t.Resource), attributes: t.Attributes})
	f.index[string(f.key)] = slot
	return slot
}

func (f *Family) create(id *identity) uint32 {
	n := len(f.identities)
	f.identities = append(f.identities, id)
	f.values.grow(n + 1)
	f.starts = append(f.starts, f.last)
	f.changed = append(f.changed, false)
	return uint32(n)
}

// Series returns how many series there are, without the overflow series.
func (f *Family) Series() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.index)
}

// Unsent returns how many series hold something that no accepted emission has shown.
func (f *Family) Unsent() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, changed := range f.changed {
		if changed {
			n++
		}
	}
	return n
}

// MarkUnsent says that the points of these slots, from a snapshot, were not accepted and
// will not be sent again.
func (f *Family) MarkUnsent(slots []uint32) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, slot := range slots {
		f.changed[slot] = true
	}
}

// resources interns resources, so that equal ones are one pointer. It holds no more
// resources than there are series. It is safe for concurrent use.
type resources struct {
	mu    sync.Mutex
	byKey map[string]*labels.Resource
}

func (r *resources) intern(res *labels.Resource) *labels.Resource {
	r.mu.Lock()
	defer r.mu.Unlock()
	if known, ok := r.byKey[res.Key]; ok {
		return known
	}
	r.byKey[res.Key] = res
	return res
}

// Store holds the families of one component.
type Store struct {
	families []*Family
}

// NewStore returns a store with one empty family for each definition.
func NewStore(defs []*Definition) *Store {
	s := &Store{}
	res := &resources{byKey: map[string]*labels.Resource{}}
	for _, def := range defs {
		s.families = append(s.families, newFamily(def, res))
	}
	return s
}

// Families returns the families, in the order of their definitions.
func (s *Store) Families() []*Family {
	return s.families
}

// Start sets the time at which cumulative series of before the first emission start.
func (s *Store) Start(t pcommon.Timestamp) {
	for _, f := range s.families {
		f.mu.Lock()
		f.last = t
		f.mu.Unlock()
	}
}

// Unsent returns how many series hold something that no accepted emission has shown.
func (s *Store) Unsent() int {
	n := 0
	for _, f := range s.families {
		n += f.Unsent()
	}
	return n
}
