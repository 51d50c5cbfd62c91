// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package overhead

// Tally holds the figures of one batch until they are added to Counters. It belongs to
// one goroutine.
type Tally struct {
	shared      [NumStages]int64
	annotations []AnnotationFigures
}

// NewTally returns a tally for so many annotations.
func NewTally(annotations int) *Tally {
	return &Tally{annotations: make([]AnnotationFigures, annotations)}
}

// Annotation returns the figures of annotation i, to be added to.
func (t *Tally) Annotation(i int) *AnnotationFigures {
	return &t.annotations[i]
}

// Reset sets every figure to zero.
func (t *Tally) Reset() {
	t.shared = [NumStages]int64{}
	clear(t.annotations)
}

func (t *Tally) addTime(stage Stage, owner int, ns int64) {
	if owner == Shared {
		t.shared[stage] += ns
		return
	}
	t.annotations[owner].Time[stage] += ns
}
