// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package emit

import "fmt"

// answers are what the consumer has answered during one emission.
type answers struct {
	accepted, refused, late bool
}

// tick emits as the interval demands. Trouble is told when it is met, and its end when the
// consumer has taken all in time: of an emission that has nothing to say, or nobody to say
// it to, nothing can be concluded. The emissions of a shutdown tell nothing: nobody could
// mend it in time.
func (f *Flusher) tick() {
	f.ticking, f.answers = true, answers{}
	f.emit(false)
	f.ticking = false
	if a := f.answers; a.accepted && !a.refused && !a.late {
		f.set.Status(nil)
	}
}

// bookAnswer books an answer of the consumer, nil if it has accepted.
func (f *Flusher) bookAnswer(err error) {
	if err == nil {
		f.answers.accepted = true
		return
	}
	f.answers.refused = true
	if f.ticking {
		f.set.Status(fmt.Errorf("the metrics pipeline refuses data points: %w", err))
	}
}

// expectAnswer tells that there is trouble when the consumer has been in one call for longer
// than an interval. done must be called when it has answered.
func (f *Flusher) expectAnswer() (done func()) {
	if !f.ticking {
		return func() {}
	}
	wasLate := overdue(f.set.Interval, func() {
		f.set.Status(fmt.Errorf("the metrics pipeline has not answered for %s", f.set.Interval))
	})
	return func() { f.answers.late = wasLate() || f.answers.late }
}
