// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package labels

import "github.com/annotationmetrics/annotationmetricsprocessor/internal/hold"

const (
	// NoID stands for a tuple that a table does not hold.
	NoID = 1<<32 - 1
	// Bite is the most tuples that are handled under one hold of a lock, so that others
	// never wait for a whole batch: see Tuples.Bite.
	Bite = 512
	// biteBytes is about the most text that is read or copied meanwhile.
	biteBytes = 128 << 10
)

// Table holds the tuples of the series of all families that have one list and selector,
// and gives them dense IDs. Batches see it only when they are committed: what is refused
// leaves nothing in it. A tuple leaves the table with its last series, and its ID goes to
// the next new one. A tuple is equal to another if its resource and the texts of its
// labels are; the hash only finds it.
//
// It has no pointers per tuple, so that a million of them cost the garbage collector
// nothing. It is safe for concurrent use. A family's lock is taken before the table's,
// and the table's before that of Resources.
type Table struct {
	list      *List
	resources *Resources

	mu      hold.RWMutex
	index   index
	texts   arena
	entries column[entry] // by ID
	n       uint32        // IDs that there are
	free    []uint32      // those of them that no tuple has

	hash func(*Resource, string) uint64 // that of List.Tuple, but in tests that force collisions
}

// entry is what a table knows of a tuple.
type entry struct {
	text     place
	resource uint32 // its number
	refs     uint32 // how many series have the tuple
}

// NewTable returns an empty table for tuples of list.
func NewTable(list *List, resources *Resources) *Table {
	t := &Table{list: list, resources: resources}
	t.hash = func(r *Resource, text string) uint64 { return t.list.Tuple(r, text).Hash }
	return t
}

// List returns the labels that the tuples are of.
func (t *Table) List() *List {
	return t.list
}

// Len returns how many tuples there are.
func (t *Table) Len() int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return int(t.n) - len(t.free)
}

// Resolve finds out which of a batch's tuples the table holds: see Tuples.Known.
func (t *Table) Resolve(tuples *Tuples) {
	var last lookup
	bite := tuples.Bite()
	for from := 0; from < len(tuples.all); from += bite {
		t.mu.RLock()
		for i := range tuples.all[from:min(from+bite, len(tuples.all))] {
			tuples.ids = append(tuples.ids, t.find(&tuples.all[from+i], &last))
		}
		t.mu.RUnlock()
	}
}

// ResolveAgain finds out which of a batch's tuples, by their positions at, at most Bite,
// other batches have brought since they were resolved.
func (t *Table) ResolveAgain(tuples *Tuples, at []uint32) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	var last lookup
	for _, i := range at {
		tuples.ids[i] = t.find(&tuples.all[i], &last)
	}
}

// Taker decides which tuples a table is to hold.
type Taker interface {
	// Wants is asked about a tuple with its ID, or with NoID if the table does not hold it.
	Wants(id uint32) bool
	// Take tells the ID of a tuple that was wanted, before Wants is asked about another. The
	// table holds it until Release has been called for it as often as Take.
	Take(id uint32)
}

// Intern resolves a batch's tuples again, by their positions at, at most Bite, and makes
// the table hold those that taker wants. It calls taker with the table locked.
func (t *Table) Intern(tuples *Tuples, at []uint32, taker Taker) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var last lookup
	for _, i := range at {
		tuple := &tuples.all[i]
		id := t.find(tuple, &last)
		if taker.Wants(id) {
			if id == NoID {
				id = t.add(tuple, &last)
			}
			t.entries.at(id).refs++
			taker.Take(id)
		}
		tuples.ids[i] = id
	}
}

func (t *Table) find(tuple *Tuple, last *lookup) uint32 {
	number := last.of(t.resources, tuple.Resource)
	p := t.index.part(tuple.Hash)
	if number == noNumber || p.n == 0 {
		return NoID
	}
	key := t.list.Key(tuple.Text)
	for at := p.start(tuple.Hash); p.slots[at] != 0; at = p.next(at) {
		slot := p.slots[at]
		if !slot.matches(tuple.Hash) {
			continue
		}
		e := t.entries.at(slot.id())
		if e.resource == number && t.list.Key(textAt(t.texts.pages, e.text)) == key {
			return slot.id()
		}
	}
	return NoID
}

func (t *Table) add(tuple *Tuple, last *lookup) uint32 {
	*last = lookup{tuple.Resource, t.resources.intern(tuple.Resource)}
	var id uint32
	if n := len(t.free); n > 0 {
		id, t.free = t.free[n-1], t.free[:n-1]
	} else {
		id = t.n
		t.n++
		t.entries.grow(t.n)
	}
	*t.entries.at(id) = entry{text: t.texts.add(tuple.Text), resource: last.number}
	t.index.part(tuple.Hash).add(tuple.Hash, id)
	return id
}

// Keep returns the ID of a tuple, which the table holds from now on until Release has been
// called for it as often as Keep and Take have been.
func (t *Table) Keep(tuple *Tuple) uint32 {
	t.mu.Lock()
	defer t.mu.Unlock()
	var last lookup
	id := t.find(tuple, &last)
	if id == NoID {
		id = t.add(tuple, &last)
	}
	t.entries.at(id).refs++
	return id
}

// Release takes back tuples that series had, at most Bite. No batch may be between its
// Resolve and the last use of what that found.
func (t *Table) Release(ids []uint32) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, id := range ids {
		e := t.entries.at(id)
		if e.refs--; e.refs > 0 {
			continue
		}
		hash := t.hash(t.resources.at(e.resource), textAt(t.texts.pages, e.text))
		t.index.part(hash).remove(hash, id)
		t.resources.release(e.resource)
		t.texts.drop(e.text)
		t.free = append(t.free, id)
	}
}

// Compact moves texts together, if more than half of their memory is that of tuples which
// have been released. It takes steps, since others wait meanwhile: it moves the texts of some
// tuples, from the one with this ID on, and returns where to go on, or 0 at the end.
func (t *Table) Compact(from uint32) uint32 {
	t.mu.Lock()
	defer t.mu.Unlock()
	if from == 0 && !t.texts.begin() {
		return 0
	}
	for id := from; id < min(t.n, from+pageSize); id++ {
		if e := t.entries.at(id); e.refs > 0 {
			e.text = t.texts.move(e.text)
		}
	}
	if from+pageSize < t.n {
		return from + pageSize
	}
	return 0
}

// View is what a table holds at one time, to be read without its lock, until the next call
// of Release or Compact.
type View struct {
	entries   column[entry]
	texts     [][]byte
	resources column[*Resource]
}

// View returns a view of the table.
func (t *Table) View() View {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return View{entries: t.entries, texts: t.texts.pages, resources: t.resources.view()}
}

// Text returns the tuple's text. The string stays valid.
func (v *View) Text(id uint32) string {
	return textAt(v.texts, v.entries.at(id).text)
}

// Resource returns the tuple's resource. Equal resources are one pointer.
func (v *View) Resource(id uint32) *Resource {
	return *v.resources.at(v.entries.at(id).resource)
}
