// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package labels

import "github.com/annotationmetrics/annotationmetricsprocessor/internal/hold"

// noNumber stands for a resource that no series has.
const noNumber = NoID

// Resources interns the resources of all tables of a store, so that equal ones are one
// pointer and one number: a tuple need not repeat its resource. It holds no more
// resources than there are tuples in the tables. It is safe for concurrent use.
type Resources struct {
	mu    hold.RWMutex
	byKey map[string]uint32
	all   column[*Resource] // by number
}

// NewResources returns an empty Resources.
func NewResources() *Resources {
	return &Resources{byKey: map[string]uint32{}}
}

// lookup remembers the last resource whose number it was asked for: tuples of one
// resource follow each other, and its key may be long.
type lookup struct {
	resource *Resource
	number   uint32
}

// of returns the number of a resource, or noNumber.
func (l *lookup) of(r *Resources, res *Resource) uint32 {
	if l.resource != res {
		*l = lookup{res, r.number(res)}
	}
	return l.number
}

// number returns the number of a resource, or noNumber.
func (r *Resources) number(res *Resource) uint32 {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if number, ok := r.byKey[res.Key]; ok {
		return number
	}
	return noNumber
}

// intern returns the number of a resource, which from now on has one.
func (r *Resources) intern(res *Resource) uint32 {
	r.mu.Lock()
	defer r.mu.Unlock()
	number, ok := r.byKey[res.Key]
	if !ok {
		number = uint32(len(r.byKey))
		r.all.grow(number + 1)
		*r.all.at(number) = res
		r.byKey[res.Key] = number
	}
	return number
}

// view returns the resources by number, for those that have one now.
func (r *Resources) view() column[*Resource] {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.all
}
