// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package config // import "github.com/annotationmetrics/annotationmetricsprocessor/internal/config"

import (
	"fmt"
	"slices"
	"strings"
)

// Warnings returns a sentence for each label that a Prometheus backend takes for one of
// its own, and for a writer attribute that takes the place of one from the logs. c must be
// valid.
func (c *Config) Warnings() []string {
	var warnings []string
	for i := range c.Annotations {
		// That of the logs is meant to tell Collectors apart as well, if it is this one.
		if name := c.WriterAttribute; name != "service.instance.id" && slices.Contains(c.ResourceAttributesOf(&c.Annotations[i]), name) {
			warnings = append(warnings, fmt.Sprintf("annotations::%d: `writer_attribute` %s is also among the `resource_attributes`: "+
				"it replaces what the logs have, and series that differ in nothing else become one", i, quote(name)))
		}
		for j := range c.Annotations[i].Labels {
			name := c.Annotations[i].Labels[j].Name
			for _, s := range labelSpellings(name) {
				if what := whatPrometheusDoes(s.text); what != "" {
					warnings = append(warnings, fmt.Sprintf("annotations::%d::labels::%d: label %s is %q for Prometheus, %s",
						i, j, quote(name), s.text, what))
					break
				}
			}
		}
	}
	return warnings
}

// whatPrometheusDoes tells what becomes of the label, "" for nothing special. The
// exporter meant is the Collector's prometheus exporter, v0.158.0; it refuses a metric
// in which a label occurs twice.
func whatPrometheusDoes(label string) string {
	const own = "which it fills with the resource's %s: where that is set the Prometheus exporter drops the metric and remote write overwrites the label, and a scrape without honor_labels renames it exported_%s"
	switch {
	case label == "job":
		return fmt.Sprintf(own, "service.name", label)
	case label == "instance":
		return fmt.Sprintf(own, "service.instance.id", label)
	case label == "otel_scope_name", label == "otel_scope_version", label == "otel_scope_schema_url":
		return "which it fills with the instrumentation scope: the Prometheus exporter drops the metric unless without_scope_info is on, and remote write overwrites the label if it promotes scopes"
	case strings.HasPrefix(label, "otel_scope_"):
		return "which it keeps for attributes of the instrumentation scope: the label is taken for one of them"
	}
	return ""
}
