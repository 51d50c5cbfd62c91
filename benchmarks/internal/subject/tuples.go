// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package subject

import (
	"fmt"
	"math"

	"go.opentelemetry.io/collector/pdata/plog"
)

// Tuples writes records whose 2 labels are one of n tuples, into logs that are used again:
// making logs must not be what fills the heap.
type Tuples struct {
	logs          plog.Logs
	n             int
	first, second []string // values of 6 bytes
}

const (
	firstLabel  = "tenant"
	secondLabel = "route"
)

// NewTuples returns logs of size records, for n tuples, at most 10,000 x 10,000.
func NewTuples(size, n int) *Tuples {
	t := &Tuples{logs: plog.NewLogs(), n: n}
	for i := range int(math.Ceil(math.Sqrt(float64(n)))) {
		t.first = append(t.first, fmt.Sprintf("t-%04d", i))
		t.second = append(t.second, fmt.Sprintf("r-%04d", i))
	}
	rl := t.logs.ResourceLogs().AppendEmpty()
	rl.Resource().Attributes().PutStr("service.name", "shop")
	records := rl.ScopeLogs().AppendEmpty().LogRecords()
	records.EnsureCapacity(size)
	for range size {
		attributes := records.AppendEmpty().Attributes()
		attributes.PutStr(firstLabel, "")
		attributes.PutStr(secondLabel, "")
	}
	return t
}

// At gives the records the tuples from position first on, of an order in which neighbors
// are far apart. It returns the logs.
func (t *Tuples) At(first int) plog.Logs {
	const step = 7_368_787 // a prime, so that the order holds every tuple
	records := t.logs.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords()
	for i := range records.Len() {
		tuple := (first + i) % t.n * step % t.n
		attributes := records.At(i).Attributes()
		v, _ := attributes.Get(firstLabel)
		v.SetStr(t.first[tuple/len(t.second)])
		v, _ = attributes.Get(secondLabel)
		v.SetStr(t.second[tuple%len(t.second)])
	}
	return t.logs
}
