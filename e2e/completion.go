// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// ours is the type of the processor, the receiver and the connector.
const ours = "annotation_metrics"

// definitions are the least configurations of components that need any, by section and type.
var definitions = map[string]string{
	"connectors/annotation_metrics":   `{annotations: [{metric: completed}]}`,
	"exporters/file":                  `{path: logs.json}`,
	"exporters/kafka":                 `{brokers: ['localhost:9092']}`,
	"exporters/loadbalancing":         `{protocol: {otlp: {}}, resolver: {static: {hostnames: ['localhost:4317']}}}`,
	"exporters/otlp":                  `{endpoint: 'localhost:4317'}`,
	"exporters/otlp_http":             `{endpoint: 'http://localhost:4318'}`,
	"exporters/prometheus":            `{endpoint: 'localhost:9464'}`,
	"exporters/prometheusremotewrite": `{endpoint: 'http://localhost:9090/api/v1/write'}`,
	"extensions/file_storage":         `{directory: /var/lib/otelcol, create_directory: true}`,
	"processors/annotation_metrics":   `{annotations: [{metric: completed}]}`,
	"processors/filter":               `{logs: {log_record: ['severity_number < 9']}}`,
	"processors/memory_limiter":       `{check_interval: 1s, limit_mib: 256}`,
	"processors/resource":             `{attributes: [{key: service.name, value: example, action: insert}]}`,
	"receivers/file_log":              `{include: [example.log]}`,
	"receivers/filelog":               `{include: [example.log]}`,
	"receivers/otlp":                  `{protocols: {grpc: {}}}`,
}

// metricsOnly are the types of components that take no logs.
var metricsOnly = []string{"deltatocumulative", "prometheus", "prometheusremotewrite"}

// pipeline is one of the service's.
type pipeline struct {
	Receivers  []string `yaml:"receivers,omitempty"`
	Processors []string `yaml:"processors,omitempty"`
	Exporters  []string `yaml:"exporters,omitempty"`
}

// collectorConfig is what the completion looks at. Components are by section and ID.
type collectorConfig struct {
	Components map[string]map[string]any `yaml:",inline"`
	Service    struct {
		Extensions []string             `yaml:"extensions,omitempty"`
		Pipelines  map[string]*pipeline `yaml:"pipelines,omitempty"`
		Rest       map[string]any       `yaml:",inline"`
	} `yaml:"service,omitempty"`
}

var (
	// sections of components.
	sections = []string{"receivers", "processors", "exporters", "connectors", "extensions"}

	errNoConfig = errors.New("this is neither configuration of the Collector, nor one with `annotations`, nor a list of annotations; " +
		"what belongs to another program is quoted from a file, by a line `<!-- file: PATH -->` above the block")
)

// completion says what an excerpt of a configuration lacks to be a whole one.
type completion struct {
	given, added collectorConfig
}

// complete returns an excerpt as configuration of a Collector, as it stands but for its
// place in it, and a second configuration of what it lacks. The Collector merges them;
// what both of them say the excerpt decides, if it comes last. What makes no sense
// within the excerpt is an error.
func complete(excerpt string) (base, own string, err error) {
	own, err = placed(excerpt)
	if err != nil {
		return "", "", err
	}
	c := completion{}
	if err := yaml.Unmarshal([]byte(own), &c.given); err != nil {
		return "", "", err
	}
	c.added.Components = map[string]map[string]any{}
	c.added.Service.Pipelines = map[string]*pipeline{}
	if !c.whole() {
		c.addPipelines()
	}
	if err := errors.Join(c.unused(), c.unpaired()); err != nil {
		return "", "", err
	}
	if !c.whole() {
		c.addEnds()
		c.addPartners()
	}
	err = c.addExtensions()
	if !c.whole() {
		c.addComponents()
	}
	text, marshalErr := yaml.Marshal(c.added)
	return string(text), own, errors.Join(err, marshalErr)
}

// placed returns an excerpt where it belongs in a configuration.
func placed(excerpt string) (string, error) {
	decoder := yaml.NewDecoder(strings.NewReader(excerpt))
	var root any
	if err := decoder.Decode(&root); err != nil {
		return "", err
	}
	if err := decoder.Decode(&root); !errors.Is(err, io.EOF) {
		return "", errors.Join(err, errors.New("there is more than one document in the block"))
	}
	under := func(head, indent string) string {
		return head + indent + strings.ReplaceAll(strings.TrimSuffix(excerpt, "\n"), "\n", "\n"+indent) + "\n"
	}
	switch root := root.(type) {
	case []any:
		return under("processors:\n  annotation_metrics:\n    annotations:\n", "      "), nil
	case map[string]any:
		for key := range root {
			if key == "service" || slices.Contains(sections, key) {
				return excerpt, nil
			}
		}
		if _, ok := root["annotations"]; ok {
			return under("processors:\n  annotation_metrics:\n", "    "), nil
		}
	}
	return "", errNoConfig
}

// whole says whether the excerpt claims to be a whole configuration.
func (c *completion) whole() bool {
	has := func(section string) bool { return len(c.given.Components[section]) > 0 }
	return has("receivers") && has("exporters") && (has("processors") || has("connectors")) && len(c.given.Service.Pipelines) > 0
}

// typeOf returns the type in a component's ID, or the signal in a pipeline's.
func typeOf(id string) string {
	name, _, _ := strings.Cut(id, "/")
	return name
}

// pipelines returns those of a signal, given or added, as they would be merged.
func (c *completion) pipelines(signal string) map[string]pipeline {
	all := map[string]pipeline{}
	for _, service := range []map[string]*pipeline{c.added.Service.Pipelines, c.given.Service.Pipelines} {
		for id, p := range service {
			if typeOf(id) != signal || p == nil {
				continue
			}
			merged := all[id]
			for _, list := range []struct{ to, from *[]string }{
				{&merged.Receivers, &p.Receivers},
				{&merged.Processors, &p.Processors},
				{&merged.Exporters, &p.Exporters},
			} {
				if len(*list.from) > 0 {
					*list.to = *list.from
				}
			}
			all[id] = merged
		}
	}
	return all
}

// named returns the IDs that the pipelines of some signals name in a role, in order.
func (c *completion) named(role func(pipeline) []string, signals ...string) (ids []string) {
	for _, signal := range signals {
		for _, p := range c.pipelines(signal) {
			ids = append(ids, role(p)...)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func receiversOf(p pipeline) []string  { return p.Receivers }
func processorsOf(p pipeline) []string { return p.Processors }
func exportersOf(p pipeline) []string  { return p.Exporters }

// unused refuses components that none of the given pipelines names: one of the IDs is
// wrong then, and the completion would define the other one.
func (c *completion) unused() (err error) {
	if len(c.given.Service.Pipelines) == 0 {
		return nil
	}
	for section, roles := range map[string][]func(pipeline) []string{
		"receivers": {receiversOf}, "processors": {processorsOf}, "exporters": {exportersOf}, "connectors": {receiversOf, exportersOf},
	} {
		for id := range c.given.Components[section] {
			used := false
			for _, role := range roles {
				used = used || slices.Contains(c.named(role, "logs", "metrics", "traces", "profiles"), id)
			}
			if !used {
				err = errors.Join(err, fmt.Errorf("%s::%s is in none of the pipelines", section, id))
			}
		}
	}
	return err
}

// onlyOurs returns the IDs among some that are of components of ours.
func onlyOurs(ids []string) []string {
	return slices.DeleteFunc(ids, func(id string) bool { return typeOf(id) != ours })
}

// unpaired refuses processors of ours without a receiver and receivers without a processor
// or connector, which only the start of a Collector finds, unless the excerpt says nothing of
// where metrics come from or what logs go through.
func (c *completion) unpaired() (err error) {
	received := onlyOurs(c.named(receiversOf, "metrics"))
	processed, connected := onlyOurs(c.named(processorsOf, "logs")), onlyOurs(c.named(exportersOf, "logs"))
	for _, id := range processed {
		if (len(received) > 0 || c.whole()) && !slices.Contains(received, id) {
			err = errors.Join(err, fmt.Errorf("the processor %s has no receiver %s in a pipeline of metrics", id, id))
		}
	}
	connected = append(connected, slices.Collect(maps.Keys(c.given.Components["connectors"]))...)
	told := len(processed)+len(connected) > 0 || c.whole()
	for id, p := range c.given.Service.Pipelines {
		told = told || (typeOf(id) == "logs" && p != nil && len(p.Processors) > 0 && len(p.Exporters) > 0)
	}
	for _, id := range received {
		if told && !slices.Contains(processed, id) && !slices.Contains(connected, id) {
			err = errors.Join(err, fmt.Errorf("the receiver %s has no processor or connector %s in a pipeline of logs", id, id))
		}
	}
	return err
}

// addPipelines has an excerpt without any run all that it defines.
func (c *completion) addPipelines() {
	if len(c.given.Service.Pipelines) > 0 {
		return
	}
	logs, metrics := &pipeline{}, &pipeline{}
	for id := range c.given.Components["receivers"] {
		if typeOf(id) == ours {
			metrics.Receivers = append(metrics.Receivers, id)
		} else {
			logs.Receivers = append(logs.Receivers, id)
		}
	}
	side := func(id string) *pipeline {
		if slices.Contains(metricsOnly, typeOf(id)) {
			return metrics
		}
		return logs
	}
	for id := range c.given.Components["processors"] {
		side(id).Processors = append(side(id).Processors, id)
	}
	for id := range c.given.Components["exporters"] {
		side(id).Exporters = append(side(id).Exporters, id)
	}
	for id := range c.given.Components["connectors"] {
		logs.Exporters = append(logs.Exporters, id)
		metrics.Receivers = append(metrics.Receivers, id)
	}
	for id, p := range map[string]*pipeline{"logs": logs, "metrics": metrics} {
		if len(p.Receivers)+len(p.Processors)+len(p.Exporters) > 0 {
			c.added.Service.Pipelines[id] = p
		}
	}
	if len(c.added.Service.Pipelines) == 0 {
		c.added.Service.Pipelines["logs"] = logs
	}
}

// addEnds gives a beginning and an end to pipelines that have none.
func (c *completion) addEnds() {
	derived := onlyOurs(slices.Concat(c.named(processorsOf, "logs"), slices.Collect(maps.Keys(c.given.Components["connectors"]))))
	for _, signal := range []string{"logs", "metrics"} {
		for id, p := range c.pipelines(signal) {
			extra := c.added.Service.Pipelines[id]
			if extra == nil {
				extra = &pipeline{}
			}
			if len(p.Receivers) == 0 {
				extra.Receivers = []string{"otlp"}
				if signal == "metrics" && len(derived) > 0 {
					extra.Receivers = derived
				}
			}
			if len(p.Exporters) == 0 {
				extra.Exporters = []string{"nop"}
			}
			c.added.Service.Pipelines[id] = extra
		}
	}
}

// addPartners adds the other half of a component of ours, if the excerpt shows none of its kind.
func (c *completion) addPartners() {
	if len(c.pipelines("metrics")) == 0 {
		received := onlyOurs(slices.Concat(c.named(processorsOf, "logs"), c.named(exportersOf, "logs")))
		if len(received) > 0 {
			c.added.Service.Pipelines["metrics"] = &pipeline{Receivers: received, Exporters: []string{"nop"}}
		}
	}
	if len(c.pipelines("logs")) == 0 {
		connected := onlyOurs(slices.Collect(maps.Keys(c.given.Components["connectors"])))
		if len(connected) > 0 {
			c.added.Service.Pipelines["logs"] = &pipeline{Receivers: []string{"otlp"}, Exporters: connected}
		}
	}
}

// addExtensions adds those that are named but not defined or the other way round, and
// refuses a storage that would not be there, which only the start of a Collector finds.
func (c *completion) addExtensions() (err error) {
	started := c.given.Service.Extensions
	given := len(started) > 0
	if !given {
		started = slices.Sorted(maps.Keys(c.given.Components["extensions"]))
	}
	for id := range c.given.Components["extensions"] {
		if !slices.Contains(started, id) {
			err = errors.Join(err, fmt.Errorf("extensions::%s is not in service::extensions", id))
		}
	}
	for _, section := range []string{"processors", "connectors"} {
		for id, cfg := range c.given.Components[section] {
			keys, _ := cfg.(map[string]any)
			storage, ok := keys["storage"].(string)
			switch {
			case typeOf(id) != ours || !ok || slices.Contains(started, storage):
			case given || len(c.given.Components["extensions"]) > 0 || c.whole():
				err = errors.Join(err, fmt.Errorf("%s::%s::storage: service::extensions has no %s", section, id, storage))
			default:
				started = append(started, storage)
			}
		}
	}
	if !given {
		c.added.Service.Extensions = started
	}
	return err
}

// addComponents defines what is named but not defined.
func (c *completion) addComponents() {
	signals := []string{"logs", "metrics"}
	exported := c.named(exportersOf, signals...)
	define := func(section string, ids ...string) {
		for _, id := range ids {
			if _, ok := c.given.Components[section][id]; ok {
				continue
			}
			if c.added.Components[section] == nil {
				c.added.Components[section] = map[string]any{}
			}
			var definition any
			if err := yaml.Unmarshal([]byte(definitions[section+"/"+typeOf(id)]), &definition); err != nil {
				panic(err) // the table above is wrong
			}
			c.added.Components[section][id] = definition
		}
	}
	isConnector := func(id string) bool {
		_, defined := c.given.Components["connectors"][id]
		return defined || (slices.Contains(exported, id) && (typeOf(id) == ours || typeOf(id) == "forward"))
	}
	for _, id := range c.named(receiversOf, signals...) {
		if !isConnector(id) {
			define("receivers", id)
		}
	}
	define("processors", c.named(processorsOf, signals...)...)
	for _, id := range exported {
		if isConnector(id) {
			define("connectors", id)
		} else {
			define("exporters", id)
		}
	}
	define("extensions", slices.Concat(c.given.Service.Extensions, c.added.Service.Extensions)...)
}
