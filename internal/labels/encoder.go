// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package labels

import (
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/columns"
)

// Encoder gives the label tuples of the records of a batch dense IDs, from 0 on, in the
// order in which they appear. A tuple is put into words when it is first seen; from then
// on, over many batches, it is found by the codes of its resource and labels. An Encoder
// owns its memory and belongs to one goroutine.
type Encoder struct {
	list         *List
	resources    *ResourceDictionary
	dictionaries []*Dictionary // by label
	fallbacks    []uint32      // by label: the code of its default, or noCode

	// steps go from a resource's code through each label's to the tuple: step k gives the
	// pair of what comes before label k and the label's code an ID.
	steps  []pairs
	tuples []Tuple // by the ID of the last step
	// marks holds, by tuple, the batch that had it last and the tuple's ID in that batch.
	marks []mark
	batch uint32
	size  int // roughly the bytes of the tuples
	key   []byte

	// Of the chunk that was read last.

	// IDs holds the ID of each record in Rows.
	IDs [columns.Size]uint32
	// Rows are the records that have a tuple.
	Rows columns.Set
	// Failed are those with a label expression that failed, and Missing those without a
	// required label.
	Failed, Missing columns.Set
	// Err is the error of one of the failed.
	Err error
}

type mark struct {
	batch, id uint32
}

// NewEncoder returns an encoder for the tuples of list, whose labels dictionaries hold in
// the list's order, over the resources that resources tells apart.
func NewEncoder(list *List, resources *ResourceDictionary, dictionaries []*Dictionary) *Encoder {
	e := &Encoder{list: list, resources: resources, dictionaries: dictionaries}
	for k, d := range dictionaries {
		e.steps = append(e.steps, newPairs())
		code := uint32(noCode)
		if fallback := list.labels[k].fallback; fallback != nil {
			code = d.codeOf(fallback.encoded)
		}
		e.fallbacks = append(e.fallbacks, code)
	}
	return e
}

// Size returns roughly how many bytes the encoder keeps for the next batch.
func (e *Encoder) Size() int {
	n := e.size + cap(e.key)
	for k := range e.steps {
		n += e.steps[k].size()
	}
	return n
}

// Release lets go of the batch that was read, and of what was wrong in it.
func (e *Encoder) Release() {
	e.Err = nil
}

// Begin starts a new batch.
func (e *Encoder) Begin() {
	if e.batch++; e.batch == 0 { // after 2^32 batches
		clear(e.marks)
		e.batch = 1
	}
}

// Read gives the wanted records of chunk their IDs in to, the tuples of the batch. The
// dictionaries and resources must have read the chunk.
func (e *Encoder) Read(chunk *columns.Chunk, wanted *columns.Set, to *Tuples) {
	e.Rows, e.Failed, e.Missing, e.Err = *wanted, columns.Set{}, columns.Set{}, nil
	for k, d := range e.dictionaries {
		if failed := wanted.And(&d.failed); !failed.IsEmpty() {
			e.Failed.Union(&failed)
			e.Err = d.err
		}
		if l := &e.list.labels[k]; l.required && l.fallback == nil {
			for i := range e.Rows.All() {
				if d.codes[i] == noCode {
					e.Missing.Add(i)
				}
			}
		}
	}
	e.Missing = e.Missing.Without(&e.Failed)
	e.Rows = e.Rows.Without(&e.Failed)
	e.Rows = e.Rows.Without(&e.Missing)

	ids := &e.IDs
	for k, run := range chunk.Runs() {
		code := e.resources.codes[k]
		for i := run.Start; i < run.End; i++ {
			ids[i] = code
		}
	}
	for k := range e.steps {
		step, codes, fallback := &e.steps[k], &e.dictionaries[k].codes, e.fallbacks[k]
		for i := range e.Rows.All() {
			code := codes[i]
			if code == noCode {
				code = fallback
			}
			id := step.quick(ids[i], code)
			if id == 0 {
				id = step.find(ids[i], code) + 1
			}
			ids[i] = id - 1
		}
	}
	for i := range e.Rows.All() {
		id := ids[i]
		if int(id) >= len(e.marks) || e.marks[id].batch != e.batch {
			e.enter(id, chunk, i, to)
		}
		ids[i] = e.marks[id].id
	}
}

// enter gives the tuple of record i its ID in the batch.
func (e *Encoder) enter(id uint32, chunk *columns.Chunk, i int, to *Tuples) {
	for int(id) >= len(e.tuples) {
		e.tuples = append(e.tuples, Tuple{})
		e.marks = append(e.marks, mark{})
	}
	t := &e.tuples[id]
	if t.Resource == nil {
		e.learn(t, e.resources.of(chunk, i), i)
	}
	for k := range e.dictionaries {
		// The types are those of the record that the tuple comes with in this batch, not of
		// one in a batch before, which may have been refused.
		if kind := e.kind(k, i); t.Text[k] != byte(kind) {
			text := []byte(t.Text)
			text[k] = byte(kind)
			t.Text = string(text)
		}
	}
	e.marks[id] = mark{batch: e.batch, id: to.Add(t)}
}

// learn puts the tuple of record i into words.
func (e *Encoder) learn(t *Tuple, r *Resource, i int) {
	t.Resource = r
	e.key = e.key[:0]
	for k := range e.dictionaries {
		e.key = append(e.key, byte(e.kind(k, i)))
	}
	for k, d := range e.dictionaries {
		l := &d.labels[e.code(k, i)]
		e.key = appendLabel(e.key, l.text)
		if l.cut {
			t.Truncated++
		}
	}
	t.Text = string(e.key)
	t.Hash = e.list.Tuple(r, t.Text).Hash
	e.size += len(t.Text) + 96
}

// code returns the code of label k of record i.
func (e *Encoder) code(k, i int) uint32 {
	if code := e.dictionaries[k].codes[i]; code != noCode {
		return code
	}
	return e.fallbacks[k]
}

// kind returns the type of label k of record i.
func (e *Encoder) kind(k, i int) Kind {
	switch {
	case e.dictionaries[k].codes[i] != noCode:
		return e.dictionaries[k].kinds[i]
	case e.fallbacks[k] != noCode:
		return e.list.labels[k].fallback.kind
	}
	return KindString
}
