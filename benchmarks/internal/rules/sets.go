// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"fmt"
	"net/http"

	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/data"
)

// The list of labels that shared rules have, and the one whose tuple is another one for
// each record of a data set that is Unique.
var (
	oneList    = []Label{{Name: data.Route}, {Name: data.Method}}
	uniqueList = []Label{{Name: data.Route}, {Name: data.Address}}
)

// mostMatch are four conditions as rules for rates and latencies have them, which leave a
// part out: they match between 54% and 95% of the records, 81% on average.
func mostMatch() []Condition {
	return []Condition{
		statusBelow(500),
		fasterThan(250),
		belowWarn(),
		methodIs(http.MethodGet).and(statusBelow(400)),
	}
}

// someMatch are four conditions as rules for errors have them: they match between 5% and
// 54% of the records, 21% on average.
func someMatch() []Condition {
	return []Condition{
		statusAtLeast(500),
		slowerThan(250),
		warnOrWorse(),
		methodIs(http.MethodGet).and(statusBelow(400)),
	}
}

// shared returns n rules that take turns with the conditions and share one list.
func shared(name string, n int, conditions []Condition, list []Label) Set {
	s := Set{Name: name}
	for i := range n {
		s.Rules = append(s.Rules, Rule{Metric: metric(i), Condition: conditions[i%len(conditions)], Labels: list})
	}
	return s
}

func metric(i int) string {
	return fmt.Sprintf("http.server.rule%03d", i)
}

// Base is 10 rules with 4 conditions and one list of 2 labels.
func Base() Set {
	return shared("10 rules, 4 conditions, one list", 10, mostMatch(), oneList)
}

// One is a single rule with 2 labels.
func One() Set {
	return shared("one rule", 1, mostMatch()[1:], oneList)
}

// Nothing is Base with conditions that match no record.
func Nothing() Set {
	return shared("no match", 10, []Condition{
		statusAtLeast(600),
		slowerThan(3_600_000),
		methodIs(http.MethodTrace),
		methodIs(http.MethodConnect).and(statusBelow(400)),
	}, oneList)
}

// Some is Base with conditions that match less.
func Some() Set {
	return shared("some match", 10, someMatch(), oneList)
}

// Everything is Base with conditions that match every record.
func Everything() Set {
	return shared("all match", 10, []Condition{
		everyRecord(),
		statusAtLeast(100),
		versionIsNot("3"),
		statusBelow(600).and(versionIsNot("0.9")),
	}, oneList)
}

// Distinct is 10 rules none of which shares its condition or its list.
func Distinct() Set {
	conditions := append(mostMatch(),
		reads(),
		largerThan(20_000),
		notCached(),
		versionIsNot("1.1"),
		addressIsNot("api-1.example.com").and(fasterThan(500)),
		statusAtLeast(200).and(statusBelow(400)),
	)
	return distinct("10 rules, all distinct", conditions)
}

// Histograms is Base with histograms.
func Histograms() Set {
	s := Base()
	s.Name = "10 histograms"
	for i := range s.Rules {
		s.Rules[i].Histogram = true
	}
	return s
}

// Unique is Base with the list whose tuples are unique.
func Unique() Set {
	return shared("10 rules, a tuple for each record", 10, mostMatch(), uniqueList)
}

// ManyShared is n rules that share one condition and one list.
func ManyShared(n int) Set {
	return shared(fmt.Sprintf("%d rules, all shared", n), n, mostMatch()[1:2], oneList)
}

// ManyDistinct is n rules, at most 100, none of which shares its condition or its list.
// The first is that of ManyShared.
func ManyDistinct(n int) Set {
	conditions := make([]Condition, 0, n)
	for i := range n {
		switch i % 5 {
		case 0:
			conditions = append(conditions, fasterThan(250+i))
		case 1:
			conditions = append(conditions, largerThan(1000*int64(i)))
		case 2:
			conditions = append(conditions, statusBelow(500).and(fasterThan(200+i)))
		case 3:
			conditions = append(conditions, methodIs(http.MethodGet).and(fasterThan(100+i)))
		default:
			conditions = append(conditions, notCached().and(largerThan(1000*int64(i))))
		}
	}
	s := distinct(fmt.Sprintf("%d rules, all distinct", n), conditions)
	s.Rules[0].Labels = oneList
	return s
}

// Uncompilable is one rule whose condition needs the OTTL library, and no labels.
func Uncompilable() Set {
	return Set{Name: "one uncompilable condition", Rules: []Rule{{Metric: metric(0), Condition: uncompilable()}}}
}

// UncompilableBehind is Uncompilable behind a term that can be compiled and matches 5%.
func UncompilableBehind() Set {
	return Set{
		Name:  "one uncompilable condition behind a selective term",
		Rules: []Rule{{Metric: metric(0), Condition: statusAtLeast(500).and(uncompilable())}},
	}
}

// distinct gives each condition a rule with a list of 2 labels of its own: the pairs of
// attributes, first without defaults, then again with defaults, which make other lists.
func distinct(name string, conditions []Condition) Set {
	var pairs [][]Label
	for i, a := range data.Labels {
		for _, b := range data.Labels[i+1:] {
			pairs = append(pairs, []Label{{Name: a}, {Name: b}})
		}
	}
	// Each kind differs from the others in what it says about a missing value, so that
	// no engine can make two of them one.
	kinds := [][2]string{{"", ""}, {"none", ""}, {"", "none"}, {"none", "none"}, {"other", ""}, {"", "other"}, {"other", "other"}}
	s := Set{Name: name}
	for i, c := range conditions {
		pair, kind := pairs[i%len(pairs)], kinds[i/len(pairs)]
		s.Rules = append(s.Rules, Rule{Metric: metric(i), Condition: c, Labels: []Label{
			{Name: pair[0].Name, Default: kind[0]},
			{Name: pair[1].Name, Default: kind[1]},
		}})
	}
	return s
}
