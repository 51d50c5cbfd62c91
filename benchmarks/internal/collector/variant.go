// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package collector

import (
	"encoding/json"
	"fmt"

	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/rules"
)

// Variant is what a Collector does between receiving logs and dropping them.
type Variant struct {
	Name  string
	Rules rules.Set
	// component is `annotation_metrics`, `signal_to_metrics`, or empty for none.
	component string
}

// Variants returns all variants, the one without rules first.
func Variants() []Variant {
	return []Variant{
		{Name: "none"},
		{Name: "annotation_metrics", Rules: rules.Base(), component: "annotation_metrics"},
		{Name: "annotation_metrics_distinct", Rules: rules.Distinct(), component: "annotation_metrics"},
		{Name: "signal_to_metrics", Rules: rules.Base(), component: "signal_to_metrics"},
	}
}

func variantNamed(name string) (Variant, error) {
	for _, v := range Variants() {
		if v.Name == name {
			return v, nil
		}
	}
	return Variant{}, fmt.Errorf("no variant of the Collector is called %q", name)
}

// config returns the Collector's configuration as YAML, of which JSON is a part.
func (v Variant) config(port int) (string, error) {
	type object = map[string]any
	logs := object{"receivers": []string{"otlp"}, "exporters": []string{"counting"}}
	pipelines := object{"logs": logs}
	cfg := object{
		"receivers": object{"otlp": object{"protocols": object{"grpc": object{"endpoint": fmt.Sprintf("127.0.0.1:%d", port)}}}},
		"exporters": object{"counting": nil},
		"service": object{
			"pipelines": pipelines,
			// Metrics are on, as they are by default, on a port that nobody else has.
			"telemetry": object{
				"logs": object{"level": "error"},
				"metrics": object{"level": "normal", "readers": []any{
					object{"pull": object{"exporter": object{"prometheus": object{"host": "127.0.0.1", "port": 0}}}},
				}},
			},
		},
	}
	switch v.component {
	case "annotation_metrics":
		cfg["processors"] = object{v.component: v.Rules.AnnotationMetrics()}
		cfg["receivers"].(object)[v.component] = nil
		logs["processors"] = []string{v.component}
		pipelines["metrics"] = object{"receivers": []string{v.component}, "exporters": []string{"counting"}}
	case "signal_to_metrics":
		cfg["connectors"] = object{v.component: v.Rules.SignalToMetrics()}
		logs["exporters"] = []string{"counting", v.component}
		pipelines["metrics"] = object{"receivers": []string{v.component}, "exporters": []string{"counting"}}
	}
	text, err := json.Marshal(cfg)
	return string(text), err
}
