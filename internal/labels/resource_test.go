// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package labels

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/columns"
)

// resourcesOf returns, for each resource with the given attributes, what selector makes
// of it in one batch.
func resourcesOf(t testing.TB, selector *Selector, resources ...map[string]any) []*Resource {
	t.Helper()
	ld := plog.NewLogs()
	for _, raw := range resources {
		rl := ld.ResourceLogs().AppendEmpty()
		require.NoError(t, rl.Resource().Attributes().FromRaw(raw))
		rl.ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
	}
	return selected(t, selector, ld)
}

func selected(t testing.TB, selector *Selector, ld plog.Logs) []*Resource {
	t.Helper()
	tuples := newBatch(t, selector)
	chunk := chunkOf(t, &columns.Schema{}, ld)
	var found []*Resource
	for i := range chunk.Len() {
		found = append(found, tuples.Tuple(idOf(t, tuples, chunk, i)).Resource)
	}
	return found
}

func TestSelector(t *testing.T) {
	attributes := map[string]any{"b": "2", "a": int64(1), "c": true, "empty": "", "nil": nil, "m": map[string]any{"k": 0.5}}
	for name, test := range map[string]struct {
		names []string
		want  map[string]any
	}{
		"names":                 {[]string{"c", "a", "absent"}, map[string]any{"a": int64(1), "c": true}},
		"all":                   {[]string{"*"}, map[string]any{"a": int64(1), "b": "2", "c": true, "m": `{"k":0.5}`}},
		"none":                  {[]string{}, map[string]any{}},
		"nil":                   {nil, map[string]any{}},
		"only empty ones":       {[]string{"empty", "nil"}, map[string]any{}},
		"a map":                 {[]string{"m"}, map[string]any{"m": `{"k":0.5}`}},
		"the star among others": {[]string{"*", "a"}, map[string]any{"a": int64(1)}},
	} {
		t.Run(name, func(t *testing.T) {
			m := pcommon.NewMap()
			resourcesOf(t, NewSelector(test.names, ""), attributes)[0].PutTo(m)
			assert.Equal(t, test.want, m.AsRaw())
		})
	}
}

// TestSelectorAggregates: resources that differ only in what is left out are one.
func TestSelectorAggregates(t *testing.T) {
	batch := []map[string]any{
		{"keep": "1", "drop": "1"}, {"keep": "1", "drop": "2"}, {"keep": "2"}, {"drop": "1"}, {}, {"keep": ""}, {"keep": int64(1)},
	}
	distinct := func(names ...string) int {
		seen := map[*Resource]bool{}
		keys := map[string]bool{}
		for _, r := range resourcesOf(t, NewSelector(names, ""), batch...) {
			seen[r], keys[r.Key] = true, true
		}
		assert.Len(t, keys, len(seen), "a resource is its key")
		return len(seen)
	}
	assert.Equal(t, 1, distinct())
	assert.Equal(t, 3, distinct("keep"), "1 twice and as a number, 2, and none")
	assert.Equal(t, 6, distinct("*"), "{} and an empty text are one")
}

// TestResourceKeys: different selected attributes never have one key, and the key does
// not depend on the order in the resource.
func TestResourceKeys(t *testing.T) {
	all := NewSelector([]string{AllAttributes}, "")
	keys := map[string]bool{}
	batch := []map[string]any{
		{"a": "b"},
		{"a": "b", "c": "d"},
		{"a": "bcd"},
		{"ab": "c"},
		{"a": "bc"},
		{"a\x00": "b"},
		{"a": "\x00b"},
		{"a": "\x01b\x01c\x01d"},
		{"a": "1", "b": "2"},
		{"a": "2", "b": "1"},
		{},
		{"\xff": "\xff"},
		{"\xfe": "\xff"},
		{"\xff": "\xfe"},
		{"a": "x", "c": "\x01dy"},
		{"a": "x\x01c", "d": "y"},
	}
	for _, r := range resourcesOf(t, all, batch...) {
		keys[r.Key] = true
	}
	assert.Len(t, keys, len(batch))

	ld := plog.NewLogs()
	for _, order := range [][]string{{"x", "y", "z"}, {"z", "x", "y"}} {
		rl := ld.ResourceLogs().AppendEmpty()
		for _, name := range order {
			rl.Resource().Attributes().PutStr(name, name)
		}
		rl.ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
	}
	r := selected(t, all, ld)
	assert.Same(t, r[0], r[1])
}

// TestTuplesOfTwoResources: one label set of two resources is two series.
func TestTuplesOfTwoResources(t *testing.T) {
	var schema columns.Schema
	tuples := newBatch(t, NewSelector([]string{"r"}, ""), attributeLabel(&schema, "v"))
	ld := plog.NewLogs()
	for _, resource := range []string{"1", "2", "", "1"} {
		rl := ld.ResourceLogs().AppendEmpty()
		rl.Resource().Attributes().PutStr("r", resource)
		rl.ScopeLogs().AppendEmpty().LogRecords().AppendEmpty().Attributes().PutStr("v", "same")
	}
	chunk := chunkOf(t, &schema, ld)
	keys := map[string]bool{}
	for i, want := range []uint32{0, 1, 2, 0} {
		id := idOf(t, tuples, chunk, i)
		assert.Equal(t, want, id)
		keys[tuples.Tuple(id).Resource.Key+tuples.Tuple(id).Key] = true
	}
	assert.Len(t, keys, 3)
}

// TestSelectorDuplicates: of duplicate attributes the first counts, also when it is
// empty, and however the selector names it.
func TestSelectorDuplicates(t *testing.T) {
	var u plog.JSONUnmarshaler
	ld, err := u.UnmarshalLogs([]byte(`{"resourceLogs":[{"resource":{"attributes":[
		{"key":"a","value":{"intValue":"1"}},{"key":"b","value":{}},
		{"key":"a","value":{"intValue":"2"}},{"key":"b","value":{"stringValue":"late"}}
		]},"scopeLogs":[{"logRecords":[{}]}]}]}`))
	require.NoError(t, err)
	for _, names := range [][]string{{"*"}, {"a", "b"}, {"b", "a"}} {
		assert.Equal(t, []Attribute{{Name: "a", Text: "1", Kind: KindInt}},
			selected(t, NewSelector(names, ""), ld)[0].Attributes, "%v", names)
	}

	// So many that a sort that is not stable shows.
	many := []string{`{"key":"k","value":{"intValue":"0"}}`}
	for i := range 100 {
		many = append(many, fmt.Sprintf(`{"key":"k","value":{"intValue":"%d"}},{"key":"other%d","value":{"intValue":"1"}}`, i+1, i%7))
	}
	ld, err = u.UnmarshalLogs([]byte(`{"resourceLogs":[{"resource":{"attributes":[` + strings.Join(many, ",") + `]},"scopeLogs":[{"logRecords":[{}]}]}]}`))
	require.NoError(t, err)
	found := texts(selected(t, NewSelector([]string{"*"}, ""), ld)[0].Attributes)
	assert.Len(t, found, 8)
	assert.Equal(t, "0", found["k"])
}

// TestResourceInvalidUTF8: names come from the sender too.
func TestResourceInvalidUTF8(t *testing.T) {
	r := resourcesOf(t, NewSelector([]string{"*"}, ""), map[string]any{"n\xff": "v\xfe"})[0]
	assert.Equal(t, map[string]string{`n\xff`: `v\xfe`}, texts(r.Attributes))
}

// TestResourcesAcrossChunks: a resource whose records fall into several chunks, and one
// that comes again later in the batch, keep their ID.
func TestResourcesAcrossChunks(t *testing.T) {
	ld := plog.NewLogs()
	const resources, records = 7, 300
	for i := range resources {
		rl := ld.ResourceLogs().AppendEmpty()
		rl.Resource().Attributes().PutInt("r", int64(i%3))
		for range records {
			rl.ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
		}
	}
	tuples := newBatch(t, NewSelector([]string{"r"}, ""))
	chunk := columns.NewChunk(&columns.Schema{})
	reader := columns.NewReader(ld)
	at := 0
	for reader.Next(chunk) {
		for i := range chunk.Len() {
			tuple := tuples.Tuple(idOf(t, tuples, chunk, i))
			require.Equal(t, strconv.Itoa(at/records%3), tuple.Resource.Attributes[0].Text, "record %d", at)
			at++
		}
	}
	assert.Equal(t, resources*records, at)
	assert.Equal(t, 3, tuples.Len())
}

// Names that senders choose are bounded as texts are: two long ones stay two.
func TestSelectorCutsNames(t *testing.T) {
	attributes := pcommon.NewMap()
	long := strings.Repeat("k", 2*MaxText)
	attributes.PutStr(long+"1", "a")
	attributes.PutStr(long+"2", "b")
	r := NewSelector([]string{AllAttributes}, "").resource(attributes)
	require.Len(t, r.Attributes, 2)
	for _, a := range r.Attributes {
		assert.LessOrEqual(t, len(a.Name), MaxText)
	}
	assert.NotEqual(t, r.Attributes[0].Name, r.Attributes[1].Name)
}
