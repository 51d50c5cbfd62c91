// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/columns"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/config"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/labels"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/overhead"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/series"
)

func compile(t testing.TB, yaml string) *Plan {
	t.Helper()
	retrieved, err := confmap.NewRetrievedFromYAML([]byte(yaml))
	require.NoError(t, err)
	conf, err := retrieved.AsConf()
	require.NoError(t, err)
	cfg := config.Default()
	require.NoError(t, conf.Unmarshal(cfg))
	require.NoError(t, confmap.Validate(cfg))
	p, err := Compile(cfg, componenttest.NewNopTelemetrySettings())
	require.NoError(t, err)
	require.Len(t, p.Annotations, len(cfg.Annotations))
	return p
}

func (p *Plan) measure(annotation int) *Measure {
	return &p.Measures[p.Annotations[annotation].Measure]
}

// TestSharedMeasures: annotations that differ in name, description or limit only, feed on
// one measure; those that differ in what they measure do not.
func TestSharedMeasures(t *testing.T) {
	p := compile(t, `
annotations:
  - {metric: a, condition: body == "x", labels: [l]}
  - {metric: b, condition: body  ==  "x", labels: [l], description: d, unit: u, series_limit: 1}
  - {metric: condition, condition: body == "y", labels: [l]}
  - {metric: labels, condition: body == "x", labels: [m]}
  - {metric: value, condition: body == "x", labels: [l], value: body}
  - {metric: type, condition: body == "x", labels: [l], value: body, type: updowncounter}
  - {metric: buckets, condition: body == "x", labels: [l], value: body, type: histogram, buckets: [1, 2]}
  - {metric: buckets2, condition: body == "x", labels: [l], value: body, type: histogram, buckets: [12]}
  - {metric: gauge, condition: body == "x", labels: [l], value: body, type: gauge}
  - {metric: min, condition: body == "x", labels: [l], value: body, type: gauge, aggregate: min}
  - {metric: max, condition: body == "x", labels: [l], value: body, type: gauge, aggregate: max}
  - {metric: size, condition: body == "x", labels: [l], value: body, type: exponential_histogram}
  - {metric: size2, condition: body == "x", labels: [l], value: body, type: exponential_histogram, max_size: 20}
`)
	require.Len(t, p.Measures, len(p.Annotations)-1)
	assert.Equal(t, p.Annotations[0].Measure, p.Annotations[1].Measure)
	assert.Equal(t, []int{0, 1}, p.measure(0).Annotations)
	assert.Equal(t, overhead.Shared, p.measure(0).Owner)
	assert.Equal(t, 1, p.Annotations[1].Metric.Limit)
	for i := 2; i < len(p.Annotations); i++ {
		assert.Equal(t, []int{i}, p.measure(i).Annotations)
		assert.Equal(t, i, p.measure(i).Owner)
	}
}

// TestSharedConditions: an equal condition is evaluated once, and its cost is nobody's
// own.
func TestSharedConditions(t *testing.T) {
	p := compile(t, `
annotations:
  - {metric: a, condition: body == "x"}
  - {metric: b, condition: body == "y"}
  - {metric: c, condition: body == "x"}
  - {metric: d}
  - {metric: e}
  - {metric: f, condition: body == "x"}
  - {metric: g, condition: log.body == "x"}
`)
	require.Len(t, p.Conditions, 2)
	at := func(i int) int { return p.measure(i).Condition }
	assert.Equal(t, at(0), at(6), "another spelling of the same")
	assert.Equal(t, at(0), at(2))
	assert.Equal(t, at(0), at(5))
	assert.NotEqual(t, at(0), at(1))
	assert.Equal(t, overhead.Shared, p.Conditions[at(0)].Owner)
	assert.Equal(t, 1, p.Conditions[at(1)].Owner)
	assert.Equal(t, None, at(3))
	assert.Equal(t, None, at(4))

	// Each position leads to the right condition.
	ld := plog.NewLogs()
	records := ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords()
	records.AppendEmpty().Body().SetStr("x")
	records.AppendEmpty().Body().SetStr("y")
	chunk := columns.NewChunk(p.Schema)
	reader := columns.NewReader(ld)
	require.True(t, reader.Next(chunk))
	for i, want := range map[int]int{0: 0, 1: 1, 2: 0, 5: 0, 6: 0} {
		res := p.Conditions[at(i)].Eval(t.Context(), chunk, columns.First(chunk.Len()))
		assert.Equal(t, 1, res.Match.Len())
		assert.True(t, res.Match.Has(want), "annotation %d", i)
	}
}

// TestRates: annotations that differ in their rate share no measure, but all else. A
// condition is evaluated for the records of the rates that need it, or for all.
func TestRates(t *testing.T) {
	p := compile(t, `
annotations:
  - {metric: all, condition: body == "x", labels: [l]}
  - {metric: one, condition: body == "x", labels: [l], sample_rate: 1}
  - {metric: tenth, condition: body == "x", labels: [l], sample_rate: 0.1}
  - {metric: tenth_too, condition: body == "x", labels: [l], sample_rate: 0.1}
  - {metric: third, condition: body == "y", labels: [l], sample_rate: 0.3333333333}
  - {metric: tenth_of_y, condition: body == "y", labels: [l], sample_rate: 0.1}
  - {metric: third_of_all, labels: [l], sample_rate: 0.3333333333333}
  - {metric: tenth_of_z, condition: body == "z", value: body, sample_rate: 0.1}
  - {metric: tenth_of_z_too, condition: body == "z", sample_rate: 0.1}
  - {metric: half, sample_rate: 0.5}
`)
	assert.Equal(t, []Rate{{N: 10, Owner: overhead.Shared}, {N: 3, Owner: overhead.Shared}, {N: 2, Owner: 9}}, p.Rates)
	require.Len(t, p.Measures, 8)
	for i, want := range []struct {
		rate   int
		weight uint64
	}{{None, 0}, {None, 0}, {0, 10}, {0, 10}, {1, 3}, {0, 10}, {1, 3}, {0, 10}, {0, 10}, {2, 2}} {
		assert.Equal(t, want.rate, p.measure(i).Rate, i)
		assert.Equal(t, want.weight, p.Annotations[i].Metric.Weight, i)
	}
	assert.Equal(t, p.Annotations[0].Measure, p.Annotations[1].Measure)
	assert.Equal(t, p.Annotations[2].Measure, p.Annotations[3].Measure)
	assert.NotEqual(t, p.Annotations[0].Measure, p.Annotations[2].Measure)
	require.Len(t, p.Conditions, 3)
	assert.Empty(t, p.Conditions[0].Rates, "two measures want all records")
	assert.Equal(t, []int{1, 0}, p.Conditions[1].Rates)
	assert.Equal(t, []int{0}, p.Conditions[2].Rates)
	assert.Empty(t, compile(t, `annotations: [{metric: a}, {metric: b, sample_rate: 1}]`).Rates)
}

func TestSharedValues(t *testing.T) {
	p := compile(t, `
annotations:
  - {metric: a, value: 'attributes["v"]'}
  - {metric: b, value: 'attributes["w"]', type: gauge}
  - {metric: c, value: 'attributes["v"]', type: histogram, buckets: [1]}
  - {metric: d}
  - {metric: e}
`)
	require.Len(t, p.Values, 2)
	at := func(i int) int { return p.measure(i).Value }
	assert.Equal(t, at(0), at(2))
	assert.Equal(t, overhead.Shared, p.Values[at(0)].Owner)
	assert.NotEqual(t, at(0), at(1))
	assert.Equal(t, 1, p.Values[at(1)].Owner)
	assert.Equal(t, None, at(3))
	assert.Equal(t, None, at(4))
}

// TestSharedTuples: label lists are one only if they are equal in all that they do to a
// record, and in the resource attributes beside them.
func TestSharedTuples(t *testing.T) {
	p := compile(t, `
annotations:
  - {metric: same1, labels: [x, {name: y, value: body, default: d}]}
  - {metric: same2, labels: [{name: x}, {name: y, value: body, default: d}]}
  - {metric: same3, labels: [x, {name: y, value: body, default: d}], resource_attributes: [service.name, service.namespace, service.instance.id]}
  - {metric: fewer, labels: [x]}
  - {metric: order, labels: [{name: y, value: body, default: d}, x]}
  - {metric: other_default, labels: [x, {name: y, value: body, default: e}]}
  - {metric: no_default, labels: [x, {name: y, value: body}]}
  - {metric: required, labels: [x, {name: y, value: body, required: true}]}
  - {metric: other_value, labels: [x, {name: y, value: severity_text, default: d}]}
  - {metric: other_name, labels: [x, {name: z, value: body, default: d}]}
  - {metric: attribute, labels: [x, {name: y, default: d}]}
  - {metric: x_required, labels: [{name: x, required: true}, {name: y, value: body, default: d}]}
  - {metric: no_resource, labels: [x, {name: y, value: body, default: d}], resource_attributes: []}
  - {metric: all_resource, labels: [x, {name: y, value: body, default: d}], resource_attributes: ["*"]}
  - {metric: joined_resource, labels: [x, {name: y, value: body, default: d}], resource_attributes: ["a b"]}
  - {metric: split_resource, labels: [x, {name: y, value: body, default: d}], resource_attributes: [a, b]}
  - {metric: none}
  - {metric: int_default, labels: [{name: y, default: 1}]}
  - {metric: text_default, labels: [{name: y, default: "1"}]}
  - {metric: bool_default, labels: [{name: y, default: true}]}
  - {metric: bool_text_default, labels: [{name: y, default: "true"}]}
`)
	shared := p.measure(0).Tuples
	assert.Equal(t, overhead.Shared, p.Tuples[shared].Owner)
	seen := map[int]string{shared: "same1"}
	for i, a := range p.Annotations {
		tuples := p.measure(i).Tuples
		if i < 3 {
			assert.Equal(t, shared, tuples, a.Metric.Name)
			continue
		}
		assert.NotContains(t, seen, tuples, "%s shares with %s", a.Metric.Name, seen[tuples])
		assert.Equal(t, i, p.Tuples[tuples].Owner, a.Metric.Name)
		seen[tuples] = a.Metric.Name
	}
	assert.Len(t, p.Tuples, len(p.Annotations)-2)
}

// TestDefaultsOfTwoTypes: 1 and 1.0 have one text but are emitted with their own types,
// so that lists that differ in them are two.
func TestDefaultsOfTwoTypes(t *testing.T) {
	p := compile(t, `
annotations:
  - {metric: int, labels: [{name: y, default: 1}]}
  - {metric: double, labels: [{name: y, default: 1.0}]}
`)
	ld := plog.NewLogs()
	ld.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
	chunk := columns.NewChunk(p.Schema)
	reader := columns.NewReader(ld)
	require.True(t, reader.Next(chunk))
	require.Len(t, p.Labels, 1)
	dictionary := labels.NewDictionary(p.Labels[0].Source)
	wanted := columns.First(1)
	dictionary.Read(t.Context(), chunk, &wanted)
	for i, want := range []any{int64(1), 1.0} {
		tuples := p.Tuples[p.measure(i).Tuples]
		resources := labels.NewResourceDictionary(p.Selectors[tuples.Selector].Selector)
		resources.Read(chunk)
		encoder := labels.NewEncoder(tuples.List, resources, []*labels.Dictionary{dictionary})
		encoder.Begin()
		var batch labels.Tuples
		encoder.Read(chunk, &wanted, &batch)
		m := pcommon.NewMap()
		tuples.List.PutTo(m, batch.All()[0].Text)
		assert.Equal(t, map[string]any{"y": want}, m.AsRaw(), p.Annotations[i].Metric.Name)
	}
}

// TestColumnsAreShared: one attribute is one column, however many lists read it.
func TestColumnsAreShared(t *testing.T) {
	p := compile(t, `
annotations:
  - {metric: a, labels: [x, y]}
  - {metric: b, labels: [y, {name: x, required: true}]}
  - {metric: c, labels: [{name: z, value: body}]}
`)
	x, y, body := p.Schema.Attribute("x"), p.Schema.Attribute("y"), p.Schema.Column(columns.Source{Field: columns.Body})
	assert.ElementsMatch(t, []int{0, 1, 2}, []int{x, y, body})
	assert.Equal(t, 3, p.Schema.Attribute("new"), "no column but those")
	require.Len(t, p.Labels, 3)
	assert.Equal(t, []int{0, 1}, p.Tuples[0].Labels)
	assert.Equal(t, []int{1, 0}, p.Tuples[1].Labels)
	assert.Equal(t, overhead.Shared, p.Labels[0].Owner)
	assert.Equal(t, 2, p.Labels[2].Owner)
}

func TestDefinitions(t *testing.T) {
	p := compile(t, `
temporality: delta
series_limit: 5
expire_after: 2h
annotations:
  - {metric: counter, description: d, unit: u, initial_zero: false, expire_after: 1m}
  - {metric: value_counter, value: body, series_limit: 0}
  - {metric: updown, type: updowncounter, value: body, series_limit: 7}
  - {metric: gauge, type: gauge, value: body}
  - {metric: min, type: gauge, value: body, aggregate: min}
  - {metric: max, type: gauge, value: body, aggregate: max}
  - {metric: own, type: histogram, value: body, buckets: [-1, 2.5]}
  - {metric: exponential, type: exponential_histogram, value: body}
  - {metric: small, type: exponential_histogram, value: body, max_size: 20}
  - {metric: usual, type: histogram, value: body, unit: s}
`)
	var got []series.Definition
	for _, a := range p.Annotations {
		got = append(got, *a.Metric)
	}
	assert.Equal(t, []series.Definition{
		{Name: "counter", Description: "d", Unit: "u", Type: series.Counter, Delta: true, Limit: 5, ExpireAfter: time.Minute},
		{Name: "value_counter", Type: series.ValueCounter, Delta: true, ExpireAfter: 2 * time.Hour, InitialZero: true},
		{Name: "updown", Type: series.UpDownCounter, Delta: true, Limit: 7, InitialZero: true},
		{Name: "gauge", Type: series.Gauge, Delta: true, Limit: 5, ExpireAfter: 2 * time.Hour, InitialZero: true},
		{Name: "min", Type: series.MinGauge, Delta: true, Limit: 5, ExpireAfter: 2 * time.Hour, InitialZero: true},
		{Name: "max", Type: series.MaxGauge, Delta: true, Limit: 5, ExpireAfter: 2 * time.Hour, InitialZero: true},
		{Name: "own", Type: series.Histogram, Delta: true, Limit: 5, Boundaries: []float64{-1, 2.5}, ExpireAfter: 2 * time.Hour, InitialZero: true},
		{Name: "exponential", Type: series.ExponentialHistogram, Delta: true, Limit: 5, MaxSize: 160, ExpireAfter: 2 * time.Hour, InitialZero: true},
		{Name: "small", Type: series.ExponentialHistogram, Delta: true, Limit: 5, MaxSize: 20, ExpireAfter: 2 * time.Hour, InitialZero: true},
		{
			Name: "usual", Unit: "s", Type: series.Histogram, Delta: true, Limit: 5, ExpireAfter: 2 * time.Hour, InitialZero: true,
			Boundaries: []float64{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10},
		},
	}, got)
	assert.False(t, compile(t, `annotations: [{metric: a}]`).Annotations[0].Metric.Delta)
}

// TestCompileErrors name the annotation and the key. A configuration that was validated
// has none; what was not must not start half.
func TestCompileErrors(t *testing.T) {
	for name, a := range map[string]struct {
		annotation config.Annotation
		want       string
	}{
		"condition": {config.Annotation{Metric: "m", Condition: "body =="}, "annotation \"m\": `condition`: "},
		"value":     {config.Annotation{Metric: "m", Value: "body =="}, "annotation \"m\": `value`: "},
		"label": {
			config.Annotation{Metric: "m", Labels: []config.Label{{Name: "l", Value: "body =="}}},
			"annotation \"m\": label \"l\": `value`: ",
		},
		"default": {config.Annotation{Metric: "m", Labels: []config.Label{{Name: "l", Default: struct{}{}}}}, "annotation \"m\": "},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := config.Default()
			cfg.Annotations = []config.Annotation{{Metric: "good"}, a.annotation}
			p, err := Compile(cfg, componenttest.NewNopTelemetrySettings())
			require.ErrorContains(t, err, a.want)
			assert.Nil(t, p)
		})
	}
}
