// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package annotationmetricsprocessor

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/golden"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/pdatatest/pmetrictest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/confmaptest"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"gopkg.in/yaml.v3"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/conservation"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/doortest"
)

var update = flag.Bool("update", false, "write the golden files of TestGolden instead of comparing with them")

// TestGolden runs every folder of testdata through the processor and through the
// connector. A folder holds config.yaml, one input file for each interval (input.yaml,
// input_2.yaml, ...), what is emitted at the end of each (output.yaml, output_2.yaml,
// ...; none if nothing is), and the self-metrics at the end (telemetry.yaml). What is emitted
// must add up to what matched, with what the shutdown emits.
//
// Time is that of a synctest bubble, so that times are compared too: the component
// starts at 2000-01-01T00:00:00Z and emits every interval.
func TestGolden(t *testing.T) {
	configs, err := filepath.Glob("testdata/*/config.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, configs)
	for _, file := range configs {
		dir := filepath.Dir(file)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			doortest.Each(t, func(t *testing.T, open doortest.Open) {
				synctest.Test(t, func(t *testing.T) { runGolden(t, dir, open) })
			})
		})
	}
}

func runGolden(t *testing.T, dir string, open doortest.Open) {
	cfg := loadConfig(t, filepath.Join(dir, "config.yaml"))
	sink := new(consumertest.MetricsSink)
	door := open(t, cfg, sink)
	records := 0
	var ledger conservation.Ledger
	for n := 1; ; n++ {
		input := numbered(dir, "input", n)
		if _, err := os.Stat(input); err != nil {
			require.Greater(t, n, 1, "no input in %s", dir)
			break
		}
		ld, err := golden.ReadLogs(input)
		require.NoError(t, err)
		ld.MarkReadOnly()
		records += ld.LogRecordCount()
		require.NoError(t, door.ConsumeLogs(t.Context(), ld))
		time.Sleep(cfg.Interval)
		synctest.Wait()
		emitted := merge(sink.AllMetrics())
		ledger.Add(emitted)
		compareMetrics(t, numbered(dir, "output", n), emitted)
		sink.Reset()
	}
	actual := telemetryPoints(t, door.Telemetry, door.Kind)
	compareTelemetry(t, filepath.Join(dir, "telemetry.yaml"), actual)
	require.NoError(t, door.Shutdown()) // emits what series that began last still have to say
	for _, md := range sink.AllMetrics() {
		ledger.Add(md)
	}
	checkConservation(t, cfg, actual, records, &ledger)
}

// checkConservation checks that every record has one outcome at every annotation, and that
// what was emitted is what matched.
func checkConservation(t *testing.T, cfg *Config, points []telemetryPoint, records int, ledger *conservation.Ledger) {
	assert.NoError(t, ledger.Err())
	outcomes := conservation.Records{}
	for _, p := range points {
		if p.Metric == "records" {
			outcomes.Add(p.Attributes["annotation"], p.Attributes["outcome"], p.Value)
		}
	}
	if !cfg.Telemetry.PerAnnotation {
		assert.NoError(t, outcomes.Check(int64(records*len(cfg.Annotations)), ""))
		return
	}
	for _, a := range cfg.Annotations {
		assert.NoError(t, outcomes.Check(int64(records), a.Metric))
		typ := a.EffectiveType()
		if counts := typ == "histogram" || typ == "exponential_histogram" || a.IsInt(); counts && a.SampleRate == nil {
			assert.NoError(t, ledger.CheckMatched(outcomes, a.Metric, 1))
		}
	}
}

func numbered(dir, name string, n int) string {
	if n > 1 {
		name = fmt.Sprintf("%s_%d", name, n)
	}
	return filepath.Join(dir, name+".yaml")
}

func loadConfig(t *testing.T, file string) *Config {
	conf, err := confmaptest.LoadConf(file)
	require.NoError(t, err)
	cfg := NewFactory().CreateDefaultConfig().(*Config)
	require.NoError(t, conf.Unmarshal(cfg))
	require.NoError(t, confmap.Validate(cfg))
	return cfg
}

// merge puts the payloads of one emission together.
func merge(payloads []pmetric.Metrics) pmetric.Metrics {
	all := pmetric.NewMetrics()
	for _, md := range payloads {
		md.ResourceMetrics().MoveAndAppendTo(all.ResourceMetrics())
	}
	return all
}

func compareMetrics(t *testing.T, file string, actual pmetric.Metrics) {
	if actual.DataPointCount() == 0 {
		if *update {
			_ = os.Remove(file)
		}
		assert.NoFileExists(t, file, "nothing was emitted")
		return
	}
	if *update {
		require.NoError(t, golden.WriteMetricsToFile(file, actual, golden.SkipMetricTimestampNormalization()))
		return
	}
	expected, err := golden.ReadMetrics(file)
	require.NoError(t, err)
	assert.NoError(t, pmetrictest.CompareMetrics(expected, actual,
		pmetrictest.IgnoreResourceMetricsOrder(),
		pmetrictest.IgnoreMetricsOrder(),
		pmetrictest.IgnoreMetricDataPointsOrder(),
	))
}

// telemetryPoint is one point of a self-metric in telemetry.yaml.
type telemetryPoint struct {
	Metric     string            `yaml:"metric"`
	Attributes map[string]string `yaml:"attributes,omitempty"`
	Value      int64             `yaml:"value"`
}

// compareTelemetry compares all self-metrics but times. Points with the value 0 are left
// out; the door's own attribute is checked and left out.
func compareTelemetry(t *testing.T, file string, actual []telemetryPoint) {
	if *update {
		text, err := yaml.Marshal(actual)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(file, text, 0o600))
		return
	}
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	var expected []telemetryPoint
	require.NoError(t, yaml.Unmarshal(text, &expected))
	assert.Equal(t, expected, actual)
}

func telemetryPoints(t *testing.T, tel *componenttest.Telemetry, kind string) []telemetryPoint {
	prefix := "otelcol_" + kind + "_annotation_metrics_"
	var points []telemetryPoint
	add := func(name string, set attribute.Set, value int64) {
		id, ok := set.Value(attribute.Key(kind))
		require.True(t, ok, "%s lacks the attribute %s", name, kind)
		require.Equal(t, doortest.ID.String(), id.AsString())
		if value == 0 {
			return
		}
		p := telemetryPoint{Metric: strings.TrimPrefix(name, prefix), Value: value, Attributes: map[string]string{}}
		for _, kv := range set.ToSlice() {
			if string(kv.Key) != kind {
				p.Attributes[string(kv.Key)] = kv.Value.AsString()
			}
		}
		if len(p.Attributes) == 0 {
			p.Attributes = nil
		}
		points = append(points, p)
	}
	var rm metricdata.ResourceMetrics
	require.NoError(t, tel.Reader.Collect(t.Context(), &rm))
	for _, sm := range rm.ScopeMetrics {
		for _, m := range sm.Metrics {
			if !strings.HasPrefix(m.Name, prefix) {
				continue // processorhelper's own
			}
			switch data := m.Data.(type) {
			case metricdata.Sum[int64]:
				for _, dp := range data.DataPoints {
					add(m.Name, dp.Attributes, dp.Value)
				}
			case metricdata.Gauge[int64]:
				for _, dp := range data.DataPoints {
					add(m.Name, dp.Attributes, dp.Value)
				}
			case metricdata.Sum[float64]:
				require.Equal(t, prefix+"overhead_time", m.Name)
			default:
				require.Fail(t, "unexpected kind of self-metric", "%s: %T", m.Name, data)
			}
		}
	}
	sort.Slice(points, func(i, j int) bool {
		a, b := points[i], points[j]
		if a.Metric != b.Metric {
			return a.Metric < b.Metric
		}
		return fmt.Sprint(a.Attributes) < fmt.Sprint(b.Attributes)
	})
	return points
}
