// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMissingPartner(t *testing.T) {
	for name, tc := range map[string]struct {
		config string
		want   []string
	}{
		"no receiver": {
			config: `
receivers:
  push:
  annotation_metrics/other: # of another ID
processors:
  annotation_metrics/web: {annotations: [{metric: records}]}
  annotation_metrics/other: {annotations: [{metric: records}]}
exporters:
  logs_sink:
  metrics_sink:
service:
  pipelines:
    logs: {receivers: [push], processors: [annotation_metrics/web, annotation_metrics/other], exporters: [logs_sink]}
    metrics: {receivers: [annotation_metrics/other], exporters: [metrics_sink]}
`,
			want: []string{`processor "annotation_metrics/web" has no receiver "annotation_metrics/web"`},
		},
		"receiver in no pipeline": {
			config: `
receivers:
  push:
  annotation_metrics: # configured, but in no pipeline: the Collector does not create it
processors:
  annotation_metrics: {annotations: [{metric: records}]}
exporters:
  logs_sink:
service:
  pipelines:
    logs: {receivers: [push], processors: [annotation_metrics], exporters: [logs_sink]}
`,
			want: []string{`processor "annotation_metrics" has no receiver "annotation_metrics"`},
		},
		"no processor": {
			config: `
receivers:
  annotation_metrics/web:
exporters:
  metrics_sink:
service:
  pipelines:
    metrics: {receivers: [annotation_metrics/web], exporters: [metrics_sink]}
`,
			want: []string{`receiver "annotation_metrics/web" has no processor "annotation_metrics/web"`},
		},
		"processor in no pipeline": {
			config: `
receivers:
  annotation_metrics:
processors:
  annotation_metrics: {annotations: [{metric: records}]}
exporters:
  metrics_sink:
service:
  pipelines:
    metrics: {receivers: [annotation_metrics], exporters: [metrics_sink]}
`,
			want: []string{`receiver "annotation_metrics" has no processor "annotation_metrics"`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newInProcess(t, tc.config)
			err := c.start(t)
			require.Error(t, err)
			for _, want := range tc.want {
				require.ErrorContains(t, err, want)
			}
			// What failed leaves nothing behind: the same IDs start once they are complete.
			runInProcess(t, processorAndReceiver)
		})
	}
}

func TestTwoCollectorsInOneProcess(t *testing.T) {
	a, b := runInProcess(t, processorAndReceiver), runInProcess(t, processorAndReceiver)
	a.send(t, "push", logs(attributes{"route": "/a"}))
	b.send(t, "push", logs(attributes{"route": "/b"}, attributes{"route": "/b"}))
	for c, want := range map[*inProcess]map[string]float64{
		a: {`requests{resource.service.name="shop",route="/a"}`: 1},
		b: {`requests{resource.service.name="shop",route="/b"}`: 2},
	} {
		sink := c.metrics("metrics_sink")
		waitFor(t, "its own metrics only", func() bool { return sink.has(want) }, sink.String)
	}

	// The end of one is not the end of the other.
	a.stop(t)
	b.send(t, "push", logs(attributes{"route": "/b"}))
	sink := b.metrics("metrics_sink")
	waitFor(t, "the survivor's metrics", func() bool {
		return sink.has(map[string]float64{`requests{resource.service.name="shop",route="/b"}`: 3})
	}, sink.String)
}

// The documented limit of telling Collectors apart: those of one process that are
// configured to have one service.instance.id are one. The second one says so, and the
// first one is none the worse for it.
func TestTwoCollectorsWithOneInstanceID(t *testing.T) {
	const instance = "service::telemetry::resource: {service.instance.id: the-same}"
	first := runInProcess(t, processorAndReceiver, instance)
	second := newInProcess(t, processorAndReceiver, instance)
	require.ErrorContains(t, second.start(t),
		`processor "annotation_metrics" is already running in another Collector of this process with the same service.instance.id "the-same"`)

	first.send(t, "push", logs(attributes{"route": "/"}))
	sink := first.metrics("metrics_sink")
	waitFor(t, "the first one's metrics", func() bool {
		return sink.has(map[string]float64{`requests{resource.service.name="shop",route="/"}`: 1})
	}, sink.String)
	require.Empty(t, second.metrics("metrics_sink").all())

	// With the first one gone, its place is free.
	first.stop(t)
	third := runInProcess(t, processorAndReceiver, instance)
	third.send(t, "push", logs(attributes{"route": "/"}))
	sink = third.metrics("metrics_sink")
	waitFor(t, "the third one's metrics", func() bool {
		return sink.has(map[string]float64{`requests{resource.service.name="shop",route="/"}`: 1})
	}, sink.String)

	// Of those that are gone nothing is left: a receiver alone has no partner.
	third.stop(t)
	require.ErrorContains(t, newInProcess(t, `
receivers:
  annotation_metrics:
exporters:
  metrics_sink:
service:
  pipelines:
    metrics: {receivers: [annotation_metrics], exporters: [metrics_sink]}
`, instance).start(t), `receiver "annotation_metrics" has no processor "annotation_metrics"`)
}

func TestValidateStartsNothing(t *testing.T) {
	before := goleak.IgnoreCurrent()
	for _, config := range []string{processorAndReceiver, connectorDoor} {
		c := newInProcess(t, config)
		require.NoError(t, c.collector.DryRun(t.Context()))
		require.ErrorIs(t, c.push("push").logs(t.Context(), logs(attributes{})), errStopped)
		goleak.VerifyNone(t, before)
		require.Empty(t, c.metrics("metrics_sink").all())
	}

	c := newInProcess(t, processorAndReceiver, `processors::annotation_metrics::annotations: [{metric: a, condition: 'attributes["x" == 1'}]`)
	err := c.collector.DryRun(t.Context())
	require.ErrorContains(t, err, "processors::annotation_metrics::annotations::0")
	require.ErrorContains(t, err, "`condition` must be an OTTL boolean expression")
	goleak.VerifyNone(t, before)

	// A dry run does not stand in the way of a real one.
	runInProcess(t, processorAndReceiver)
}
