// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// generated are the documents that are not written by hand.
var generated = []string{"documentation.md", "connector/documentation.md"}

// TestDocuments checks every document of the repository: that what it quotes is in the
// file, that the built Collector takes every other block of YAML, that Prometheus can
// parse every query, and that no link leads nowhere.
func TestDocuments(t *testing.T) {
	blocks := 0
	for _, name := range documents(t) {
		d := readDocument(t, name)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, wrong := range slices.Concat(d.wrong, brokenLinks(t, d)) {
				assert.Fail(t, wrong)
			}
			for _, q := range queries(d) {
				t.Run("query in line "+strconv.Itoa(q.line), func(t *testing.T) {
					t.Parallel()
					assert.NoError(t, checkQuery(t, q.text), "%s:%d", d.path, q.line)
				})
			}
			for _, b := range d.blocks {
				if b.file == "" && b.language != "yaml" {
					continue
				}
				t.Run("block in line "+strconv.Itoa(b.line), func(t *testing.T) {
					t.Parallel()
					assert.NoError(t, checkBlock(t, b), "%s:%d", d.path, b.line)
				})
			}
		})
		blocks += len(d.blocks)
	}
	require.NotZero(t, blocks)
}

// documents returns the paths of all Markdown files that are written by hand.
func documents(t *testing.T) (paths []string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(repository, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && slices.Contains([]string{".git", "dist", "testdata"}, entry.Name()) {
			return filepath.SkipDir
		}
		name, err := filepath.Rel(repository, file)
		name = filepath.ToSlash(name)
		if path.Ext(name) == ".md" && !slices.Contains(generated, name) {
			paths = append(paths, name)
		}
		return err
	}))
	require.Contains(t, paths, "README.md")
	return paths
}

func readDocument(t *testing.T, name string) *document {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(repository, filepath.FromSlash(name)))
	require.NoError(t, err)
	return readMarkdown(name, string(text))
}

// checkBlock says what is wrong with a block that quotes a file or is configuration.
func checkBlock(t *testing.T, b block) error {
	t.Helper()
	if b.file != "" {
		if !filepath.IsLocal(b.file) {
			return fmt.Errorf("%s is outside of the repository", b.file)
		}
		text, err := os.ReadFile(filepath.Join(repository, b.file))
		if err == nil && !quotes(b.text, string(text)) {
			err = fmt.Errorf("this is not in %s", b.file)
		}
		return err
	}
	base, own, err := complete(b.text)
	if err != nil {
		return err
	}
	if out, err := validate(t, healthGate, yamlConfig(base), yamlConfig(own)); err != nil {
		return fmt.Errorf("%w\n%s\nit was completed by\n%s", err, out, base)
	}
	return nil
}

// quotes says whether text has these contiguous lines, but for their common indentation.
func quotes(quote, text string) bool {
	want := unindented(strings.Split(strings.TrimSuffix(quote, "\n"), "\n"))
	lines := strings.Split(text, "\n")
	for i := 0; i+len(want) <= len(lines); i++ {
		if slices.Equal(want, unindented(lines[i:i+len(want)])) {
			return true
		}
	}
	return false
}

// unindented returns lines without the indentation that all of them have.
func unindented(lines []string) []string {
	common := -1
	for _, line := range lines {
		if line == "" {
			continue
		}
		if indent := len(line) - len(strings.TrimLeft(line, " ")); common < 0 || indent < common {
			common = indent
		}
	}
	rest := make([]string, 0, len(lines))
	for _, line := range lines {
		rest = append(rest, line[min(len(line), max(0, common)):])
	}
	return rest
}

// brokenLinks returns the links of a document that lead nowhere within the repository.
func brokenLinks(t *testing.T, d *document) (broken []string) {
	t.Helper()
	for _, link := range d.links() {
		if regexp.MustCompile(`^(https?|mailto):`).MatchString(link.text) {
			continue
		}
		file, anchor, _ := strings.Cut(link.text, "#")
		name := d.path
		if file != "" {
			name = path.Join(path.Dir(d.path), file)
		}
		_, err := os.Stat(filepath.Join(repository, filepath.FromSlash(name)))
		missing := !filepath.IsLocal(name) || path.IsAbs(file) || (file != "" && err != nil)
		switch {
		case missing:
		case anchor == "":
			continue
		case name == d.path:
			missing = !d.anchors()[anchor]
		case path.Ext(name) == ".md":
			missing = !readDocument(t, name).anchors()[anchor]
		default:
			missing = true // lines move: a link to one is soon wrong
		}
		if missing {
			broken = append(broken, fmt.Sprintf("%s:%d: the link %q leads nowhere", d.path, link.line, link.text))
		}
	}
	return broken
}

// The example for the builder takes the modules that this project's own Collector is
// built from, which is tested.
func TestBuilderExample(t *testing.T) {
	modules := func(name string) (found []map[string]string) {
		text, err := os.ReadFile(filepath.Join(repository, filepath.FromSlash(name)))
		require.NoError(t, err)
		var cfg map[string]yaml.Node
		require.NoError(t, yaml.Unmarshal(text, &cfg))
		for section, node := range cfg {
			if section == "dist" {
				continue
			}
			var list []map[string]string
			require.NoError(t, node.Decode(&list), section)
			for _, module := range list {
				module["section"] = section
				delete(module, "path") // where the checkout is
				found = append(found, module)
			}
		}
		return found
	}
	example := modules("examples/builder/builder-config.yaml")
	require.Subset(t, modules("builder-config.yaml"), example)
	require.True(t, slices.ContainsFunc(example, func(m map[string]string) bool {
		return strings.HasPrefix(m["gomod"], "go.opentelemetry.io/collector/confmap/provider/envprovider ")
	}), "a Collector without it does not start, whatever its configuration is")
}
