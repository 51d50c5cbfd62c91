// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// command is what a document has the reader type, and what it says that this prints.
type command struct{ line, output string }

// commands returns those of a document's `console` blocks.
func commands(t *testing.T, path string) (list []command) {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	for _, block := range regexp.MustCompile("(?ms)^```console\n(.*?\n)```$").FindAllStringSubmatch(string(text), -1) {
		for line := range strings.Lines(block[1]) {
			if typed, ok := strings.CutPrefix(line, "$ "); ok {
				list = append(list, command{line: typed})
				continue
			}
			require.NotEmpty(t, list, "a block without a command")
			list[len(list)-1].output += line
		}
	}
	require.NotEmpty(t, list, "%s has no commands", path)
	return list
}

// Runs the commands of the example's README as they are, but for the ports. They print
// what it says. Beside that an OTLP endpoint sees the exemplars.
func TestExampleCurl(t *testing.T) {
	t.Parallel()
	lookProgram(t, "curl", debian("curl"))
	lookProgram(t, "gzip", debian("gzip"))
	dir := filepath.Join("examples", "curl")
	otlp, port, selfPort, sink := freePort(t), freePort(t), freePort(t), newOTLPSink(t)
	run(t, "--config="+filepath.Join(dir, "config.yaml"),
		yamlConfig("receivers::otlp::protocols::http::endpoint: "+loopback(otlp)),
		yamlConfig("exporters::prometheus::endpoint: "+loopback(port)),
		yamlConfig(fmt.Sprintf("exporters::otlp_grpc: {endpoint: '%s', tls: {insecure: true}}", sink.endpoint)),
		yamlConfig("service::pipelines::metrics::exporters: [prometheus, otlp_grpc]"),
		yamlConfig("processors::annotation_metrics::interval: 1s"),
		yamlConfig(pullSelfMetrics(selfPort)))

	ports := strings.NewReplacer("localhost:4318", loopback(otlp), "localhost:9464", loopback(port))
	for _, c := range commands(t, filepath.Join(repository, dir, "README.md")) {
		said := ""
		prints := func() bool {
			cmd := exec.CommandContext(t.Context(), "sh", "-c", ports.Replace(c.line))
			cmd.Dir = repository
			out, err := cmd.CombinedOutput()
			said = string(out)
			// A program that prints no end of line leaves the prompt behind what it prints.
			return err == nil && strings.TrimSuffix(said, "\n") == strings.TrimSuffix(c.output, "\n")
		}
		if strings.Contains(c.line, "/metrics") {
			waitFor(t, "what the document says of "+c.line, prints, func() string { return said })
			continue
		}
		require.True(t, prints(), "%s\nprints\n%s\nand not\n%s", c.line, said, c.output)
	}

	// Eight records have come, none of the request that is no JSON.
	requireOutcomes(t, selfPort, outcomes{
		"shop.requests":      matching(8, 6),
		"shop.response.size": matching(8, 4),
		"shop.errors":        matching(8, 4),
	})
	requireExemplars(t, sink, map[string]bool{
		"shop.requests 0123456789abcdef0123456789abcdef 0123456789abcdef 1":        true,
		"shop.requests fedcba9876543210fedcba9876543210 fedcba9876543210 1":        true,
		"shop.response.size 0123456789abcdef0123456789abcdef 0123456789abcdef 512": true,
	})

	// What cannot be understood is refused, whatever is wrong with it, and does not count.
	for name, data := range map[string]string{
		"an integer that is none": `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"severityNumber":17,"attributes":[{"key":"a","value":{"intValue":"one"}}]}]}]}]}`,
		"a trace ID that is none": `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"severityNumber":17,"traceId":"xyz"}]}]}]}`,
		"an array":                `[{"severityNumber":17}]`,
		"nothing":                 ``,
	} {
		out, err := exec.CommandContext(t.Context(), "curl", "-sS", "-H", "Content-Type: application/json", "-d", data,
			"-w", "\n%{http_code}", "http://"+loopback(otlp)+"/v1/logs").CombinedOutput()
		require.NoError(t, err, "%s", out)
		require.Regexp(t, "\n400$", string(out), name)
	}
	awaitEmission(t, selfPort)
	require.Equal(t, matching(8, 4), scrape(t, selfPort).outcomes(t)["shop.errors"])
}
