// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package condition

import (
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/columns"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/syntax"
)

// textTest compares a path with a string. A value that is no string is different.
type textTest struct {
	slot     int
	operator syntax.Operator // Equal in place of NotEqual
	text     string
	// invert is for !=.
	invert uint64
}

func newTextTest(slot int, operator syntax.Operator, text string) *textTest {
	t := &textTest{slot: slot, operator: operator, text: text}
	if operator == syntax.NotEqual {
		t.operator, t.invert = syntax.Equal, mask(true)
	}
	return t
}

func (t *textTest) run(chunk *columns.Chunk, want columns.Set) (match, odd columns.Set) {
	c := chunk.Column(t.slot)
	for word, w := range want {
		if w == 0 {
			continue
		}
		odd[word] = ofKind(c, word, w, columns.Failed)
		texts := (*[wordSize]string)(c.Text[word*wordSize:])
		var in uint64
		for rest := ofKind(c, word, w, columns.Str); rest != 0; rest &= rest - 1 {
			i := first(rest) % wordSize
			if t.operator == syntax.Equal {
				in |= bit(texts[i] == t.text) << i
			} else {
				in |= bit(holds(t.operator, texts[i], t.text)) << i
			}
		}
		match[word] = (in ^ t.invert) & w &^ odd[word]
	}
	return match, odd
}
