// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package data

import (
	"fmt"
	"math/rand/v2"
	"strconv"
)

// Narrow and Wide are the numbers of attributes that a record may have.
const (
	Narrow = 8
	Wide   = 30
)

// Shape says what a set of records looks like.
type Shape struct {
	// Records in the set.
	Records int
	// Attributes of each record: Narrow or Wide.
	Attributes int
	// Shuffled gives the attributes of each record an order of their own. Without it all
	// records have the same.
	Shuffled bool
	// Resources that the records come from, one after the other.
	Resources int
	// Unique gives each record a pair of route and address of its own.
	Unique bool
}

// Set is a pinned set of records. It is read-only once made.
type Set struct {
	Shape
	Records []Record
}

// New returns the set of this shape.
func New(shape Shape) (*Set, error) {
	switch {
	case shape.Records < 1:
		return nil, fmt.Errorf("`Records` must be positive, found %d", shape.Records)
	case shape.Resources < 1 || shape.Resources > shape.Records:
		return nil, fmt.Errorf("`Resources` must be from 1 to the number of records, %d, found %d", shape.Records, shape.Resources)
	case shape.Attributes != Narrow && shape.Attributes != Wide:
		return nil, fmt.Errorf("`Attributes` must be %d or %d, found %d", Narrow, Wide, shape.Attributes)
	}
	// One generator for the records and one for their order: the values are the same in
	// every shape.
	rng, order := rand.New(rand.NewPCG(1, 158)), rand.New(rand.NewPCG(2, 158))
	s := &Set{Shape: shape, Records: make([]Record, shape.Records)}
	for i := range s.Records {
		r := &s.Records[i]
		*r = newRecord(rng)
		r.Resource = i * shape.Resources / shape.Records
		if shape.Unique {
			r.Route, r.Address = "/route/"+strconv.Itoa(i%100), "api-"+strconv.Itoa(i/100)+".example.com"
		}
		r.Attributes = r.attributes()
		if shape.Attributes == Wide {
			r.Attributes = widen(r.Attributes, i)
		}
		if shape.Shuffled {
			order.Shuffle(len(r.Attributes), func(a, b int) {
				r.Attributes[a], r.Attributes[b] = r.Attributes[b], r.Attributes[a]
			})
		}
	}
	return s, nil
}

// widen spreads the attributes among others that no rule reads, of all types.
func widen(narrow []Attribute, i int) []Attribute {
	wide := make([]Attribute, 0, Wide)
	for k := range Wide {
		if k%4 == 1 { // the 2nd, the 6th, and so on up to the 30th
			wide = append(wide, narrow[k/4])
			continue
		}
		key := "app.request.attribute." + strconv.Itoa(k)
		switch k % 3 {
		case 0:
			wide = append(wide, Attribute{key, "value-" + strconv.Itoa((i+k)%50)})
		case 1:
			wide = append(wide, Attribute{key, int64(i * k)})
		default:
			wide = append(wide, Attribute{key, float64(i+k) / 8})
		}
	}
	return wide
}
