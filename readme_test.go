// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package annotationmetricsprocessor

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Every key of the configuration has a row in the README, in the table of its struct.
func TestReadmeNamesEveryKey(t *testing.T) {
	text, err := os.ReadFile("README.md")
	require.NoError(t, err)
	var tables [][]string // the first column of each table of keys
	for line := range strings.Lines(string(text)) {
		switch {
		case strings.HasPrefix(line, "| key |"):
			tables = append(tables, nil)
		case strings.HasPrefix(line, "| `") && len(tables) > 0:
			first, _, _ := strings.Cut(line[1:], "|")
			tables[len(tables)-1] = append(tables[len(tables)-1], first)
		}
	}
	require.Len(t, tables, 3)
	var check func(rows []string, typ reflect.Type, path string)
	check = func(rows []string, typ reflect.Type, path string) {
		for field := range typ.Fields() {
			key, ok := field.Tag.Lookup("mapstructure")
			if !ok {
				continue
			}
			if field.Type == reflect.TypeFor[Telemetry]() {
				check(rows, field.Type, path+key+"::")
				continue
			}
			found := false
			for _, row := range rows {
				found = found || strings.Contains(row, "`"+path+key+"`")
			}
			assert.True(t, found, "README.md has no row for `%s%s` of %s", path, key, typ)
		}
	}
	check(tables[0], reflect.TypeFor[Config](), "")
	check(tables[1], reflect.TypeFor[Annotation](), "")
	check(tables[2], reflect.TypeFor[Label](), "")
}
