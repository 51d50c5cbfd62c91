// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package labels

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/columns"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/expr"
)

// attributeLabel defines a label that reads the record attribute of its own name.
func attributeLabel(schema *columns.Schema, name string) Definition {
	return Definition{Name: name, Slot: schema.Attribute(name)}
}

// expressionLabel defines a label that evaluates an OTTL value expression.
func expressionLabel(t testing.TB, name, text string) Definition {
	t.Helper()
	parser, err := expr.NewParser(componenttest.NewNopTelemetrySettings())
	require.NoError(t, err)
	value, err := parser.Value(text)
	require.NoError(t, err)
	return Definition{Name: name, Value: value}
}

func newList(t testing.TB, defs ...Definition) *List {
	t.Helper()
	list, err := NewList(defs)
	require.NoError(t, err)
	return list
}

// logsOf returns logs of one resource and scope, with one record for each fill.
func logsOf(fill ...func(plog.LogRecord)) plog.Logs {
	ld := plog.NewLogs()
	records := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords()
	for _, f := range fill {
		f(records.AppendEmpty())
	}
	return ld
}

// logsWith returns logs of one resource and scope, with one record for each map of
// attributes.
func logsWith(t testing.TB, attributes ...map[string]any) plog.Logs {
	t.Helper()
	var fill []func(plog.LogRecord)
	for _, raw := range attributes {
		fill = append(fill, func(r plog.LogRecord) { require.NoError(t, r.Attributes().FromRaw(raw)) })
	}
	return logsOf(fill...)
}

// chunkOf returns the first chunk of ld.
func chunkOf(t testing.TB, schema *columns.Schema, ld plog.Logs) *columns.Chunk {
	t.Helper()
	chunk := columns.NewChunk(schema)
	reader := columns.NewReader(ld)
	require.True(t, reader.Next(chunk))
	return chunk
}

// idOf returns the ID of record i, which must have one.
func idOf(t testing.TB, tuples *Tuples, chunk *columns.Chunk, i int) uint32 {
	t.Helper()
	id, status, err := tuples.ID(t.Context(), chunk, i)
	require.NoError(t, err)
	require.Equal(t, OK, status)
	return id
}

// one returns the tuple of a single record for the labels defined.
func one(t testing.TB, schema *columns.Schema, ld plog.Logs, defs ...Definition) *Tuple {
	t.Helper()
	tuples := NewTuples(newList(t, defs...), NewSelector(nil))
	chunk := chunkOf(t, schema, ld)
	return tuples.Tuple(idOf(t, tuples, chunk, 0))
}

// texts returns the labels as a map from name to text.
func texts(attrs []Attribute) map[string]string {
	m := map[string]string{}
	for _, a := range attrs {
		m[a.Name] = a.Text
	}
	return m
}

// emitted returns the attributes as they go into a metric.
func emitted(attrs []Attribute) map[string]any {
	m := pcommon.NewMap()
	for _, a := range attrs {
		a.PutTo(m)
	}
	return m.AsRaw()
}
