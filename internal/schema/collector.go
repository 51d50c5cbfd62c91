// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package main

// componentName is an ID of this component, in each of the sections. A key with :: is
// not the component's but one below it, and is left alone.
const componentName = `^annotation_metrics(/(:?[^:])+)?$`

// collectorSchema is the schema of a whole Collector configuration that checks this
// component and leaves all others alone.
func collectorSchema() *schema {
	section := func(s *schema) *schema {
		return &schema{PatternProperties: keys{{componentName, s}}}
	}
	annotations := section(&schema{Ref: componentFile})
	receiver := &schema{
		Type:                 types{"object", "string", "null"},
		Description:          "Where the metrics of the processor with the same ID enter a pipeline. Nothing to configure.",
		Pattern:              wholeSubstitution,
		PatternErrorMessage:  "has nothing to configure",
		AdditionalProperties: false,
	}
	return &schema{
		Schema:      draft,
		Comment:     generated + " Everything but annotation_metrics is left to the Collector.",
		Title:       "OpenTelemetry Collector with annotation_metrics",
		Description: "A configuration of an OpenTelemetry Collector. Only what belongs to annotation_metrics is checked.",
		Properties: keys{
			{"receivers", section(receiver)},
			{"processors", annotations},
			{"connectors", annotations},
		},
	}
}
