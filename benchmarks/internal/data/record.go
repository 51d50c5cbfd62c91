// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package data

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"

	"go.opentelemetry.io/collector/pdata/plog"
)

// The names of the attributes that every record has.
const (
	Method   = "http.request.method"
	Route    = "http.route"
	Status   = "http.response.status_code"
	Duration = "http.server.request.duration"
	Address  = "server.address"
	Size     = "http.response.body.size"
	Version  = "network.protocol.version"
	CacheHit = "cache.hit"
)

// Labels are the names of the attributes with few values, which are fit for labels.
var Labels = []string{Method, Route, Status, Address, Version, CacheHit}

// Record is a log record in plain Go: what a scenario's truth is counted from.
type Record struct {
	Resource int // its position among the resources
	Severity plog.SeverityNumber
	Method   string
	Route    string
	Status   int64
	Duration float64 // seconds
	Address  string
	Size     int64 // bytes
	Version  string
	CacheHit bool

	// Attributes are those above, and more in wide shapes, in the order of the record.
	Attributes []Attribute
}

// Attribute is a key and a value, which is a string, an int64, a float64 or a bool.
type Attribute struct {
	Key   string
	Value any
}

// Text returns the text of an attribute with one of the names in Labels.
func (r *Record) Text(name string) string {
	switch name {
	case Method:
		return r.Method
	case Route:
		return r.Route
	case Status:
		return strconv.FormatInt(r.Status, 10)
	case Address:
		return r.Address
	case Version:
		return r.Version
	case CacheHit:
		return strconv.FormatBool(r.CacheHit)
	}
	panic(fmt.Sprintf("%q is not in data.Labels", name))
}

// choice is a value and its share among choices.
type choice[T any] struct {
	value T
	share int
}

func choose[T any](rng *rand.Rand, choices []choice[T]) T {
	total := 0
	for _, c := range choices {
		total += c.share
	}
	n := rng.IntN(total)
	for _, c := range choices {
		if n < c.share {
			return c.value
		}
		n -= c.share
	}
	panic("unreachable: the shares sum to total")
}

var (
	methods  = []choice[string]{{"GET", 62}, {"POST", 20}, {"PUT", 8}, {"DELETE", 5}, {"HEAD", 5}}
	versions = []choice[string]{{"2", 70}, {"1.1", 30}}
	statuses = []choice[int64]{{200, 70}, {201, 8}, {204, 4}, {304, 5}, {400, 2}, {404, 6}, {500, 3}, {503, 2}}
	routes   = []string{
		"/api/v1/orders", "/api/v1/orders/{id}", "/api/v1/orders/{id}/items", "/api/v1/customers",
		"/api/v1/customers/{id}", "/api/v1/customers/{id}/addresses", "/api/v1/carts/{id}", "/api/v1/carts/{id}/items",
		"/api/v1/products", "/api/v1/products/{id}", "/api/v1/products/{id}/reviews", "/api/v1/search",
		"/api/v1/payments", "/api/v1/payments/{id}", "/login", "/logout", "/healthz", "/metrics", "/assets/{file}", "/",
	}
)

// newRecord draws a record without its attributes.
func newRecord(rng *rand.Rand) Record {
	r := Record{
		Method: choose(rng, methods),
		// The lesser of two, so that some routes have more requests than others.
		Route:    routes[min(rng.IntN(len(routes)), rng.IntN(len(routes)))],
		Status:   choose(rng, statuses),
		Duration: math.Round(rng.ExpFloat64()*0.12*1e6) / 1e6,
		Address:  "api-" + strconv.Itoa(1+rng.IntN(4)) + ".example.com",
		Size:     rng.Int64N(200_000),
		Version:  choose(rng, versions),
		CacheHit: rng.IntN(100) < 35,
	}
	switch {
	case r.Status >= 500:
		r.Severity = plog.SeverityNumberError
	case r.Status >= 400:
		r.Severity = plog.SeverityNumberWarn
	default:
		r.Severity = plog.SeverityNumberInfo
	}
	return r
}

// attributes returns the attributes that every record has.
func (r *Record) attributes() []Attribute {
	return []Attribute{
		{Method, r.Method},
		{Route, r.Route},
		{Status, r.Status},
		{Duration, r.Duration},
		{Address, r.Address},
		{Size, r.Size},
		{Version, r.Version},
		{CacheHit, r.CacheHit},
	}
}
