// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
)

// Values for each key: good ones, and ones that are nearly good.
var (
	goodText      = []any{"", "a", "größe", nil}
	badText       = []any{1, true, 0.5, []any{"a"}, map[string]any{}}
	goodDurations = []any{"1s", "15s", "1h30m", "1000ms", "1000000us", "+2s", ".5h", "1.h", int(1e9), 2e9, "1.5s", "1s500ms", "2562047h", "9223372036854775807ns", "1.99999999999999999999h", nil}
	badDurations  = []any{"", "15", "999ms", "-15s", "-0.0001ns", "0.9999s", "0.0001h", "s", " 1s", 15, 1.5, -1, math.MaxInt64, 1e300, true, []any{}, "9999999h9", "9999999h", "2562048h", "+01h9223372036855s1ms", "9223372036854775808ns"}
	goodZeros     = []any{0, "0", "0s", "-0s", "+0m", "0h0m0s", "0.0s", "0.0000000001s", "0.9ns", "-0.5ns", 0.0}
	goodLimits    = []any{0, 1, 10000, 10.0, math.MaxInt64, nil}
	badLimits     = []any{-1, "10", 0.5, -0.5, true, uint64(math.MaxUint64), 1e300, []any{1}}
	goodNames     = []any{[]any{}, []any{"a"}, []any{"*"}, []any{"a", "b"}, "a", "a,b", "", "*", "a,*b", nil}
	badNames      = []any{[]any{""}, []any{"a", "a"}, []any{"*", "a"}, []any{nil}, []any{1}, "a,", ",", "*,a", "a,*", "*,*", "a,*,b", 1, map[string]any{}}
	goodFlags     = []any{true, false, nil}
	badFlags      = []any{"true", 1, 0.0, "", []any{true}}
	goodValues    = []any{"body", `attributes["a"]`, "1.5", `"text"`}
	badValues     = []any{"", " ", "\n", nil, 1, 1.5, true, "set(body, 1)", "body >", []any{"body"}}
	goodBuckets   = []any{[]any{1, 2.5}, []any{-1}, []any{0, 1e300}, nil}
	badBuckets    = []any{[]any{}, []any{"1"}, []any{nil}, []any{2, 1}, []any{1, 1.0}, []any{true}, "1,2", 1, map[string]any{}}
	goodLabels    = []any{"a", "b", "a.b", "a.c", "_a", "1a", "aé", "éa", "le", "a$", "$a", "a$(b)c", "a$[b"}
	badLabels     = []any{"x)", `x["`, "é", "__a", "._a", "otel.metric.overflow", "otel-metric_overflow", "", ".", " ", "a ", "\n1", "a$)", "$a)", `$attributes["x"]`, `a$["`, `a$$["`}
)

type pool struct{ good, bad []any }

var (
	componentPools = map[string]pool{
		"interval":            {goodDurations, append(badDurations, goodZeros[:10]...)},
		"temporality":         {[]any{"cumulative", "delta", nil}, []any{"", "Delta", 1}},
		"count":               {[]any{"accepted", "seen", nil}, []any{"", "all", true}},
		"error_mode":          {[]any{"ignore", "silent", nil}, []any{"", "propagate", []any{}}},
		"resource_attributes": {goodNames, badNames},
		"writer_attribute":    {goodText, badText},
		"series_limit":        {goodLimits, badLimits},
		"expire_after":        {append(goodDurations, goodZeros...), badDurations},
		"storage":             {[]any{"a", "file_storage/b", " a / b ", "\u00a0a\u2003/\u2003é\u00a0", "a/!b@c#", nil}, []any{"", "a/", "1a", "a/b c", "a b", "a/b$", "a/b+c", "a/`", "aé", "a/\x7f", 1, map[string]any{}}},
		"telemetry":           {[]any{nil, map[string]any{}, map[string]any{"per_annotation": false}, map[string]any{"per_annotation": nil}}, []any{1, "", map[string]any{"a": 1}, map[string]any{"per_annotation": "true"}}},
	}
	annotationPools = map[string]pool{
		"type":                {[]any{"counter", "updowncounter", "gauge", "histogram", "exponential_histogram", "", nil}, []any{"summary", "Gauge", 1, []any{}}},
		"description":         {goodText, badText},
		"unit":                {[]any{"s", "ms", "By", "{a}", "", strings.Repeat("u", 63), nil}, []any{"µs", strings.Repeat("u", 64), 1, 1.5}},
		"condition":           {[]any{"true", "severity_number > 9", " false\n"}, badValues},
		"value":               {goodValues, badValues},
		"aggregate":           {[]any{"last", "min", "max", "", nil}, []any{"avg", "MAX", 1}},
		"buckets":             {goodBuckets, badBuckets},
		"max_size":            {[]any{20, 1000, 160.0, nil}, []any{19, 1001, 20.5, 19.9, "20", true}},
		"sample_rate":         {[]any{1, 1.0, 0.5, 0.1, 1.0 / 3, 0.9999999999, 1e-15, math.Nextafter(math.Ldexp(1, -53), 1), nil}, []any{0, 2, -0.5, 0.3, math.Ldexp(1, -53), "0.5", true}},
		"exemplars":           {goodFlags, badFlags},
		"initial_zero":        {goodFlags, badFlags},
		"resource_attributes": {goodNames, badNames},
		"series_limit":        {goodLimits, badLimits},
		"expire_after":        {append(goodDurations, goodZeros...), badDurations},
	}
	labelPools = map[string]pool{
		"value":    {goodValues, badValues},
		"default":  {[]any{"x", 1, 1.5, true, false, 0, 1e300, nil}, []any{"", []any{}, map[string]any{}}},
		"required": {goodFlags, badFlags},
	}
)

// draw makes a configuration of what choose says: it returns a number in [0,n).
type draw struct{ choose func(n int) int }

func (d draw) pick(values []any) any { return values[d.choose(len(values))] }

// fill sets some of the keys, a few of them to something bad.
func (d draw) fill(m map[string]any, pools map[string]pool, keys []string) {
	for _, key := range keys {
		switch n := d.choose(100); {
		case n == 0:
			m[key] = d.pick(pools[key].bad)
		case n < 12:
			m[key] = d.pick(pools[key].good)
		}
	}
	if d.choose(200) == 0 {
		m["other"] = 1
	}
}

func (d draw) component(keys map[string][]string) map[string]any {
	annotations := []any{}
	for range 1 + d.choose(2) {
		annotations = append(annotations, d.annotation(keys))
	}
	m := map[string]any{"annotations": annotations}
	if d.choose(100) == 0 {
		m["annotations"] = d.pick([]any{nil, "", []any{}, []any{nil}, []any{"a"}, map[string]any{}})
	}
	d.fill(m, componentPools, keys["component"])
	// With both spellings of the key, the order of a map says which one counts.
	if _, nested := m["telemetry"]; !nested && d.choose(20) == 0 {
		m["telemetry::per_annotation"] = d.pick([]any{true, false, nil, "true", 1})
	}
	return m
}

func (d draw) annotation(keys map[string][]string) map[string]any {
	m := map[string]any{"metric": "metric" + strconv.Itoa(d.choose(1000))}
	if d.choose(50) == 0 {
		m["metric"] = d.pick([]any{"", nil, 1, "1a", "a b", "ä", "A./-_9", strings.Repeat("a", 255), strings.Repeat("a", 256), "a\n", d.infoName()})
	}
	// Most types need a value, and have keys that others have not.
	switch d.choose(8) {
	case 0:
		m["type"], m["value"] = "gauge", "body"
		m["aggregate"] = d.pick(annotationPools["aggregate"].good)
	case 1:
		m["type"], m["value"] = "histogram", "body"
		m["buckets"], m["unit"] = d.pick(goodBuckets), d.pick(annotationPools["unit"].good)
	case 2:
		m["type"], m["value"] = "exponential_histogram", "body"
		m["max_size"] = d.pick(annotationPools["max_size"].good)
	case 3:
		m["type"], m["value"] = "updowncounter", "body"
	}
	d.fill(m, annotationPools, keys["annotation"])
	if d.choose(3) == 0 {
		labels := []any{}
		for range d.choose(3) {
			labels = append(labels, d.label(keys))
		}
		m["labels"] = labels
	}
	return m
}

// infoName is a name like that of a metric of Prometheus exporters, or nearly.
func (d draw) infoName() string {
	words := d.pick([]any{"target info", "otel scope info", "Target info"}).(string)
	separators := []any{"", "_", ".", "-", "/", "__", "._", "_.", "..", "-/", "._."}
	var name strings.Builder
	for word := range strings.FieldsSeq(words) {
		if name.Len() > 0 {
			name.WriteString(d.pick(separators).(string))
		}
		name.WriteString(word)
	}
	if d.choose(2) == 0 {
		name.WriteString(d.pick(separators).(string))
	}
	return name.String()
}

func (d draw) label(keys map[string][]string) any {
	if d.choose(50) == 0 {
		return d.pick([]any{nil, 1, true, []any{"a"}, map[string]any{}})
	}
	name := d.pick(goodLabels)
	if d.choose(20) == 0 {
		name = d.pick(badLabels)
	}
	if d.choose(2) == 0 {
		return name
	}
	m := map[string]any{"name": name}
	d.fill(m, labelPools, keys["label"])
	return m
}

// poolKeys are the keys of the pools, in a fixed order.
func poolKeys() map[string][]string {
	return map[string][]string{
		"component":  slices.Sorted(maps.Keys(componentPools)),
		"annotation": slices.Sorted(maps.Keys(annotationPools)),
		"label":      slices.Sorted(maps.Keys(labelPools)),
	}
}

// TestSchemaRefusesNothingValid compares the schema with the Collector on random
// configurations.
func TestSchemaRefusesNothingValid(t *testing.T) {
	s := compileSchema(t, componentSchema)
	random := rand.New(rand.NewPCG(1, 2))
	d := draw{random.IntN}
	keys := poolKeys()
	var valid, refused, unseen int
	for range 2_000 {
		m := d.component(keys)
		ours, theirs := load(confmap.NewFromStringMap(m)), checkSchema(s, m)
		switch {
		case ours == nil:
			valid++
			require.NoError(t, theirs, "the Collector accepts %v", m)
		case theirs != nil:
			refused++
		default:
			unseen++
		}
	}
	t.Logf("%d valid, %d refused by both, %d by the Collector alone", valid, refused, unseen)
	assert.Greater(t, valid, 200)
	assert.Greater(t, refused, 200)
	assert.Less(t, unseen, refused/10, "what the schema cannot see is rare here")
}

// FuzzSchema is the same, with a fuzzer that looks for what is not covered yet.
func FuzzSchema(f *testing.F) {
	s := compileSchema(f, componentSchema)
	keys := poolKeys()
	random := rand.New(rand.NewPCG(3, 4))
	for range 10 {
		seed := make([]byte, 200)
		for i := range seed {
			seed[i] = byte(random.UintN(256))
		}
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, choices []byte) {
		m := draw{func(n int) int {
			if len(choices) < 2 {
				return n - 1
			}
			c := int(choices[0])<<8 | int(choices[1])
			choices = choices[2:]
			return c % n
		}}.component(keys)
		if load(confmap.NewFromStringMap(m)) == nil {
			require.NoError(t, checkSchema(s, m), "the Collector accepts %v", m)
		}
	})
}
