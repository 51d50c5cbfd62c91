// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package rules

import "github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/data"

// never is an interval in which no measurement ends.
const never = "24h"

// boundaries of histograms, those that annotation_metrics has for seconds.
var boundaries = []any{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0}

// AnnotationMetrics returns the set as the configuration of annotation_metrics, which
// emits only when it is shut down.
func (s Set) AnnotationMetrics() map[string]any {
	var annotations []any
	for _, r := range s.Rules {
		// Without the zeros the last emission has one point for each series, as peers have, so
		// that totals can be compared. It makes no difference while records are counted.
		a := map[string]any{"metric": r.Metric, "condition": r.Text, "initial_zero": false}
		if r.Histogram {
			a["type"], a["unit"], a["value"] = "histogram", "s", path(data.Duration)
		}
		var labels []any
		for _, l := range r.Labels {
			if l.Default == "" {
				labels = append(labels, l.Name)
				continue
			}
			labels = append(labels, map[string]any{"name": l.Name, "default": l.Default})
		}
		if labels != nil {
			a["labels"] = labels
		}
		annotations = append(annotations, a)
	}
	return map[string]any{"interval": never, "annotations": annotations}
}

// SignalToMetrics returns the set as the configuration of signal_to_metrics.
func (s Set) SignalToMetrics() map[string]any {
	var logs []any
	for _, r := range s.Rules {
		info := map[string]any{"name": r.Metric, "conditions": []any{r.Text}, "attributes": peerLabels(r.Labels)}
		if r.Histogram {
			info["histogram"] = map[string]any{"value": path(data.Duration), "buckets": boundaries}
		} else {
			info["sum"] = map[string]any{"value": "1", "monotonic": true}
		}
		logs = append(logs, info)
	}
	return map[string]any{"logs": logs}
}

// Count returns the set as the configuration of count, which knows counters only.
func (s Set) Count() map[string]any {
	logs := map[string]any{}
	for _, r := range s.Rules {
		logs[r.Metric] = map[string]any{"conditions": []any{r.Text}, "attributes": peerLabels(r.Labels)}
	}
	return map[string]any{"logs": logs}
}

// peerLabels returns labels as both peers want them. Both leave out a record that lacks
// one without a default; no record of the data does.
func peerLabels(labels []Label) []any {
	list := []any{}
	for _, l := range labels {
		attribute := map[string]any{"key": l.Name}
		if l.Default != "" {
			attribute["default_value"] = l.Default
		}
		list = append(list, attribute)
	}
	return list
}
