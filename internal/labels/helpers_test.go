// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package labels

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/columns"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/expr"
)

// testLabel is a label of a list, and where it comes from.
type testLabel struct {
	Definition
	Source
}

// attributeLabel defines a label that reads the record attribute of its own name.
func attributeLabel(schema *columns.Schema, name string) testLabel {
	return testLabel{Definition{Name: name}, Source{Slot: schema.Attribute(name)}}
}

// expressionLabel defines a label that evaluates an OTTL value expression.
func expressionLabel(t testing.TB, name, text string) testLabel {
	t.Helper()
	parser, err := expr.NewParser(componenttest.NewNopTelemetrySettings())
	require.NoError(t, err)
	value, err := parser.Value(text)
	require.NoError(t, err)
	return testLabel{Definition{Name: name}, Source{Slot: NoSlot, Value: value}}
}

// batch takes records one by one.
type batch struct {
	encoder   *Encoder
	resources *ResourceDictionary
	tuples    Tuples
}

func newBatch(t testing.TB, selector *Selector, defs ...testLabel) *batch {
	t.Helper()
	var definitions []Definition
	var dictionaries []*Dictionary
	for _, def := range defs {
		definitions = append(definitions, def.Definition)
		dictionaries = append(dictionaries, NewDictionary(def.Source))
	}
	list, err := NewList(definitions)
	require.NoError(t, err)
	resources := NewResourceDictionary(selector)
	b := &batch{encoder: NewEncoder(list, resources, dictionaries), resources: resources}
	b.encoder.Begin()
	return b
}

// status says whether a record has a tuple.
type status string

const (
	ok      status = "ok"
	failed  status = "failed"
	missing status = "missing"
)

// ID returns the ID of the tuple of record i, if it has one, else the error of its label.
func (b *batch) ID(ctx context.Context, chunk *columns.Chunk, i int) (uint32, status, error) {
	var wanted columns.Set
	wanted.Add(i)
	b.resources.Read(chunk)
	for _, d := range b.encoder.dictionaries {
		d.Read(ctx, chunk, &wanted)
	}
	b.encoder.Read(chunk, &wanted, &b.tuples)
	switch wanted {
	case b.encoder.Failed:
		return 0, failed, b.encoder.Err
	case b.encoder.Missing:
		return 0, missing, b.encoder.Err
	case b.encoder.Rows:
		return b.encoder.IDs[i], ok, b.encoder.Err
	}
	panic("the record is in none of the sets")
}

func (b *batch) Len() int { return b.tuples.Len() }

// Reset ends the batch and begins the next.
func (b *batch) Reset() {
	b.tuples.Reset()
	b.encoder.Begin()
}

// tuple is a Tuple taken apart.
type tuple struct {
	Resource   *Resource
	Key        string
	Attributes []Attribute
	Truncated  int
}

func (b *batch) Tuple(id uint32) *tuple {
	list := b.encoder.list
	from := b.tuples.All()[id]
	to := &tuple{Resource: from.Resource, Key: list.Key(from.Text), Truncated: from.Truncated}
	rest := to.Key
	for k := range list.labels {
		var text string
		if text, rest = cutLabel(rest); text != "" {
			to.Attributes = append(to.Attributes, Attribute{Name: list.labels[k].name, Text: text, Kind: Kind(from.Text[k])})
		}
	}
	return to
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

// attribute returns the attribute v of record i, Empty if there is none.
func attribute(chunk *columns.Chunk, i int) pcommon.Value {
	if v, ok := chunk.Record(i).GetLogRecord().Attributes().Get("v"); ok {
		return v
	}
	return pcommon.NewValueEmpty()
}

// idOf returns the ID of record i, which must have one.
func idOf(t testing.TB, tuples *batch, chunk *columns.Chunk, i int) uint32 {
	t.Helper()
	id, status, err := tuples.ID(t.Context(), chunk, i)
	require.NoError(t, err)
	require.Equal(t, ok, status)
	return id
}

// one returns the tuple of a single record for the labels defined.
func one(t testing.TB, schema *columns.Schema, ld plog.Logs, defs ...testLabel) *tuple {
	t.Helper()
	tuples := newBatch(t, NewSelector(nil, ""), defs...)
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
