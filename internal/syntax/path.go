// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import (
	"fmt"
	"strings"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/columns"
)

// These are the paths that have a column, by what stands between the context and the keys.
var logFields = map[string]columns.Field{
	"body":                     columns.Body,
	"body.string":              columns.BodyString,
	"severity_number":          columns.SeverityNumber,
	"severity_text":            columns.SeverityText,
	"time_unix_nano":           columns.TimeUnixNano,
	"observed_time_unix_nano":  columns.ObservedTimeUnixNano,
	"event_name":               columns.EventName,
	"flags":                    columns.Flags,
	"dropped_attributes_count": columns.DroppedAttributesCount,
	"trace_id.string":          columns.TraceID,
	"span_id.string":           columns.SpanID,
	"attributes":               columns.Attributes,
}

var resourceFields = map[string]columns.Field{
	"attributes": columns.ResourceAttributes,
}

var scopeFields = map[string]columns.Field{
	"name":       columns.ScopeName,
	"version":    columns.ScopeVersion,
	"attributes": columns.ScopeAttributes,
}

var contexts = map[string]map[string]columns.Field{
	"log":                   logFields,
	"resource":              resourceFields,
	"scope":                 scopeFields,
	"instrumentation_scope": scopeFields,
}

// path reads a path.
func (p *parser) path() (columns.Source, bool) {
	fields := logFields
	name, ok := p.name()
	if !ok {
		return columns.Source{}, false
	}
	if c, ok := contexts[name]; ok {
		fields = c
		if !p.isNext(punctuationToken, ".") {
			return columns.Source{}, false
		}
		if name, ok = p.name(); !ok {
			return columns.Source{}, false
		}
	}
	for p.peekIs(punctuationToken, ".") {
		p.take()
		part, ok := p.name()
		if !ok {
			return columns.Source{}, false
		}
		name += "." + part
	}
	field, ok := fields[name]
	if !ok {
		return columns.Source{}, false
	}
	keys, ok := p.keys()
	if !ok {
		return columns.Source{}, false
	}
	switch field {
	case columns.Attributes, columns.ResourceAttributes, columns.ScopeAttributes:
		ok = len(keys) > 0 && !keys[0].IsIndex
	case columns.Body:
	default:
		ok = len(keys) == 0
	}
	return columns.Source{Field: field, Keys: keys}, ok
}

func (p *parser) name() (string, bool) {
	t := p.take()
	return p.source(t), t.kind == lowercaseToken
}

// keys reads the keys after a path. Each must be a string or an integer.
func (p *parser) keys() ([]columns.Key, bool) {
	var keys []columns.Key
	for p.peekIs(openToken, "[") {
		p.take()
		t := p.take()
		var key columns.Key
		var ok bool
		switch t.kind {
		case stringToken:
			key.Name, ok = unquote(p.source(t))
		case intToken:
			key.IsIndex = true
			key.Index, ok = p.integer(t)
		}
		if !ok || !p.isNext(closeToken, "]") {
			return nil, false
		}
		keys = append(keys, key)
	}
	return keys, true
}

// sourceText returns a text that is equal for equal sources only.
func sourceText(src columns.Source) string {
	var b strings.Builder
	fmt.Fprintf(&b, "path %d", src.Field)
	for _, key := range src.Keys {
		if key.IsIndex {
			fmt.Fprintf(&b, "[%d]", key.Index)
		} else {
			fmt.Fprintf(&b, "[%q]", key.Name)
		}
	}
	return b.String()
}
