// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package columns

import (
	"encoding/hex"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
)

// maxGets is the most columns of record attributes for which each is looked up by its
// own. With more, one walk over all attributes costs less: with 8 of 8 attributes 5% of the
// whole.
const maxGets = 5

// loader knows, for each part of the logs, which columns it fills.
type loader struct {
	attributes []attributeColumn // one look-up each
	nested     []attributeColumn // likewise, and from there along a path
	walked     []attributeColumn // filled in one walk over the attributes
	// byLength holds, by the length of a key modulo its own, the first position in walked
	// of such a key, or -1.
	byLength  [64]int
	fields    []fieldColumn // of a record
	runFields []fieldColumn // of a resource or a scope
}

type attributeColumn struct {
	key  string
	slot int
	rest []Key
	next int // of those walked: the position of the next with a key of such a length, or -1
}

type fieldColumn struct {
	field Field
	slot  int
	keys  []Key
}

func newLoader(schema *Schema) loader {
	var l loader
	for slot, src := range schema.sources {
		switch src.Field {
		case Attributes:
			a := attributeColumn{key: src.Keys[0].Name, slot: slot, rest: src.Keys[1:]}
			if len(a.rest) > 0 {
				l.nested = append(l.nested, a)
			} else {
				l.attributes = append(l.attributes, a)
			}
		case ResourceAttributes, ScopeAttributes, ScopeName, ScopeVersion:
			l.runFields = append(l.runFields, fieldColumn{field: src.Field, slot: slot, keys: src.Keys})
		default:
			l.fields = append(l.fields, fieldColumn{field: src.Field, slot: slot, keys: src.Keys})
		}
	}
	if len(l.attributes) > maxGets {
		l.attributes, l.walked = nil, l.attributes
		for at := range l.byLength {
			l.byLength[at] = -1
		}
		for k := range l.walked {
			a := &l.walked[k]
			at := len(a.key) % len(l.byLength)
			a.next, l.byLength[at] = l.byLength[at], k
		}
	}
	return l
}

// load fills columns with the records of run.
func (l *loader) load(columns []Column, run *Run) {
	for k := range l.runFields {
		f := &l.runFields[k]
		f.loadRun(&columns[f.slot], run)
	}
	if len(l.attributes)+len(l.nested)+len(l.walked)+len(l.fields) == 0 {
		return
	}
	records := run.scope.LogRecords()
	for i := run.Start; i < run.End; i++ {
		record := records.At(run.first + i - run.Start)
		attributes := record.Attributes()
		for k := range l.attributes {
			a := &l.attributes[k]
			if v, ok := attributes.Get(a.key); ok {
				columns[a.slot].put(i, v)
			} else {
				columns[a.slot].putKind(i, Absent)
			}
		}
		for k := range l.nested {
			a := &l.nested[k]
			a.load(&columns[a.slot], i, attributes)
		}
		if len(l.walked) > 0 {
			l.walk(columns, i, attributes)
		}
		for k := range l.fields {
			f := &l.fields[k]
			f.load(&columns[f.slot], i, record)
		}
	}
}

func (a *attributeColumn) load(c *Column, i int, attributes pcommon.Map) {
	if v, ok := attributes.Get(a.key); ok {
		c.putPath(i, v, a.rest)
	} else {
		c.putKind(i, Absent)
	}
}

// walk looks at every attribute once. Of duplicate keys the first wins, as in Get.
func (l *loader) walk(columns []Column, i int, attributes pcommon.Map) {
	for k := range l.walked {
		columns[l.walked[k].slot].Kind[i] = Absent
	}
	left := len(l.walked)
	for key, v := range attributes.All() {
		k := l.byLength[len(key)%len(l.byLength)]
		for k >= 0 && l.walked[k].key != key {
			k = l.walked[k].next
		}
		if k < 0 {
			continue
		}
		if c := &columns[l.walked[k].slot]; c.Kind[i] == Absent {
			c.put(i, v)
			left--
		}
	}
	if left == 0 {
		return
	}
	for k := range l.walked {
		if c := &columns[l.walked[k].slot]; c.Kind[i] == Absent {
			c.kinds |= 1 << Absent
		}
	}
}

func (f *fieldColumn) loadRun(c *Column, run *Run) {
	i := run.Start
	switch f.field {
	case ResourceAttributes:
		a := attributeColumn{key: f.keys[0].Name, rest: f.keys[1:]}
		a.load(c, i, run.resource.Resource().Attributes())
	case ScopeAttributes:
		a := attributeColumn{key: f.keys[0].Name, rest: f.keys[1:]}
		a.load(c, i, run.scope.Scope().Attributes())
	case ScopeName:
		c.putText(i, run.scope.Scope().Name())
	case ScopeVersion:
		c.putText(i, run.scope.Scope().Version())
	}
	c.fill(i, run.End)
}

func (f *fieldColumn) load(c *Column, i int, record plog.LogRecord) {
	switch f.field {
	case Body:
		c.putPath(i, record.Body(), f.keys)
	case BodyString:
		if body := record.Body(); body.Type() == pcommon.ValueTypeStr {
			c.putText(i, body.Str())
		} else {
			c.putKind(i, Failed) // only where it is needed: a large map takes its time
		}
	case SeverityNumber:
		c.putInt(i, int64(record.SeverityNumber()))
	case SeverityText:
		c.putText(i, record.SeverityText())
	case TimeUnixNano:
		c.putInt(i, int64(record.Timestamp()))
	case ObservedTimeUnixNano:
		c.putInt(i, int64(record.ObservedTimestamp()))
	case EventName:
		c.putText(i, record.EventName())
	case Flags:
		c.putInt(i, int64(record.Flags()))
	case DroppedAttributesCount:
		c.putInt(i, int64(record.DroppedAttributesCount()))
	case TraceID:
		id := record.TraceID()
		c.putText(i, hex.EncodeToString(id[:]))
	case SpanID:
		id := record.SpanID()
		c.putText(i, hex.EncodeToString(id[:]))
	}
}
