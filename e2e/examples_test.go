// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

var update = flag.Bool("update", false, "write the expected.txt of the examples instead of comparing with them")

// TestExamples runs the built Collector with the config.yaml of every folder of examples
// that has an expected.txt, until its Prometheus exporter `prometheus` shows that page. It
// runs as it is, but for its ports and the interval.
func TestExamples(t *testing.T) {
	root := filepath.Join(repository, "examples")
	found := false
	require.NoError(t, filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Base(path) != "expected.txt" {
			return err
		}
		found = true
		dir, err := filepath.Rel(repository, filepath.Dir(path))
		require.NoError(t, err)
		t.Run(strings.TrimPrefix(filepath.ToSlash(dir), "examples/"), func(t *testing.T) {
			t.Parallel()
			testExample(t, dir)
		})
		return nil
	}))
	require.True(t, found, "no example has an expected.txt")
}

// testExample runs the example in this folder of the repository.
func testExample(t *testing.T, dir string) {
	port, selfPort := freePort(t), freePort(t)
	args := []string{
		"--config=" + filepath.Join(dir, "config.yaml"),
		yamlConfig("exporters::prometheus::endpoint: " + loopback(port)),
		yamlConfig(pullSelfMetrics(selfPort)),
	}
	text, err := os.ReadFile(filepath.Join(repository, dir, "config.yaml"))
	require.NoError(t, err)
	for _, id := range deriving(t, text) {
		args = append(args, yamlConfig(id+"::interval: 1s"))
	}
	run(t, args...)

	file := filepath.Join(repository, dir, "expected.txt")
	if *update {
		// Nobody knows when all is there: look at it before you commit it.
		for range 4 {
			awaitEmission(t, selfPort)
		}
		_, body := fetch(t, port)
		require.NoError(t, os.WriteFile(file, []byte(body), 0o600))
		return
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NotEmpty(t, want)
	body := ""
	shown := func() bool {
		_, body = fetch(t, port)
		return body == string(want)
	}
	waitFor(t, "the page in "+file, shown, func() string { return "the page is\n" + body })
	// It is not one that the Collector only passes on its way to another one.
	awaitEmission(t, selfPort)
	_, body = fetch(t, port)
	require.Equal(t, string(want), body)
}

// awaitEmission waits until all of our components have emitted once more.
func awaitEmission(t *testing.T, selfPort int) {
	t.Helper()
	emitted := func() (n float64) {
		self := scrape(t, selfPort)
		for family := range self {
			if strings.Contains(family, "_annotation_metrics_emitted_datapoints") {
				n += self.sum(family)
			}
		}
		return n
	}
	before := emitted()
	waitFor(t, "one more emission", func() bool { return emitted() > before })
}

// deriving returns the paths of our components that have annotations in a configuration.
func deriving(t *testing.T, text []byte) (paths []string) {
	t.Helper()
	var cfg map[string]map[string]any
	require.NoError(t, yaml.Unmarshal(text, &cfg))
	for _, kind := range []string{"processors", "connectors"} {
		for id := range cfg[kind] {
			if name, _, _ := strings.Cut(id, "/"); name == "annotation_metrics" {
				paths = append(paths, kind+"::"+id)
			}
		}
	}
	require.NotEmpty(t, paths, "nothing derives metrics")
	return paths
}
