// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"strconv"
	"strings"

	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/data"
)

// Rule derives one metric.
type Rule struct {
	Metric string
	Condition
	Labels []Label
	// Histogram makes the metric a histogram of the request's duration, with the usual
	// boundaries. Otherwise it is a counter of records.
	Histogram bool
}

// Condition selects records.
type Condition struct {
	Text  string // in OTTL
	Match func(*data.Record) bool
}

// and returns a condition that both must match.
func (c Condition) and(other Condition) Condition {
	return Condition{
		Text:  c.Text + " and " + other.Text,
		Match: func(r *data.Record) bool { return c.Match(r) && other.Match(r) },
	}
}

// Label is a record attribute under its own name.
type Label struct {
	Name    string
	Default string // none if empty
}

// Set is what one component is configured with.
type Set struct {
	Name  string
	Rules []Rule
}

// Conditions returns the distinct conditions.
func (s Set) Conditions() []Condition {
	var distinct []Condition
	seen := map[string]bool{}
	for _, r := range s.Rules {
		if !seen[r.Text] {
			seen[r.Text] = true
			distinct = append(distinct, r.Condition)
		}
	}
	return distinct
}

// Count is what a rule derives from a set of records.
type Count struct {
	Metric  string
	Matched int64 // records
	Series  int   // distinct label sets and resources among them
}

// Truth counts, for each rule, the records of set that match. It knows nothing of OTTL,
// of pdata and of any component.
func (s Set) Truth(set *data.Set) []Count {
	counts := make([]Count, len(s.Rules))
	for i, rule := range s.Rules {
		counts[i].Metric = rule.Metric
		series := map[string]bool{}
		for k := range set.Records {
			r := &set.Records[k]
			if !rule.Match(r) {
				continue
			}
			counts[i].Matched++
			series[rule.key(r)] = true
		}
		counts[i].Series = len(series)
	}
	return counts
}

// key returns what tells the record's series from others. No text among the data holds
// the separator.
func (r Rule) key(record *data.Record) string {
	var b strings.Builder
	b.WriteString(strconv.Itoa(record.Resource))
	for _, l := range r.Labels {
		b.WriteByte(0)
		b.WriteString(record.Text(l.Name))
	}
	return b.String()
}
