// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// repository is where this project's root is, seen from the tests.
const repository = ".."

// binary returns the absolute path of the built Collector. A test that needs it fails
// without it: skipped tests look like tests that passed.
func binary(t *testing.T) string {
	t.Helper()
	path := os.Getenv("OTELCOL_BINARY")
	if path == "" {
		text, err := os.ReadFile(filepath.Join(repository, "builder-config.yaml"))
		require.NoError(t, err)
		var cfg struct {
			Dist struct {
				Name       string `yaml:"name"`
				OutputPath string `yaml:"output_path"`
			} `yaml:"dist"`
		}
		require.NoError(t, yaml.Unmarshal(text, &cfg))
		path = filepath.Join(repository, cfg.Dist.OutputPath, cfg.Dist.Name)
	}
	path, err := filepath.Abs(path)
	require.NoError(t, err)
	_, err = os.Stat(path)
	require.NoError(t, err, "the Collector is not built; run: make build")
	return path
}

// output collects what a process writes. It is safe for concurrent use.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// yamlConfig returns a --config argument that holds text itself.
func yamlConfig(text string) string {
	return "--config=yaml:" + text
}

// run runs the built Collector until the test ends or stops it. It works in the
// repository's root, as the examples expect. It returns when the Collector is up.
func run(t *testing.T, args ...string) *process {
	t.Helper()
	return runWith(t, nil, args...)
}

// runWith is run, with these variables (`NAME=value`) in the Collector's environment.
func runWith(t *testing.T, environment []string, args ...string) *process {
	t.Helper()
	p := startCollector(t, environment, args...)
	p.awaitReady(t)
	return p
}

// startCollector is runWith, but does not wait until the Collector is up.
func startCollector(t *testing.T, environment []string, args ...string) *process {
	t.Helper()
	cmd := exec.Command(binary(t), args...)
	cmd.Dir = repository
	cmd.Env = append(os.Environ(), environment...)
	return start(t, "the Collector", cmd)
}

// awaitReady returns when the Collector is up.
func (p *process) awaitReady(t *testing.T) {
	t.Helper()
	p.waitFor(t, "the Collector to be up", func() bool { return strings.Contains(p.output.String(), "Everything is ready") })
	p.ready = time.Now()
}

// validate has the built Collector validate a configuration, and returns what it says.
func validate(t *testing.T, args ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), binary(t), append([]string{"validate"}, args...)...)
	cmd.Dir = repository
	out, err := cmd.CombinedOutput()
	return string(out), err
}
