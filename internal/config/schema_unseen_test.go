// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"go.opentelemetry.io/collector/confmap"
)

// TestSchemaDoesNotSee is about rules that are not in the list unseen because it is
// confmap that keeps them, or the form of a value that it changes.
func TestSchemaDoesNotSee(t *testing.T) {
	s := compileSchema(t, componentSchema)
	for rule, texts := range map[string][]string{
		"a sum of numbers is no longer than a duration can be": {
			"{interval: 2562047h60m, annotations: [{metric: a}]}",
			"{expire_after: 2562047.9h, annotations: [{metric: a}]}",
			"{annotations: [{metric: a, expire_after: 9223372036s1s}]}",
		},
		"names in a text with commas differ": {
			"{resource_attributes: 'a,a', annotations: [{metric: a}]}",
			"{annotations: [{metric: a, resource_attributes: 'a,b,a'}]}",
		},
		"a text is nothing that only YAML can tell from text": {
			"{writer_attribute: 2024-01-01, annotations: [{metric: a}]}",
			"{annotations: [{metric: a, description: 2024-01-01}]}",
			"{annotations: [{metric: a, unit: 2024-01-01}]}",
		},
		"an ID has no symbols, spaces and controls outside ASCII": {
			"{storage: a/€, annotations: [{metric: a}]}",
			`{storage: "a/b\u2003c", annotations: [{metric: a}]}`,
			"{storage: aé, annotations: [{metric: a}]}",
		},
		"a metric becomes none of Prometheus exporters with its unit": {
			"annotations: [{metric: target, unit: info, type: gauge, value: body}]",
			"annotations: [{metric: target__info, unit: '{a}', type: gauge, value: body}]",
		},
	} {
		for _, text := range texts {
			value := fromYAML(t, text)
			assert.Error(t, load(confmap.NewFromStringMap(value.(map[string]any))), "%s: the Collector accepts %s", rule, text)
			assert.NoError(t, checkSchema(s, value), "%s: the schema refuses %s, so that it belongs off the list", rule, text)
		}
	}
}
