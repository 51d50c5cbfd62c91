// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package labels

// Tuple is a label tuple of a resource, as a batch saw it.
type Tuple struct {
	// Resource is the resource that the tuple belongs to.
	Resource *Resource
	// Hash is equal for equal tuples, in one process.
	Hash uint64
	// Text says all of the labels; List reads it.
	Text string
	// Truncated is how many of the label texts were cut.
	Truncated int
}

// Tuples are the label tuples of one batch, by ID. They hold no part of the batch and
// belong to one goroutine.
type Tuples struct {
	all []Tuple
	// ids are their IDs in a table, apart from the rest because each family reads them.
	ids       []uint32
	truncated bool
	bytes     int // of their texts, and of the keys of their resources
}

// All returns the tuples, by ID.
func (t *Tuples) All() []Tuple {
	return t.all
}

// Len returns how many tuples there are.
func (t *Tuples) Len() int {
	return len(t.all)
}

// Add adds a tuple, which must not be among them, and returns its ID.
func (t *Tuples) Add(tuple *Tuple) uint32 {
	t.all = append(t.all, *tuple)
	t.truncated = t.truncated || tuple.Truncated > 0
	t.bytes += len(tuple.Text) + len(tuple.Resource.Key)
	return uint32(len(t.all) - 1)
}

// Bite returns how many of the tuples may be handled under one hold of a lock: fewer than
// the constant Bite if their texts are long.
func (t *Tuples) Bite() int {
	if t.bytes == 0 {
		return Bite
	}
	return max(1, min(Bite, biteBytes*len(t.all)/t.bytes))
}

// Truncated reports whether a text of one of the tuples was cut.
func (t *Tuples) Truncated() bool {
	return t.truncated
}

// Known returns, by ID, the tuple's ID in the table that has resolved them, or NoID.
func (t *Tuples) Known() []uint32 {
	return t.ids
}

// Size returns roughly how many bytes of memory are kept for the next batch.
func (t *Tuples) Size() int {
	return cap(t.all)*48 + cap(t.ids)*4
}

// Reset empties the tuples for the next batch.
func (t *Tuples) Reset() {
	t.truncated, t.bytes = false, 0
	clear(t.all)
	t.all, t.ids = t.all[:0], t.ids[:0]
}
