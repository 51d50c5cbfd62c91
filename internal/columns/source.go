// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package columns

import "fmt"

// Field is a part of a log record, of its resource or of its scope.
type Field uint8

// The fields, with the OTTL paths that read them.
const (
	// Attributes is `attributes[...]`, the record's.
	Attributes Field = iota
	// ResourceAttributes is `resource.attributes[...]`.
	ResourceAttributes
	// ScopeAttributes is `scope.attributes[...]`.
	ScopeAttributes
	// Body is `body` and `body[...]`.
	Body
	// BodyString is `body.string`.
	BodyString
	// SeverityNumber is `severity_number`, never absent.
	SeverityNumber
	// SeverityText is `severity_text`, never absent.
	SeverityText
	// TimeUnixNano is `time_unix_nano`, never absent. It wraps in the year 2262.
	TimeUnixNano
	// ObservedTimeUnixNano is `observed_time_unix_nano`.
	ObservedTimeUnixNano
	// EventName is `event_name`, never absent.
	EventName
	// Flags is `flags`.
	Flags
	// DroppedAttributesCount is `dropped_attributes_count`, the record's.
	DroppedAttributesCount
	// TraceID is `trace_id.string`, never absent.
	TraceID
	// SpanID is `span_id.string`, never absent.
	SpanID
	// ScopeName is `scope.name`, never absent.
	ScopeName
	// ScopeVersion is `scope.version`, never absent.
	ScopeVersion
)

// Key is one step into a map or a slice: a name or, if IsIndex, an index.
type Key struct {
	Name    string
	Index   int64
	IsIndex bool
}

// Source says what a column holds. Attributes of any kind have at least one key, and the
// first is a name; a body may have keys; nothing else has any.
type Source struct {
	Field Field
	Keys  []Key
}

// Attribute returns the source of the record attribute key.
func Attribute(key string) Source {
	return Source{Field: Attributes, Keys: []Key{{Name: key}}}
}

// Schema lists the sources that get a column each. It is built while annotations are
// compiled and read-only from then on. The zero value is empty.
type Schema struct {
	// Sparing says that at most one expression reads records through OTTL: a record is
	// then opened for it and closed at once, which costs less than to keep those of a
	// whole chunk for others.
	Sparing bool

	sources []Source
	slots   map[string]int
}

// Column returns the slot of the column that holds src, and makes one if needed.
func (s *Schema) Column(src Source) int {
	text := fmt.Sprintf("%d %#v", src.Field, src.Keys)
	if slot, ok := s.slots[text]; ok {
		return slot
	}
	if s.slots == nil {
		s.slots = map[string]int{}
	}
	slot := len(s.sources)
	s.slots[text] = slot
	s.sources = append(s.sources, src)
	return slot
}

// Attribute returns the slot of the column that holds the record attribute key.
func (s *Schema) Attribute(key string) int {
	return s.Column(Attribute(key))
}
