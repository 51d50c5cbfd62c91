// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

// installTelemetrygen gets the program that the test was written with.
const installTelemetrygen = `in the repository's root: GOBIN="$PWD/dist/bin" go install ` +
	"github.com/open-telemetry/opentelemetry-collector-contrib/cmd/telemetrygen@v0.161.0"

// telemetrygenAnnotations is a configuration for runForClients.
const telemetrygenAnnotations = `
processors:
  annotation_metrics:
    annotations:
      - metric: logs
        labels: [app, level, retried, {name: severity, value: severity_text}, {name: body, value: body}]
      - {metric: errors, condition: severity_number >= SEVERITY_NUMBER_ERROR, labels: [codes]}
      - {metric: sent, unit: By, value: 'attributes["size"]', exemplars: true}
      - {metric: sizes, type: histogram, unit: By, buckets: [128, 1024], condition: 'attributes["level"] == 2', value: 'attributes["size"]'}
`

// What telemetrygen sends, over gRPC and HTTP and in batches and one by one, with several
// workers each and at a bounded rate, is counted exactly.
func TestTelemetrygen(t *testing.T) {
	t.Parallel()
	program := lookProgram(t, "telemetrygen", installTelemetrygen)
	grpc, http, selfPort, sink := runForClients(t, telemetrygenAnnotations)

	common := []string{"logs", "--otlp-insecure", "--workers=4", "--rate=500"} // logs per second and worker
	// 4 x 300 over gRPC, 4 x 150 over HTTP.
	overGRPC := start(t, "telemetrygen", exec.Command(program, append(common, "--otlp-endpoint="+grpc, "--logs=300", "--batch-size=70",
		"--service=shop", "--body=an order", `--telemetry-attributes=size=512`, `--telemetry-attributes=level=2`,
		`--telemetry-attributes=retried=true`)...))
	overHTTP := start(t, "telemetrygen", exec.Command(program, append(common, "--otlp-endpoint="+http, "--otlp-http", "--logs=150", "--batch=false",
		"--service=mail", "--body=no answer", "--severity-number=17", "--severity-text=Error",
		`--telemetry-attributes=size=3`, `--telemetry-attributes=codes=[4,21]`,
		"--trace-id=0123456789abcdef0123456789abcdef", "--span-id=0123456789abcdef")...))
	overGRPC.join(t)
	overHTTP.join(t)

	want := map[string]float64{
		`logs{app="server",body="an order",level="2",resource.service.name="shop",retried="true",severity="Info"}`: 1200,
		`logs{app="server",body="no answer",resource.service.name="mail",severity="Error"}`:                        600,
		`errors{codes="[4,21]",resource.service.name="mail"}`:                                                      600,
		`sent{resource.service.name="shop"}`:                                                                       1200 * 512,
		`sent{resource.service.name="mail"}`:                                                                       600 * 3,
		`sizes{resource.service.name="shop"}`:                                                                      1200 * 512,
	}
	waitFor(t, "all that was sent", func() bool { return sink.has(want) }, sink.String)
	awaitEmission(t, selfPort)
	require.Equal(t, want, sink.totals())
	require.Equal(t, []uint64{0, 1200, 0}, sink.last()[`sizes{resource.service.name="shop"}`].buckets)
	requireExemplars(t, sink, map[string]bool{"sent 0123456789abcdef0123456789abcdef 0123456789abcdef 3": true})
	requireOutcomes(t, selfPort, outcomes{
		"logs":   matching(1800, 1800),
		"errors": matching(1800, 600),
		"sent":   matching(1800, 1800),
		"sizes":  matching(1800, 1200),
	})
}
