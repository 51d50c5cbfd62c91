// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestSchemaPatternsAreForAll has the patterns compiled by those who read them beside Go.
func TestSchemaPatternsAreForAll(t *testing.T) {
	patterns := map[string]bool{}
	for _, path := range []string{componentSchema, collectorSchema} {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		var schema any
		require.NoError(t, json.Unmarshal(text, &schema))
		collectPatterns(schema, patterns)
	}
	require.Greater(t, len(patterns), 10)
	for pattern := range patterns {
		for _, other := range []string{`\p`, `\P`, `\z`, `\A`, `\Q`, `(?`, `[[:`} {
			assert.NotContains(t, pattern, other, "not all know this")
		}
	}

	list, err := json.Marshal(patterns)
	require.NoError(t, err)
	for _, reader := range []struct {
		pkg  string
		args []string
	}{
		{"python3", []string{"python3", "-W", "error", "-c", "import json, re, sys; [re.compile(p) for p in json.load(sys.stdin)]"}},
		{"nodejs", []string{"node", "-e", "for (const p in JSON.parse(require('fs').readFileSync(0))) new RegExp(p, 'u')"}},
	} {
		t.Run(reader.pkg, func(t *testing.T) {
			path, err := exec.LookPath(reader.args[0])
			if err != nil {
				t.Skipf("%s is not there: apt-get install %s", reader.args[0], reader.pkg)
			}
			c := exec.CommandContext(t.Context(), path, reader.args[1:]...)
			c.Stdin = strings.NewReader(string(list))
			out, err := c.CombinedOutput()
			assert.NoError(t, err, "%s", out)
		})
	}
}

// collectPatterns finds the values of pattern and the names in patternProperties.
func collectPatterns(schema any, into map[string]bool) {
	switch s := schema.(type) {
	case []any:
		for _, item := range s {
			collectPatterns(item, into)
		}
	case map[string]any:
		for key, value := range s {
			if text, ok := value.(string); ok && key == "pattern" {
				into[text] = true
			}
			if properties, ok := value.(map[string]any); ok && key == "patternProperties" {
				for name := range properties {
					into[name] = true
				}
			}
			collectPatterns(value, into)
		}
	}
}
