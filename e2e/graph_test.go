// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"
)

// everyType has one annotation of each type.
const everyType = `
    interval: 1s
    annotations:
      - {metric: requests, labels: [route]}
      - {metric: errors, condition: 'Int(log.attributes["status"]) >= 500', labels: [route]}
      - {metric: bytes, value: 'attributes["size"]'}
      - {metric: inflight, type: updowncounter, value: 'attributes["change"]'}
      - {metric: size, type: histogram, value: 'attributes["size"]', buckets: [10, 100]}
      - {metric: temperature, type: gauge, value: 'attributes["temperature"]', labels: [room]}
`

const processorAndReceiver = `
receivers:
  push:
  annotation_metrics:
processors:
  annotation_metrics:` + everyType + `
exporters:
  logs_sink:
  metrics_sink:
service:
  pipelines:
    logs: {receivers: [push], processors: [annotation_metrics], exporters: [logs_sink]}
    metrics: {receivers: [annotation_metrics], exporters: [metrics_sink]}
`

const connectorDoor = `
receivers:
  push:
connectors:
  annotation_metrics:` + everyType + `
exporters:
  metrics_sink:
service:
  pipelines:
    logs: {receivers: [push], exporters: [annotation_metrics]}
    metrics: {receivers: [annotation_metrics], exporters: [metrics_sink]}
`

func everyTypesLogs() []plog.Logs {
	return []plog.Logs{
		logs(
			attributes{"route": "/cart", "status": "503", "size": 10, "change": 1, "temperature": 19.5, "room": "a"},
			attributes{"route": "/cart", "status": "200", "size": "11", "change": 1, "temperature": 18, "room": "b"},
			attributes{"route": "/", "status": "nonsense", "size": "-", "change": -1},
		),
		logs(
			attributes{"route": "/", "status": 500, "size": 1000.5, "change": 1, "temperature": 20.5, "room": "a"},
			attributes{"size": -1},
		),
	}
}

var everyTypesTotals = map[string]float64{
	`requests{resource.service.name="shop",route="/cart"}`: 2,
	`requests{resource.service.name="shop",route="/"}`:     2,
	`requests{resource.service.name="shop"}`:               1,
	`errors{resource.service.name="shop",route="/cart"}`:   1,
	`errors{resource.service.name="shop",route="/"}`:       1,
	`bytes{resource.service.name="shop"}`:                  1021.5,
	`inflight{resource.service.name="shop"}`:               2,
	`size{resource.service.name="shop"}`:                   1021.5,
	`temperature{resource.service.name="shop",room="a"}`:   20.5,
	`temperature{resource.service.name="shop",room="b"}`:   18,
}

func TestProcessorAndReceiver(t *testing.T) {
	c := runInProcess(t, processorAndReceiver)
	all := everyTypesLogs()
	for _, ld := range all {
		c.send(t, "push", ld)
	}

	sink := c.metrics("metrics_sink")
	waitFor(t, "the derived metrics", func() bool { return sink.has(everyTypesTotals) }, sink.String)
	size := sink.last()[`size{resource.service.name="shop"}`]
	require.Equal(t, []uint64{1, 1, 1}, size.buckets)
	require.EqualValues(t, 3, size.count)

	var marshaler plog.ProtoMarshaler
	sent := c.sunkLogs("logs_sink").all()
	require.Len(t, sent, len(all))
	for i := range all {
		want, err := marshaler.MarshalLogs(all[i])
		require.NoError(t, err)
		got, err := marshaler.MarshalLogs(sent[i])
		require.NoError(t, err)
		require.Equal(t, want, got, "the logs must pass untouched")
	}
}

func TestConnector(t *testing.T) {
	c := runInProcess(t, connectorDoor)
	for _, ld := range everyTypesLogs() {
		c.send(t, "push", ld)
	}
	sink := c.metrics("metrics_sink")
	waitFor(t, "the derived metrics", func() bool { return sink.has(everyTypesTotals) }, sink.String)
}

// Times of a series strictly rise, and a start is below its time.
func TestTimes(t *testing.T) {
	c := runInProcess(t, processorAndReceiver)
	sink := c.metrics("metrics_sink")
	for _, emissions := range []int{1, 2, 3} {
		c.send(t, "push", everyTypesLogs()[0])
		waitFor(t, "an emission", func() bool { return len(sink.all()) >= emissions }, sink.String)
	}
	last := map[string]point{}
	for _, p := range sink.points() {
		require.Less(t, p.start, p.time, p.series)
		if before, ok := last[p.series]; ok {
			require.Less(t, before.time, p.time, p.series)
			require.Equal(t, before.start, p.start, p.series)
		}
		if p.metric == "temperature" {
			require.Zero(t, p.start, "a gauge has no start")
		} else {
			require.NotZero(t, p.start, p.series)
		}
		last[p.series] = p
	}
	require.NotEmpty(t, last)
}

func TestProcessorsOfTwoIDsStayApart(t *testing.T) {
	c := runInProcess(t, `
receivers:
  push/a:
  push/b:
  annotation_metrics/a:
  annotation_metrics/b:
processors:
  annotation_metrics/a: &processor {interval: 1s, annotations: [{metric: records}]}
  annotation_metrics/b: *processor
exporters:
  logs_sink:
  metrics_sink/a:
  metrics_sink/b:
service:
  pipelines:
    logs/a: {receivers: [push/a], processors: [annotation_metrics/a], exporters: [logs_sink]}
    logs/b: {receivers: [push/b], processors: [annotation_metrics/b], exporters: [logs_sink]}
    metrics/a: {receivers: [annotation_metrics/a], exporters: [metrics_sink/a]}
    metrics/b: {receivers: [annotation_metrics/b], exporters: [metrics_sink/b]}
`)
	c.send(t, "push/a", logs(attributes{}))
	c.send(t, "push/b", logs(attributes{}, attributes{}))
	for name, want := range map[string]float64{"metrics_sink/a": 1, "metrics_sink/b": 2} {
		sink := c.metrics(name)
		waitFor(t, "the metrics of "+name, func() bool {
			return sink.has(map[string]float64{`records{resource.service.name="shop"}`: want})
		}, sink.String)
	}
}

func TestOneIDInTwoPipelinesIsOneState(t *testing.T) {
	c := runInProcess(t, `
receivers:
  push/a:
  push/b:
  push/both:
  annotation_metrics:
processors:
  annotation_metrics: {interval: 1s, annotations: [{metric: records}]}
exporters:
  logs_sink:
  metrics_sink:
service:
  pipelines:
    logs/a: {receivers: [push/a, push/both], processors: [annotation_metrics], exporters: [logs_sink]}
    logs/b: {receivers: [push/b, push/both], processors: [annotation_metrics], exporters: [logs_sink]}
    metrics: {receivers: [annotation_metrics], exporters: [metrics_sink]}
`)
	c.send(t, "push/a", logs(attributes{}))
	c.send(t, "push/b", logs(attributes{}, attributes{}))
	c.send(t, "push/both", logs(attributes{})) // passes both: it counts twice
	sink := c.metrics("metrics_sink")
	waitFor(t, "the sum of both", func() bool {
		return sink.has(map[string]float64{`records{resource.service.name="shop"}`: 5})
	}, sink.String)
	for _, md := range sink.all() {
		require.Len(t, points(md), 1, "one writer, one series")
	}
}

// One receiver may feed several metrics pipelines.
func TestReceiverInTwoPipelines(t *testing.T) {
	c := runInProcess(t, processorAndReceiver, `
exporters:
  metrics_sink/two:
service:
  pipelines:
    metrics/two: {receivers: [annotation_metrics], exporters: [metrics_sink/two]}
`)
	for _, ld := range everyTypesLogs() {
		c.send(t, "push", ld)
	}
	for _, name := range []string{"metrics_sink", "metrics_sink/two"} {
		sink := c.metrics(name)
		waitFor(t, "the derived metrics at "+name, func() bool { return sink.has(everyTypesTotals) }, sink.String)
	}
}
