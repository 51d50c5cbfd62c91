// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/config"
)

// rules are what types alone do not say, by struct or "struct.key".
func rules() map[string]func(*schema) {
	r := map[string]func(*schema){
		"Config": func(s *schema) {
			s.Required = []string{"annotations"}
			s.Examples = []any{json.RawMessage(
				`{"annotations": [{"metric": "http.server.errors", "condition": "severity_number >= 17", "labels": ["http.route"]}]}`)}
			splitLimit(s)
		},
		"Annotation": func(s *schema) {
			s.Required = []string{"metric"}
			s.AllOf = typeRules()
		},
		"Annotation.metric": func(s *schema) {
			notNull(s)
			s.Pattern = metricName() + "|" + substitution
			s.PatternErrorMessage = fmt.Sprintf("must be a letter followed by up to %d letters, digits, '_', '.', '-' or '/', all of them ASCII", config.MaxMetricBytes-1)
			s.AllOf = []*schema{refuseText(infoMetric(),
				fmt.Sprintf("must not become %s or %s, which Prometheus exporters write themselves", config.TargetInfo, config.ScopeInfo))}
			s.Examples = []any{"http.server.errors"}
		},
		"Annotation.description": func(s *schema) { s.Default = "" },
		"Annotation.unit": func(s *schema) {
			s.Pattern = unit() + "|" + substitution
			s.PatternErrorMessage = fmt.Sprintf("must be ASCII and at most %d characters", config.MaxUnitBytes)
			s.Default = ""
			s.Examples = []any{"s", "By", "{request}"}
		},
		"Annotation.condition": func(s *schema) {
			expression(s, "must not be empty: without the key every record counts")
			s.Examples = []any{`severity_number >= 17`, `Int(attributes["http.response.status_code"]) >= 500`, `IsMatch(body, "timeout")`}
		},
		"Annotation.value": func(s *schema) {
			expression(s, "must not be empty: without the key a counter counts 1 for each record")
			s.Examples = []any{`attributes["http.response.body.size"]`, `Double(attributes["duration"]) / 1000`}
		},
		"Annotation.labels": func(s *schema) {
			s.Examples = []any{[]any{
				"http.route",
				json.RawMessage(`{"name": "service", "value": "resource.attributes[\"service.name\"]", "default": "unknown"}`),
			}}
		},
		"Annotation.buckets": func(s *schema) {
			s.MinItems = 1
			s.Examples = []any{[]float64{0.1, 0.5, 1, 5}}
		},
		"Annotation.max_size": func(s *schema) {
			s.Minimum, s.Maximum, s.Default = config.MinMaxSize, config.MaxMaxSize, config.DefaultMaxSize
		},
		"Annotation.sample_rate": func(s *schema) {
			s.ExclusiveMinimum, s.Maximum = math.Ldexp(1, -53), 1
			s.Default = 1 / float64((&config.Annotation{}).RecordsPerSample())
			s.Examples = []any{0.1, 0.01}
		},
		"Annotation.exemplars":    func(s *schema) { s.Default = false },
		"Annotation.initial_zero": func(s *schema) { s.Default = (&config.Annotation{}).StartsWithZero() },
		"Annotation.type":         func(s *schema) { emptyDefault(s, (&config.Annotation{}).EffectiveType()) },
		"Annotation.aggregate":    func(s *schema) { emptyDefault(s, (&config.Annotation{}).EffectiveAggregate()) },
		"Label":                   label,
		"Label.name": func(s *schema) {
			notNull(s)
			labelRules(s)
		},
		"Label.value": func(s *schema) {
			expression(s, "must not be empty: without the key the label is the record attribute of its name")
			s.Examples = []any{`resource.attributes["service.name"]`}
		},
		"Label.default": func(s *schema) {
			s.MinLength = 1
			s.Examples = []any{"unknown"}
		},
		"Label.required": func(s *schema) { s.Default = false },
	}

	d := config.Default()
	defaults := map[string]any{
		"Config.temporality":             d.Temporality,
		"Config.count":                   d.Count,
		"Config.error_mode":              d.ErrorMode,
		"Config.writer_attribute":        d.WriterAttribute,
		"Telemetry.per_annotation":       d.Telemetry.PerAnnotation,
		"Config.series_limit":            d.SeriesLimit,
		"Config.resource_attributes":     d.ResourceAttributes,
		"Config.interval":                d.Interval,
		"Config.expire_after":            d.ExpireAfter,
		"Config.storage":                 nil,
		"Annotation.series_limit":        nil,
		"Annotation.resource_attributes": nil,
		"Annotation.expire_after":        nil,
	}
	for name, value := range defaults {
		r[name] = func(s *schema) {
			s.Default = value
			if d, ok := value.(time.Duration); ok {
				s.Default = shortest(d)
			}
			switch name[strings.Index(name, ".")+1:] {
			case "interval":
				interval(s)
			case "expire_after":
				expireAfter(s)
			case "series_limit":
				s.Minimum, s.Maximum = 0, math.MaxInt64
			case "resource_attributes":
				s.If = &schema{Contains: &schema{Const: "*"}}
				s.Then = &schema{MaxItems: 1}
				s.AllOf = []*schema{refuseText(starAmongNames, "must have \"*\" alone or not at all")}
				s.Examples = []any{[]string{"*"}, []string{"service.name", "host.name"}}
			case "storage":
				s.Examples = []any{"file_storage"}
			}
		}
	}
	r["Config.annotations"] = func(s *schema) {
		notNull(s)
		s.MinItems = 1
	}
	return r
}

// shortest is d as text, without parts that are zero.
func shortest(d time.Duration) string {
	text := d.String()
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, zero) {
			text = text[:len(text)-2]
		}
	}
	return text
}

func notNull(s *schema) {
	s.Type = slices.DeleteFunc(s.Type, func(t string) bool { return t == "null" })
}

// expression is OTTL, of which a schema sees no more than that it is there.
func expression(s *schema, message string) {
	notNull(s)
	s.Pattern, s.PatternErrorMessage = notBlank, message
}

// emptyDefault lets s be empty, for its default.
func emptyDefault(s *schema, value any) {
	s.Default = value
	s.AnyOf[1].Pattern = "^$|" + substitution
}

// A number is nanoseconds: those that make sense are accepted, and nobody is led to them.
const second = int64(time.Second)

func interval(s *schema) {
	s.AllOf = []*schema{
		noOverflow(),
		refuseText(tooShort(), fmt.Sprintf("must be at least %s", config.MinInterval)),
		refuse(&schema{Type: types{"integer"}, ExclusiveMaximum: second},
			fmt.Sprintf("must be at least %s; a number needs a unit, as in 15s", config.MinInterval)),
	}
	s.Examples = []any{"15s", "1m"}
}

func noOverflow() *schema {
	const longest = math.MaxInt64 / int64(time.Hour)
	return refuseText(tooLong(), fmt.Sprintf("must be at most %dh", longest))
}

func expireAfter(s *schema) {
	s.Minimum = 0
	s.AllOf = []*schema{
		noOverflow(),
		refuseText(tooShortNotZero(), "must be at least 1s, or 0s for never"),
		refuse(&schema{Type: types{"integer"}, ExclusiveMinimum: 0, ExclusiveMaximum: second},
			"must be at least 1s, or 0s for never; a number needs a unit, as in 1h"),
	}
	s.Examples = []any{"10m", "0s"}
}

// splitLimit is for more annotations than telemetry::per_annotation allows.
func splitLimit(s *schema) {
	off := &schema{AnyOf: []*schema{{Const: false}, {Type: types{"string"}}}}
	with := func(name string, value *schema) *schema {
		return &schema{Type: types{"object"}, Required: []string{name}, Properties: keys{{name, value}}}
	}
	s.If = &schema{AnyOf: []*schema{
		with("telemetry", &schema{AnyOf: []*schema{{Type: types{"string"}}, with("per_annotation", off)}}),
		with("telemetry"+flat+"per_annotation", off),
	}}
	s.Else = &schema{Properties: keys{{"annotations", &schema{MaxItems: config.MaxSplitAnnotations}}}}
}

// typeRules are about the keys that depend on an annotation's type.
func typeRules() []*schema {
	all := config.MetricTypes()
	var r []*schema
	options := config.TypeOptions()
	for _, name := range slices.Sorted(maps.Keys(options)) {
		others := slices.DeleteFunc(slices.Clone(all), func(t config.MetricType) bool { return slices.Contains(options[name], t) })
		unset := &schema{Type: types{"null"}}
		if name == "aggregate" {
			unset = &schema{Enum: []any{nil, ""}}
		}
		unset.ErrorMessage = "only for type " + list(options[name])
		r = append(r, &schema{If: ofType(others), Then: &schema{Properties: keys{{name, unset}}}})
	}
	valued := slices.DeleteFunc(slices.Clone(all), func(t config.MetricType) bool { return t == config.TypeCounter })
	r = append(r, &schema{If: ofType(valued), Then: &schema{Required: []string{"value"}}})

	var units []string
	for _, u := range []string{"ms", "s"} {
		if a := (&config.Annotation{Type: config.TypeHistogram, Unit: u}); a.Boundaries() != nil {
			units = append(units, u)
		}
	}
	noBuckets := ofType([]config.MetricType{config.TypeHistogram})
	noBuckets.Properties = append(noBuckets.Properties, key{"unit", &schema{
		Not: &schema{Type: types{"string"}, Pattern: "^(" + strings.Join(units, "|") + ")$|" + substitution},
	}})
	r = append(r, &schema{If: noBuckets, Then: &schema{
		Required:   []string{"buckets"},
		Properties: keys{{"buckets", &schema{Type: types{"array", "string"}}}},
	}})

	const keptByPrometheus = "must not have the name \"le\" here: Prometheus keeps it for the buckets of histograms"
	le := refuse(&schema{Const: "le"}, keptByPrometheus)
	le.Properties = keys{{"name", refuse(&schema{Const: "le"}, keptByPrometheus)}}
	return append(r, &schema{
		If:   ofType([]config.MetricType{config.TypeHistogram, config.TypeExponentialHistogram}),
		Then: &schema{Properties: keys{{"labels", &schema{Items: le}}}},
	})
}

// ofType is an annotation of one of the types. One that has no type is a counter.
func ofType(of []config.MetricType) *schema {
	if !slices.Contains(of, config.TypeCounter) {
		return &schema{Required: []string{"type"}, Properties: keys{{"type", &schema{Enum: values(of)}}}}
	}
	others := slices.DeleteFunc(config.MetricTypes(), func(t config.MetricType) bool { return slices.Contains(of, t) })
	return &schema{Properties: keys{{"type", &schema{Not: &schema{AnyOf: []*schema{
		{Enum: values(others)}, {Type: types{"string"}, Pattern: substitution},
	}}}}}}
}

func list[T ~string](values []T) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = string(v)
	}
	if n := len(texts) - 1; n > 0 {
		return strings.Join(texts[:n], ", ") + " or " + texts[n]
	}
	return texts[0]
}

// label is a mapping, or a string: the name alone.
func label(s *schema) {
	labelRules(s)
	noExpression := refuseText(labelExpression,
		"must be the name of a record attribute; an expression goes into value, as in {name: route, value: 'attributes[\"route\"]'}")
	s.Required = []string{"name"}
	s.AllOf = append(s.AllOf, noExpression, &schema{
		If:   &schema{Not: &schema{Required: []string{"value"}}},
		Then: &schema{Properties: keys{{"name", noExpression}}},
	})
}

// labelRules are those of a label's name.
func labelRules(s *schema) {
	s.MaxLength = config.MaxLabelBytes
	s.Pattern = labelName + "|" + substitution
	s.PatternErrorMessage = "must have a letter or digit in [a-zA-Z0-9] among its first two characters, for Prometheus keeps names that start with __"
	s.AllOf = []*schema{refuseText(overflowName(), "must not be that of the overflow series' label")}
}
