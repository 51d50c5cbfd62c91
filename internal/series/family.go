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
	index      map[string]uint32 // the resource's number and the tuple's key -> slot
	identities []*identity       // by slot; only ever appended to
	values     accumulator
	starts     []pcommon.Timestamp
	changed    []bool // committed to since the last accepted emission
	overflow   uint32
	last       pcommon.Timestamp // the previous emission, or the component's start
	key        []byte
	recent     recent
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
	// Unsent is how many series now hold something unsent and did not before.
	Unsent int
}

// Commit folds a batch's delta into the family, under the limit.
func (f *Family) Commit(d *Delta, tuples *labels.Tuples) Committed {
	var c Committed
	if len(d.used) == 0 && len(d.huge) == 0 {
		return c
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	defer func() { f.recent = recent{} }() // it points into the batch
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
	if !f.changed[target] {
		f.changed[target] = true
		c.Unsent++
	}
	c.Matched += n
	c.Truncated += n * int64(tuple.Truncated)
	if target == f.overflow {
		c.Overflowed += n
	}
}

// slot returns the slot of the tuple's series, which it creates if the limit allows it;
// else that of the overflow series.
func (f *Family) slot(t *labels.Tuple) uint32 {
	res := f.resource(t.Resource)
	if res != nil {
		f.key = t.AppendKey(f.key[:0], res.number)
		if slot, ok := f.index[string(f.key)]; ok {
			return slot
		}
	}
	if f.def.Limit > 0 && len(f.index) >= f.def.Limit {
		if f.overflow == noSlot {
			f.overflow = f.create(overflowIdentity)
		}
		return f.overflow
	}
	if res == nil {
		res = f.resources.intern(t.Resource)
		f.recent = recent{t.Resource, res}
		f.key = t.AppendKey(f.key[:0], res.number)
	}
	slot := f.create(&identity{resource: res.Resource, attributes: t.Attributes})
	f.index[string(f.key)] = slot
	return slot
}

// recent remembers the last resource that was looked up: tuples of one resource follow
// each other, and its key may be long.
type recent struct {
	batch *labels.Resource
	known *interned
}

// resource returns the interned form of a batch's resource, or nil if no series has it.
func (f *Family) resource(r *labels.Resource) *interned {
	if f.recent.batch != r {
		f.recent = recent{r, f.resources.lookup(r)}
	}
	return f.recent.known
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

// resources interns resources, so that equal ones are one pointer and one number: a
// series' key need not repeat its resource. It holds no more resources than there are
// series. It is safe for concurrent use.
type resources struct {
	mu    sync.RWMutex
	byKey map[string]*interned
}

type interned struct {
	*labels.Resource
	number uint32
}

// lookup returns the interned resource, or nil if no series has it.
func (r *resources) lookup(res *labels.Resource) *interned {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.byKey[res.Key]
}

func (r *resources) intern(res *labels.Resource) *interned {
	r.mu.Lock()
	defer r.mu.Unlock()
	if known, ok := r.byKey[res.Key]; ok {
		return known
	}
	in := &interned{Resource: res, number: uint32(len(r.byKey))}
	r.byKey[res.Key] = in
	return in
}

// Store holds the families of one component.
type Store struct {
	families []*Family
}

// NewStore returns a store with one empty family for each definition.
func NewStore(defs []*Definition) *Store {
	s := &Store{}
	res := &resources{byKey: map[string]*interned{}}
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
