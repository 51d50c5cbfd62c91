// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package conservation

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// Total is what points add up to: the values of a sum, or the values of a histogram and how
// many there are.
type Total struct {
	Count uint64
	Sum   float64
}

func (t Total) plus(other Total) Total {
	return Total{t.Count + other.Count, t.Sum + other.Sum}
}

// Life is what a series said from one start on. A delta series and a gauge have one life in a
// ledger, for nothing tells two of them apart.
type Life struct {
	Start, End   pcommon.Timestamp // of the first point, and the time of the last
	Points       int               // without the one that ends it
	First, Total Total
	// Ended says that the last point was the one that says so.
	Ended bool
}

// Ledger adds up the points that a consumer accepted. The zero value is empty. It is not safe
// for concurrent use.
type Ledger struct {
	metrics map[string]kind
	series  map[string]*history
	errs    []error
	cut     int // errors that are not in errs
}

// kind is what all points of a metric have in common.
type kind struct {
	of          pmetric.MetricType
	temporality pmetric.AggregationTemporality
	monotonic   bool
}

func (k kind) gauge() bool { return k.of == pmetric.MetricTypeGauge }
func (k kind) delta() bool { return k.temporality == pmetric.AggregationTemporalityDelta }

// history is what a series has said so far.
type history struct {
	metric string
	lives  []*Life
	said   []said // the newest, in the order in which they came
}

// said is what a point says.
type said struct {
	start, time pcommon.Timestamp
	total       Total
	end         bool
}

// maxSaid is how many points of a series are kept, to know them if they come again: what is
// sent again comes before anything newer, but for a few payloads around a crash.
const maxSaid = 32

// Of returns a ledger of these payloads, which came in this order.
func Of(payloads ...pmetric.Metrics) *Ledger {
	l := new(Ledger)
	for _, md := range payloads {
		l.Add(md)
	}
	return l
}

// Add adds a payload that was accepted. A point that was there before, unchanged, does not
// count again: who sends to several may repeat a payload. What Add finds wrong Err returns.
func (l *Ledger) Add(md pmetric.Metrics) {
	for _, rm := range md.ResourceMetrics().All() {
		for _, sm := range rm.ScopeMetrics().All() {
			for _, m := range sm.Metrics().All() {
				l.addMetric(rm.Resource().Attributes(), m)
			}
		}
	}
}

func (l *Ledger) addMetric(resource pcommon.Map, m pmetric.Metric) {
	k := kindOf(m)
	if l.metrics == nil {
		l.metrics, l.series = map[string]kind{}, map[string]*history{}
	}
	if was, ok := l.metrics[m.Name()]; ok && was != k {
		l.wrong("metric %s was %+v and is %+v", m.Name(), was, k)
		return
	}
	l.metrics[m.Name()] = k
	eachPoint(m, func(p point) {
		name := seriesName(m.Name(), resource, p.attributes)
		if p.wrong != "" {
			l.wrong("%s at %v: %s", name, p.time, p.wrong)
		}
		h, ok := l.series[name]
		if !ok {
			h = &history{metric: m.Name()}
			l.series[name] = h
		}
		if problem := h.add(k, p); problem != "" {
			l.wrong("%s from %v to %v: %s", name, p.start, p.time, problem)
		}
	})
}

// add adds a point, and returns what is wrong with it.
func (h *history) add(k kind, p point) string {
	now := said{p.start, p.time, p.total, p.end}
	if i := slices.IndexFunc(h.said, func(s said) bool { return s.time == p.time }); i >= 0 {
		if before := h.said[i]; before != now {
			return fmt.Sprintf("there is another point at this time: %+v, and now %+v", before, now)
		}
		return ""
	}
	if len(h.said) == maxSaid {
		h.said = slices.Delete(h.said, 0, 1)
	}
	h.said = append(h.said, now)
	if !k.gauge() && p.start >= p.time {
		return "it does not start before its time"
	}
	last := h.last()
	if last != nil && p.time <= last.End {
		return fmt.Sprintf("there was a point at %v before", last.End)
	}
	if last == nil || !k.gauge() && !k.delta() && p.start != last.Start {
		if p.end {
			return "it ends a life that never was"
		}
		if last != nil && p.start <= last.End {
			return fmt.Sprintf("the life before ended at %v", last.End)
		}
		h.lives = append(h.lives, &Life{Start: p.start, First: p.total})
		return h.last().add(k, p)
	}
	return last.add(k, p)
}

func (h *history) last() *Life {
	if len(h.lives) == 0 {
		return nil
	}
	return h.lives[len(h.lives)-1]
}

func (l *Life) add(k kind, p point) string {
	ended, end, before := l.Ended, l.End, l.Total
	l.End, l.Ended = p.time, p.end
	switch {
	case ended && !k.gauge():
		return "this life has ended"
	case p.end:
		return ""
	}
	l.Points++
	switch {
	case k.gauge():
	case k.delta():
		l.Total = before.plus(p.total)
		if p.start < end {
			return fmt.Sprintf("the point before ended at %v", end)
		}
	default:
		l.Total = p.total
		if k.monotonic && (p.total.Sum < before.Sum || p.total.Count < before.Count) {
			return fmt.Sprintf("the value goes back from %+v to %+v", before, p.total)
		}
	}
	return ""
}

// maxErrs is how many errors a ledger keeps.
const maxErrs = 20

func (l *Ledger) wrong(format string, args ...any) {
	if len(l.errs) == maxErrs {
		l.cut++
		return
	}
	l.errs = append(l.errs, fmt.Errorf(format, args...))
}

// Err returns what was wrong with the points: of one series, times that do not rise, a start
// that is not before its time, two points at one time, a cumulative value that goes back
// within a life, a life that begins before the one before has ended, or goes on after its end,
// deltas that overlap; or buckets that do not sum to the count.
func (l *Ledger) Err() error {
	if l.cut > 0 {
		return errors.Join(errors.Join(l.errs...), fmt.Errorf("and %d more", l.cut))
	}
	return errors.Join(l.errs...)
}

// Series returns what each sum and histogram series adds up to, over all of its lives. Its
// name is `metric{label="text",...}`, sorted, with `resource.` before the names of resource
// attributes.
func (l *Ledger) Series() map[string]Total {
	all := map[string]Total{}
	for name, h := range l.series {
		if l.metrics[h.metric].gauge() {
			continue
		}
		all[name] = Total{}
		for _, life := range h.lives {
			all[name] = all[name].plus(life.Total)
		}
	}
	return all
}

// Metrics returns what each metric adds up to, over all of its series. Gauges add up to
// nothing and are not among them.
func (l *Ledger) Metrics() map[string]Total {
	all := map[string]Total{}
	for name, total := range l.Series() {
		metric := l.series[name].metric
		all[metric] = all[metric].plus(total)
	}
	return all
}

// Lives returns the lives of each series, in their order.
func (l *Ledger) Lives() map[string][]Life {
	all := map[string][]Life{}
	for name, h := range l.series {
		for _, life := range h.lives {
			all[name] = append(all[name], *life)
		}
	}
	return all
}

// Check returns an error if something was wrong with the points or if they do not add up to
// want, by metric. Sums of values should be exact in float64, as those of integers are.
func (l *Ledger) Check(want map[string]Total) error {
	if got := l.Metrics(); !maps.Equal(want, got) {
		return errors.Join(l.Err(), fmt.Errorf("the metrics add up to %v, want %v", got, want))
	}
	return l.Err()
}
