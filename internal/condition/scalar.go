// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package condition

import (
	"cmp"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/columns"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/syntax"
)

// nilTest compares a path with nil. Absent and empty values and empty bytes are nil.
type nilTest struct {
	slot int
	// ifNil and ifOther are what the comparison is for nil and for other values.
	ifNil, ifOther uint64
}

func newNilTest(slot int, operator syntax.Operator) *nilTest {
	t := &nilTest{slot: slot}
	switch operator {
	case syntax.Equal, syntax.LessEqual, syntax.GreaterEqual:
		t.ifNil = mask(true)
	case syntax.NotEqual:
		t.ifOther = mask(true)
	}
	return t
}

func (t *nilTest) run(chunk *columns.Chunk, want columns.Set) (match, odd columns.Set) {
	c := chunk.Column(t.slot)
	for word, w := range want {
		if w == 0 {
			continue
		}
		odd[word] = ofKind(c, word, w, columns.Failed)
		nils := ofKind(c, word, w, columns.Absent) | ofKind(c, word, w, columns.Empty)
		for rest := ofKind(c, word, w, columns.Bytes); rest != 0; rest &= rest - 1 {
			if i := first(rest); c.Value(word*wordSize+i).Bytes().Len() == 0 {
				nils |= 1 << i
			}
		}
		match[word] = (nils&t.ifNil | w&^nils&t.ifOther) &^ odd[word]
	}
	return match, odd
}

// boolTest compares a path with true or false. A value that is no boolean is different.
type boolTest struct {
	slot int
	// What the comparison is for true, for false and for all else.
	ifTrue, ifFalse, ifOther uint64
}

func newBoolTest(slot int, operator syntax.Operator, b bool) *boolTest {
	return &boolTest{
		slot:    slot,
		ifTrue:  mask(holds(operator, 1, bit(b))),
		ifFalse: mask(holds(operator, 0, bit(b))),
		ifOther: mask(operator == syntax.NotEqual),
	}
}

func (t *boolTest) run(chunk *columns.Chunk, want columns.Set) (match, odd columns.Set) {
	c := chunk.Column(t.slot)
	for word, w := range want {
		if w == 0 {
			continue
		}
		odd[word] = ofKind(c, word, w, columns.Failed)
		bools := ofKind(c, word, w, columns.Bool)
		var trues uint64
		for i, n := range (*[wordSize]uint64)(c.Number[word*wordSize:]) {
			trues |= n & 1 << i
		}
		match[word] = bools&(trues&t.ifTrue|^trues&t.ifFalse) | w&^bools&^odd[word]&t.ifOther
	}
	return match, odd
}

// holds reports whether a stands to b as operator says.
func holds[T cmp.Ordered](operator syntax.Operator, a, b T) bool {
	switch operator {
	case syntax.Equal:
		return a == b
	case syntax.NotEqual:
		return a != b
	case syntax.Less:
		return a < b
	case syntax.LessEqual:
		return a <= b
	case syntax.Greater:
		return a > b
	default:
		return a >= b
	}
}
