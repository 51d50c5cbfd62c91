// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package annotationmetricsprocessor

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// The schemas for editors accept every configuration in the repository.
func TestSchemasAcceptWhatIsHere(t *testing.T) {
	component, collector := compileSchema(t, "config.schema.json"), compileSchema(t, "collector.schema.json")
	counts := map[string]int{}
	// check takes a component's configuration, a list of annotations, or (parts of) a Collector's.
	check := func(kind, name string, text []byte) {
		var value any
		require.NoError(t, yaml.Unmarshal(text, &value), name)
		schema := collector
		switch v := value.(type) {
		case []any:
			if item, ok := v[0].(map[string]any); !ok || item["metric"] == nil {
				return
			}
			schema, value = component, map[string]any{"annotations": v}
		case map[string]any:
			if v["annotations"] != nil {
				schema = component
			}
		}
		if schema == component || len(ours(value)) > 0 {
			counts[kind]++
		}
		assert.NoError(t, schema.Validate(toJSON(t, value)), "%s:\n%s", name, text)
	}

	golden, err := filepath.Glob("testdata/*/config.yaml")
	require.NoError(t, err)
	for _, path := range golden {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		check("golden", path, text)
	}
	documents := []string{"README.md"}
	for _, dir := range []string{"docs", "examples"} {
		require.NoError(t, filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
			switch name := filepath.Base(path); {
			case err != nil:
				return err
			case strings.HasSuffix(name, ".md"):
				documents = append(documents, path)
			case strings.HasPrefix(name, "config") && strings.HasSuffix(name, ".yaml"):
				text, err := os.ReadFile(path)
				require.NoError(t, err)
				check("example", path, text)
			}
			return nil
		}))
	}
	for _, path := range documents {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		for _, block := range yamlBlock.FindAllSubmatch(text, -1) {
			check("document", path, block[1])
		}
	}
	assert.Len(t, golden, counts["golden"])
	assert.Positive(t, counts["example"])
	assert.Greater(t, counts["document"], 2)
}

var yamlBlock = regexp.MustCompile("(?s)\n```yaml\n(.*?\n)```\n")

// ours are the configurations of this component in a Collector's.
func ours(value any) []any {
	var found []any
	sections, _ := value.(map[string]any)
	for _, section := range []string{"processors", "connectors"} {
		components, _ := sections[section].(map[string]any)
		for id, c := range components {
			if strings.HasPrefix(id, "annotation_metrics") {
				found = append(found, c)
			}
		}
	}
	return found
}

func compileSchema(t *testing.T, path string) *jsonschema.Schema {
	t.Helper()
	s, err := jsonschema.NewCompiler().Compile(path)
	require.NoError(t, err)
	return s
}

func toJSON(t *testing.T, value any) any {
	t.Helper()
	text, err := json.Marshal(value)
	require.NoError(t, err)
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	require.NoError(t, err)
	return instance
}
