// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package labels

import "github.com/annotationmetrics/annotationmetricsprocessor/internal/hold"

// noNumber stands for a resource that no series has.
const noNumber = NoID

// Resources interns the resources of all tables of a store, so that equal ones are one
// pointer and one number: a tuple need not repeat its resource. It holds those that tuples
// in the tables have. It is safe for concurrent use.
type Resources struct {
	mu    hold.RWMutex
	byKey map[string]uint32
	all   column[*Resource] // by number
	refs  column[uint32]    // by number: how many tuples have it
	n     uint32            // numbers that there are
	free  []uint32          // those of them that no resource has
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

// intern returns the number of a resource for one more tuple.
func (r *Resources) intern(res *Resource) uint32 {
	r.mu.Lock()
	defer r.mu.Unlock()
	number, ok := r.byKey[res.Key]
	if !ok {
		if n := len(r.free); n > 0 {
			number, r.free = r.free[n-1], r.free[:n-1]
		} else {
			number = r.n
			r.n++
			r.all.grow(r.n)
			r.refs.grow(r.n)
		}
		*r.all.at(number) = res
		r.byKey[res.Key] = number
	}
	*r.refs.at(number)++
	return number
}

// release takes back the number that one tuple had. With the last one the resource is
// forgotten, and its number goes to the next new one.
func (r *Resources) release(number uint32) {
	r.mu.Lock()
	defer r.mu.Unlock()
	refs := r.refs.at(number)
	if *refs--; *refs > 0 {
		return
	}
	res := r.all.at(number)
	delete(r.byKey, (*res).Key)
	*res = nil
	r.free = append(r.free, number)
}

// at returns the resource with a number.
func (r *Resources) at(number uint32) *Resource {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return *r.all.at(number)
}

// view returns the resources by number, for those that have one now.
func (r *Resources) view() column[*Resource] {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.all
}
