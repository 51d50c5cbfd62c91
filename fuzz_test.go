// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package annotationmetricsprocessor

import (
	"math"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/conservation"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/doortest"
)

// fuzzConfig touches every type, every kind of label and a lot of OTTL; not UserAgent,
// which compiles hundreds of regular expressions each time that a door is opened.
const fuzzConfig = `
error_mode: silent
resource_attributes: ["*"]
series_limit: 3
annotations:
  - metric: all
  - metric: by.attribute
    labels: [a, b, c, {name: d, default: none}]
    series_limit: 0
  - metric: required
    labels: [{name: a, required: true}, {name: b, required: true}]
    resource_attributes: [service.name, a]
  - metric: by.record
    labels:
      - {name: body, value: body}
      - {name: severity, value: severity_number}
      - {name: severity_text, value: log.severity_text, default: 5}
      - {name: time, value: log.time}
      - {name: observed, value: observed_time}
      - {name: trace, value: trace_id}
      - {name: span, value: span_id}
      - {name: event, value: event_name}
      - {name: flags, value: flags}
      - {name: attributes, value: attributes}
      - {name: resource, value: resource.attributes}
      - {name: scope, value: scope.attributes}
      - {name: scope_name, value: scope.name}
      - {name: cache, value: cache}
  - metric: by.function
    labels:
      - {name: list, value: '[body, attributes, attributes["a"], 1, nil]'}
      - {name: map, value: '{"body": body, "a": [attributes["a"]]}'}
      - {name: keys, value: 'Keys(attributes)'}
      - {name: split, value: 'Split(String(body), ",")'}
      - {name: lower, value: 'ConvertCase(String(body), "lower")'}
      - {name: hash, value: 'SHA256(String(body))'}
      - {name: time, value: 'FormatTime(log.time, "%Y-%m-%dT%H:%M:%S")'}
      - {name: duration, value: 'log.observed_time - log.time'}
  - metric: json
    labels: [{name: json, value: ParseJSON(body)}]
  - metric: csv
    labels: [{name: csv, value: 'ParseCSV(body, "a,b", mode="lazyQuotes")'}]
  - metric: xml
    labels: [{name: xml, value: ParseXML(body)}]
  - metric: key_value
    labels: [{name: kv, value: 'ParseKeyValue(body, "=", ",")'}]
  - metric: url
    labels: [{name: url, value: URL(body)}]
  - metric: pattern
    condition: IsMatch(body, "(?i)e")
    labels: [{name: p, value: 'ExtractPatterns(body, "(?P<w>\\S+)")["w"]'}]
  - metric: sorted
    labels: [{name: s, value: 'Sort(attributes["a"], "desc")'}]
  - metric: value
    value: attributes["a"]
    labels: [b]
  - metric: value.text
    value: body
  - metric: value.arithmetic
    condition: attributes["a"] * 2 != 3 or attributes["b"] > 1.5
    value: attributes["a"] / attributes["b"] + 1
  - metric: updown
    type: updowncounter
    value: Double(attributes["a"])
    condition: not (attributes["a"] == nil)
  - metric: gauge
    type: gauge
    value: attributes["a"]
    labels: [c]
  - metric: gauge.time
    type: gauge
    value: log.observed_time - log.time
  - metric: histogram
    type: histogram
    value: attributes["a"]
    buckets: [-1.0, 0, 1, 1000]
    labels: [b]
  - metric: histogram.positive
    type: histogram
    unit: s
    value: Len(body)
    labels: [{name: first, value: 'Substring(String(body), 0, 1)'}]
  - metric: gauge.min
    type: gauge
    aggregate: min
    value: attributes["a"]
  - metric: gauge.max
    type: gauge
    aggregate: max
    value: attributes["a"]
    labels: [c]
  - metric: exponential
    type: exponential_histogram
    value: attributes["a"]
    labels: [b]
  - metric: exponential.small
    type: exponential_histogram
    max_size: 20
    value: attributes["a"]
  - metric: nested
    condition: attributes["m"]["k"][0] != nil and resource.attributes["a"] != attributes["a"]
    value: attributes["m"]["k"][0]
  - metric: filtered
    condition: severity_number >= SEVERITY_NUMBER_ERROR and IsMap(attributes["m"]) and HasPrefix(String(body), "e")
`

// FuzzConsumeLogs sends whatever pdata can decode through a door, twice; what it cannot
// decode says how to build logs instead, so that no input is wasted. It requires that
// nothing panics, that every record has one outcome at every annotation and is in
// the metric if that is `matched`, that what is emitted can be encoded, and that the logs
// go on as they came.
func FuzzConsumeLogs(f *testing.F) {
	require.NoError(f, confmap.Validate(fuzzConfigOf(f)))
	for _, ld := range fuzzSeeds(f) {
		data, err := (&plog.ProtoMarshaler{}).MarshalLogs(ld)
		require.NoError(f, err)
		f.Add(data, false)
		f.Add(data, true)
	}
	for _, text := range fuzzJSON {
		f.Add([]byte(text), false)
	}
	f.Add([]byte("\x07\x03 build logs from these bytes \xff\xfe\x00\x01\x02\x03"), true)
	f.Fuzz(func(t *testing.T, data []byte, connector bool) {
		ld := decodeLogs(data)
		var marshaler plog.ProtoMarshaler
		before, err := marshaler.MarshalLogs(ld)
		require.NoError(t, err)
		ld.MarkReadOnly()

		cfg := fuzzConfigOf(t)
		logs, metrics := new(consumertest.LogsSink), new(consumertest.MetricsSink)
		var door *doortest.Door
		if connector {
			door = doortest.Connector(t, cfg, metrics)
		} else {
			door = doortest.Processor(t, cfg, logs, metrics)
		}
		const times = 2 // the second time through memory that was used before
		for range times {
			require.NoError(t, door.ConsumeLogs(t.Context(), ld))
		}
		points := telemetryPoints(t, door.Telemetry, door.Kind)
		require.NoError(t, door.Shutdown())

		emitted := merge(metrics.AllMetrics())
		checkConservation(t, cfg, points, times*ld.LogRecordCount(), conservation.Of(emitted))
		matched := map[string]int64{}
		for _, p := range points {
			if p.Metric == "records" && p.Attributes["outcome"] == "matched" {
				matched[p.Attributes["annotation"]] = p.Value
			}
		}
		checkEmitted(t, cfg, emitted, matched)

		if !connector {
			require.Len(t, logs.AllLogs(), times)
			for _, forwarded := range logs.AllLogs() {
				after, err := marshaler.MarshalLogs(forwarded)
				require.NoError(t, err)
				require.Equal(t, before, after, "logs are forwarded as they came")
			}
		}
	})
}

func decodeLogs(data []byte) plog.Logs {
	if ld, err := (&plog.ProtoUnmarshaler{}).UnmarshalLogs(data); err == nil {
		return ld
	}
	if ld, err := (&plog.JSONUnmarshaler{}).UnmarshalLogs(data); err == nil {
		return ld
	}
	b := &logsBuilder{data: data}
	return b.build()
}

func fuzzConfigOf(t testing.TB) *Config {
	t.Helper()
	retrieved, err := confmap.NewRetrievedFromYAML([]byte(fuzzConfig))
	require.NoError(t, err)
	conf, err := retrieved.AsConf()
	require.NoError(t, err)
	cfg := NewFactory().CreateDefaultConfig().(*Config)
	require.NoError(t, conf.Unmarshal(cfg))
	for i := range cfg.Annotations {
		// A first point that is a zero says nothing of what is read.
		if a := &cfg.Annotations[i]; a.Type == "histogram" || a.Type == "exponential_histogram" || a.EffectiveType() == "counter" {
			a.InitialZero = new(bool)
		}
	}
	return cfg
}

// checkEmitted requires that there are series if and only if records matched, no more than
// the limit allows, and that a backend can take them.
func checkEmitted(t *testing.T, cfg *Config, md pmetric.Metrics, matched map[string]int64) {
	t.Helper()
	encoded, err := (&pmetric.ProtoMarshaler{}).MarshalMetrics(md)
	require.NoError(t, err)
	_, err = (&pmetric.ProtoUnmarshaler{}).UnmarshalMetrics(encoded)
	require.NoError(t, err)
	series := map[string]int{}
	for _, rm := range md.ResourceMetrics().All() {
		checkAttributes(t, rm.Resource().Attributes())
		for _, m := range rm.ScopeMetrics().At(0).Metrics().All() {
			switch m.Type() {
			case pmetric.MetricTypeHistogram:
				for _, dp := range m.Histogram().DataPoints().All() {
					checkAttributes(t, dp.Attributes())
					require.Equal(t, dp.ExplicitBounds().Len()+1, dp.BucketCounts().Len())
					require.False(t, math.IsNaN(dp.Sum()) || math.IsInf(dp.Sum(), 0))
					series[m.Name()]++
				}
			case pmetric.MetricTypeExponentialHistogram:
				for _, dp := range m.ExponentialHistogram().DataPoints().All() {
					checkAttributes(t, dp.Attributes())
					require.LessOrEqual(t, dp.Positive().BucketCounts().Len(), 160)
					require.False(t, math.IsNaN(dp.Sum()) || math.IsInf(dp.Sum(), 0))
					require.LessOrEqual(t, 0.0, dp.Min())
					require.LessOrEqual(t, dp.Min(), dp.Max())
					require.LessOrEqual(t, dp.Max(), dp.Sum())
					series[m.Name()]++
				}
			case pmetric.MetricTypeSum:
				for _, dp := range m.Sum().DataPoints().All() {
					checkNumber(t, dp)
					series[m.Name()]++
					require.False(t, m.Sum().IsMonotonic() && dp.DoubleValue() < 0)
				}
			default:
				for _, dp := range m.Gauge().DataPoints().All() {
					checkNumber(t, dp)
					series[m.Name()]++
				}
			}
		}
	}
	for i := range cfg.Annotations {
		a := &cfg.Annotations[i]
		require.Equal(t, matched[a.Metric] > 0, series[a.Metric] > 0, "%s has series if and only if records matched", a.Metric)
		if limit := cfg.SeriesLimitOf(a); limit > 0 {
			require.LessOrEqual(t, series[a.Metric], limit+1, a.Metric)
		}
	}
}

func checkNumber(t *testing.T, dp pmetric.NumberDataPoint) {
	t.Helper()
	checkAttributes(t, dp.Attributes())
	require.False(t, math.IsNaN(dp.DoubleValue()) || math.IsInf(dp.DoubleValue(), 0))
}

func checkAttributes(t *testing.T, m pcommon.Map) {
	t.Helper()
	seen := map[string]bool{}
	for name, v := range m.All() {
		require.False(t, seen[name], "%q is there twice", name)
		seen[name] = true
		require.True(t, utf8.ValidString(name), "%q", name)
		switch v.Type() {
		case pcommon.ValueTypeInt, pcommon.ValueTypeDouble, pcommon.ValueTypeBool:
		case pcommon.ValueTypeStr:
			require.NotEmpty(t, v.Str(), name)
			require.True(t, utf8.ValidString(v.Str()), "%q", v.Str())
			require.LessOrEqual(t, len(v.Str()), 1024, name)
		default:
			require.Fail(t, "a label is a scalar", "%s is of type %s", name, v.Type())
		}
	}
}
