// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
)

// schemaObject is what the tests read of the schema of a struct.
type schemaObject struct {
	Description          string
	AdditionalProperties *bool
	Examples             []any
	Properties           map[string]struct {
		schemaObject
		Default any
	}
	Defs map[string]schemaObject `json:"$defs"`
}

func readSchema(t *testing.T) schemaObject {
	t.Helper()
	text, err := os.ReadFile(componentSchema)
	require.NoError(t, err)
	var s schemaObject
	require.NoError(t, json.Unmarshal(text, &s))
	return s
}

func TestSchemaHasEveryKey(t *testing.T) {
	s := readSchema(t)
	for typ, object := range map[reflect.Type]schemaObject{
		reflect.TypeFor[Config]():     s,
		reflect.TypeFor[Telemetry]():  s.Properties["telemetry"].schemaObject,
		reflect.TypeFor[Annotation](): s.Defs["annotation"],
		reflect.TypeFor[Label]():      s.Defs["label"],
	} {
		var want, found []string
		for field := range typ.Fields() {
			if key, ok := field.Tag.Lookup("mapstructure"); ok {
				want = append(want, key)
				if field.Type.Kind() == reflect.Struct { // keys below it may be flat
					for inner := range field.Type.Fields() {
						if below, ok := inner.Tag.Lookup("mapstructure"); ok {
							want = append(want, key+"::"+below)
						}
					}
				}
			}
		}
		for key, property := range object.Properties {
			found = append(found, key)
			assert.NotEmpty(t, property.Description, "%s of %s", key, typ)
		}
		assert.ElementsMatch(t, want, found, typ)
		assert.NotEmpty(t, object.Description, typ)
		assert.Equal(t, new(false), object.AdditionalProperties, typ)
	}
}

// TestSchemaHasDefaults decodes every default over something else: the result must be
// what it is without the key.
func TestSchemaHasDefaults(t *testing.T) {
	s := readSchema(t)
	decodeMap := func(m map[string]any) *Config {
		c := Default()
		require.NoError(t, confmap.NewFromStringMap(m).Unmarshal(c))
		return c
	}
	withDefault := 0
	for key, property := range s.Properties {
		if property.Default != nil && key != "telemetry::per_annotation" {
			withDefault++
			c := &Config{}
			require.NoError(t, confmap.NewFromStringMap(map[string]any{key: property.Default}).Unmarshal(c))
			field := fieldOf(t, reflect.TypeFor[Config](), key)
			assert.Equal(t, reflect.ValueOf(Default()).Elem().FieldByName(field).Interface(),
				reflect.ValueOf(c).Elem().FieldByName(field).Interface(), key)
		}
	}
	perAnnotation := s.Properties["telemetry"].Properties["per_annotation"]
	assert.Equal(t, true, perAnnotation.Default)
	assert.Equal(t, perAnnotation, s.Properties["telemetry::per_annotation"])
	assert.Len(t, s.Properties, withDefault+4, "all but storage, telemetry, its key and annotations have a default")

	// Those of an annotation are what its methods make of an unset key.
	unset := &Annotation{}
	set := map[string]any{"metric": "a"}
	annotation := s.Defs["annotation"].Properties
	for key, property := range annotation {
		if property.Default != nil && key != "max_size" && key != "aggregate" {
			set[key] = property.Default
		}
	}
	c := decodeMap(map[string]any{"annotations": []any{set}})
	require.NoError(t, confmap.Validate(c))
	a := &c.Annotations[0]
	assert.Equal(t, unset.EffectiveType(), a.Type)
	assert.Equal(t, unset.RecordsPerSample(), a.RecordsPerSample())
	require.NotNil(t, a.SampleRate)
	assert.Equal(t, new(unset.StartsWithZero()), a.InitialZero)
	assert.Equal(t, new(false), a.Exemplars)
	assert.Equal(t, unset.Description, annotation["description"].Default)
	assert.Equal(t, unset.Unit, annotation["unit"].Default)
	assert.Equal(t, string(unset.EffectiveAggregate()), annotation["aggregate"].Default)
	assert.InDelta(t, (&Annotation{Type: TypeExponentialHistogram}).EffectiveMaxSize(), annotation["max_size"].Default, 0)
	assert.Equal(t, (&Label{}).Required, s.Defs["label"].Properties["required"].Default)
}

func fieldOf(t *testing.T, typ reflect.Type, key string) string {
	t.Helper()
	for field := range typ.Fields() {
		if field.Tag.Get("mapstructure") == key {
			return field.Name
		}
	}
	require.Fail(t, "no field", key)
	return ""
}

// TestSchemaExamples has every example validated, in the smallest configuration that may
// have its key.
func TestSchemaExamples(t *testing.T) {
	s := readSchema(t)
	compiled := compileSchema(t, componentSchema)
	count := 0
	check := func(m map[string]any) {
		count++
		require.NoError(t, load(confmap.NewFromStringMap(m)), m)
		require.NoError(t, checkSchema(compiled, m), m)
	}
	for _, example := range s.Examples {
		check(example.(map[string]any))
	}
	for key, property := range s.Properties {
		for _, example := range property.Examples {
			check(map[string]any{"annotations": []any{map[string]any{"metric": "a"}}, key: example})
		}
	}
	for key, property := range s.Defs["annotation"].Properties {
		for _, example := range property.Examples {
			a := map[string]any{"metric": "a"}
			if types, ok := TypeOptions()[key]; ok && !slices.Contains(types, TypeCounter) {
				a["type"], a["value"], a["unit"] = string(types[0]), "body", "s"
			}
			a[key] = example
			check(map[string]any{"annotations": []any{a}})
		}
	}
	for key, property := range s.Defs["label"].Properties {
		for _, example := range property.Examples {
			check(map[string]any{"annotations": []any{map[string]any{"metric": "a", "labels": []any{map[string]any{"name": "a", key: example}}}}})
		}
	}
	assert.Greater(t, count, 15)
}
