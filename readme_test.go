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

// Every key of the configuration has a row in the README.
func TestReadmeNamesEveryKey(t *testing.T) {
	text, err := os.ReadFile("README.md")
	require.NoError(t, err)
	var rows []string
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "| `") {
			first, _, _ := strings.Cut(line[1:], "|")
			rows = append(rows, first)
		}
	}
	var check func(typ reflect.Type, path string)
	check = func(typ reflect.Type, path string) {
		for field := range typ.Fields() {
			key, ok := field.Tag.Lookup("mapstructure")
			if !ok {
				continue
			}
			if field.Type == reflect.TypeFor[Telemetry]() {
				check(field.Type, path+key+"::")
				continue
			}
			found := false
			for _, row := range rows {
				found = found || strings.Contains(row, "`"+path+key+"`")
			}
			assert.True(t, found, "README.md has no row for `%s%s` of %s", path, key, typ)
		}
	}
	check(reflect.TypeFor[Config](), "")
	check(reflect.TypeFor[Annotation](), "")
	check(reflect.TypeFor[Label](), "")
}
