// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

const kubernetes = "examples/kubernetes"

// tree is YAML that nobody has given a type; the maps in it are trees too.
type tree map[string]any

// at returns what is at a path of keys and, in lists, numbers. Nothing may be missing.
func (m tree) at(t *testing.T, path ...any) any {
	t.Helper()
	var node any = m
	for _, step := range path {
		switch step := step.(type) {
		case string:
			within, _ := node.(tree)
			node = within[step]
		case int:
			list, _ := node.([]any)
			require.Greater(t, len(list), step, "%v", path)
			node = list[step]
		}
		require.NotNil(t, node, "nothing at %v", path)
	}
	return node
}

func (m tree) text(t *testing.T, path ...any) string {
	t.Helper()
	text, ok := m.at(t, path...).(string)
	require.True(t, ok, "no text at %v", path)
	return text
}

// list returns the maps of a list, by their names.
func (m tree) list(t *testing.T, path ...any) map[string]tree {
	t.Helper()
	all := map[string]tree{}
	for _, entry := range m.at(t, path...).([]any) {
		e := entry.(tree)
		all[e.text(t, "name")] = e
	}
	return all
}

// readTrees returns the documents of a YAML file of the examples for Kubernetes. A key that is
// there twice is an error.
func readTrees(t *testing.T, name string) []tree {
	t.Helper()
	f, err := os.Open(filepath.Join(repository, kubernetes, name))
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	var all []tree
	for decoder := yaml.NewDecoder(f); ; {
		var m tree
		err := decoder.Decode(&m)
		if errors.Is(err, io.EOF) {
			return all
		}
		require.NoError(t, err, name)
		all = append(all, m)
	}
}

// objects are the manifests by kind and name.
func objects(t *testing.T) map[string]tree {
	t.Helper()
	all := map[string]tree{}
	for _, file := range []string{"agent.yaml", "gateway.yaml", "k8s-resolver-role.yaml"} {
		for _, m := range readTrees(t, file) {
			id := m.text(t, "kind") + "/" + m.text(t, "metadata", "name")
			require.NotContains(t, all, id)
			all[id] = m
		}
	}
	return all
}

// embedded returns the Collector configuration of a ConfigMap.
func embedded(t *testing.T, configMap tree) tree {
	t.Helper()
	var config tree
	require.NoError(t, yaml.Unmarshal([]byte(configMap.text(t, "data", "config.yaml")), &config))
	return config
}

// The Collector takes the configurations of the manifests, and the values of the Helm chart
// have the very same.
func TestKubernetesConfigurations(t *testing.T) {
	for _, name := range []string{"MY_POD_IP", "MY_POD_NAME", "K8S_NODE_NAME"} {
		t.Setenv(name, "127.0.0.1")
	}
	all := objects(t)
	for _, name := range []string{"agent", "gateway"} {
		configMap := all["ConfigMap/"+name]
		out, err := validate(t, yamlConfig(configMap.text(t, "data", "config.yaml")))
		require.NoError(t, err, out)
		values := readTrees(t, "values-"+name+".yaml")[0]
		text, err := yaml.Marshal(values.at(t, "alternateConfig"))
		require.NoError(t, err)
		out, err = validate(t, yamlConfig(string(text)))
		require.NoError(t, err, out)
		require.Equal(t, embedded(t, configMap), values.at(t, "alternateConfig"))
		require.NotContains(t, values, "config", "what the chart would merge with its own is not what is validated")
		require.NotContains(t, string(text), "{{", "the chart would expand it")
	}
	out, err := validate(t, yamlConfig(all["ConfigMap/agent"].text(t, "data", "config.yaml")), "--config="+kubernetes+"/k8s-resolver.yaml")
	require.NoError(t, err, out)
}

var environmentVariable = regexp.MustCompile(`\$\{env:([A-Z0-9_]+)\}`)

// portOf returns the port of an endpoint.
func portOf(t *testing.T, endpoint string) int {
	t.Helper()
	_, text, err := net.SplitHostPort(environmentVariable.ReplaceAllString(endpoint, "host"))
	require.NoError(t, err, endpoint)
	port, err := strconv.Atoi(text)
	require.NoError(t, err)
	return port
}

// listens returns the ports that a Collector with this configuration listens on, by the names
// that the manifests have for them.
func listens(t *testing.T, config tree) map[string]int {
	t.Helper()
	ports := map[string]int{
		"health":    portOf(t, config.text(t, "extensions", "health_check", "endpoint")),
		"telemetry": config.at(t, "service", "telemetry", "metrics", "readers", 0, "pull", "exporter", "prometheus", "port").(int),
	}
	if receiver, ok := config.at(t, "receivers").(tree)["otlp"]; ok {
		ports["otlp"] = portOf(t, receiver.(tree).text(t, "protocols", "grpc", "endpoint"))
	}
	if exporter, ok := config.at(t, "exporters").(tree)["prometheus"]; ok {
		ports["metrics"] = portOf(t, exporter.(tree).text(t, "endpoint"))
	}
	return ports
}

// requireVariables requires that all variables of a configuration are among these.
func requireVariables(t *testing.T, config string, env map[string]tree, more ...string) {
	t.Helper()
	for _, match := range environmentVariable.FindAllStringSubmatch(config, -1) {
		if _, ok := env[match[1]]; !ok {
			require.Contains(t, more, match[1], "a variable that nobody sets")
		}
	}
}

// The manifests agree with each other and with the configurations in them: ports, names,
// mounts, volumes, variables and accounts.
func TestKubernetesManifests(t *testing.T) {
	t.Parallel()
	all := objects(t)
	for id, m := range all {
		if kind := m.text(t, "kind"); kind != "Namespace" && !strings.HasPrefix(kind, "Cluster") {
			require.Equal(t, "observability", m.text(t, "metadata", "namespace"), id)
		}
	}
	for name, workload := range map[string]tree{"agent": all["DaemonSet/agent"], "gateway": all["StatefulSet/gateway"]} {
		template := workload.at(t, "spec", "template").(tree)
		require.Equal(t, workload.at(t, "spec", "selector", "matchLabels"), template.at(t, "metadata", "labels"))
		container := template.list(t, "spec", "containers")["collector"]
		config := embedded(t, all["ConfigMap/"+name])

		ports := map[string]int{}
		for port, entry := range container.list(t, "ports") {
			ports[port] = entry.at(t, "containerPort").(int)
		}
		require.Equal(t, listens(t, config), ports, name)
		for _, probe := range []string{"readinessProbe", "livenessProbe"} {
			require.Equal(t, "health", container.at(t, probe, "httpGet", "port"))
		}
		requireVariables(t, all["ConfigMap/"+name].text(t, "data", "config.yaml"), container.list(t, "env"))

		// What is mounted is there: the ConfigMap where the argument says, and the state on a volume
		// that outlives the pod.
		mounts := container.list(t, "volumeMounts")
		require.Equal(t, "--config="+mounts["config"].text(t, "mountPath")+"/config.yaml", container.text(t, "args", 0))
		volumes := template.list(t, "spec", "volumes")
		require.Equal(t, name, volumes["config"].text(t, "configMap", "name"))
		directory := config.text(t, "extensions", "file_storage", "directory")
		require.True(t, strings.HasPrefix(directory, mounts["state"].text(t, "mountPath")+"/"), directory)
		for volume := range mounts {
			if _, ok := volumes[volume]; !ok {
				require.Equal(t, volume, workload.text(t, "spec", "volumeClaimTemplates", 0, "metadata", "name"))
			}
		}
	}
	require.Contains(t, all["DaemonSet/agent"].list(t, "spec", "template", "spec", "volumes")["state"], "hostPath")
	require.Equal(t, "state", all["StatefulSet/gateway"].text(t, "spec", "volumeClaimTemplates", 0, "metadata", "name"))

	// The agents find the gateways, and k8s-resolver.yaml may.
	service := all["Service/gateway"]
	require.Equal(t, "None", service.text(t, "spec", "clusterIP"))
	require.Equal(t, "gateway", all["StatefulSet/gateway"].text(t, "spec", "serviceName"), "the pods' host names are below it")
	require.Equal(t, service.at(t, "spec", "selector"), all["StatefulSet/gateway"].at(t, "spec", "template", "metadata", "labels"))
	require.Equal(t, service.at(t, "spec", "selector"), all["PodDisruptionBudget/gateway"].at(t, "spec", "selector", "matchLabels"))
	gateway := listens(t, embedded(t, all["ConfigMap/gateway"]))
	for name, port := range service.list(t, "spec", "ports") {
		require.Equal(t, gateway[name], port.at(t, "port"))
		require.Equal(t, name, port.at(t, "targetPort"))
	}
	agent := embedded(t, all["ConfigMap/agent"])
	balancer := agent.at(t, "exporters", "load_balancing").(tree)
	other := readTrees(t, "k8s-resolver.yaml")[0].at(t, "exporters", "load_balancing", "resolver", "k8s").(tree)
	require.Equal(t, tree{"service": "gateway.observability", "ports": []any{gateway["otlp"]}, "return_hostnames": true}, other)
	require.Equal(t, "agent", all["DaemonSet/agent"].text(t, "spec", "template", "spec", "serviceAccountName"))
	for binding, role := range map[string]string{
		"ClusterRoleBinding/annotation-metrics-agent": "ClusterRole/annotation-metrics-agent",
		"RoleBinding/gateway-resolver":                "Role/gateway-resolver",
	} {
		b := all[binding]
		require.Equal(t, role, b.text(t, "roleRef", "kind")+"/"+b.text(t, "roleRef", "name"))
		require.Contains(t, all, role)
		require.Equal(t, "ServiceAccount/agent", b.text(t, "subjects", 0, "kind")+"/"+b.text(t, "subjects", 0, "name"))
		require.Contains(t, all, "ServiceAccount/agent")
		require.Equal(t, "observability", b.text(t, "subjects", 0, "namespace"))
	}
	require.Equal(t, []any{tree{
		"apiGroups": []any{"discovery.k8s.io"}, "resources": []any{"endpointslices"}, "verbs": []any{"get", "list", "watch"},
	}}, all["Role/gateway-resolver"].at(t, "rules"))
	require.Equal(t, []any{tree{
		"apiGroups": []any{""}, "resources": []any{"pods", "namespaces"}, "verbs": []any{"get", "list", "watch"},
	}}, all["ClusterRole/annotation-metrics-agent"].at(t, "rules"))

	// The list of names has all of them.
	names := []any{}
	for i := range all["StatefulSet/gateway"].at(t, "spec", "replicas").(int) {
		names = append(names, fmt.Sprintf("gateway-%d.%s:%d", i, other.text(t, "service"), gateway["otlp"]))
	}
	require.Equal(t, names, balancer.at(t, "resolver", "static", "hostnames"))

	// One writer per series: what the gateways keep of the resource is what the agents route by.
	require.Equal(t, balancer.at(t, "routing_attributes"),
		embedded(t, all["ConfigMap/gateway"]).at(t, "processors", "annotation_metrics", "resource_attributes"))
	require.Equal(t, "${env:MY_POD_NAME}",
		embedded(t, all["ConfigMap/gateway"]).list(t, "service", "telemetry", "resource", "attributes")["service.instance.id"].text(t, "value"))
}

// The values for the Helm chart agree with each other and with the configurations in them.
func TestKubernetesHelmValues(t *testing.T) {
	t.Parallel()
	for name, mode := range map[string]string{"agent": "daemonset", "gateway": "statefulset"} {
		values := readTrees(t, "values-"+name+".yaml")[0]
		require.Equal(t, mode, values.text(t, "mode"))
		require.Equal(t, name, values.text(t, "fullnameOverride"))
		require.Equal(t, "observability", values.text(t, "namespaceOverride"))
		config := values.at(t, "alternateConfig").(tree)
		text, err := yaml.Marshal(config)
		require.NoError(t, err)
		requireVariables(t, string(text), values.list(t, "extraEnvs"), "MY_POD_IP")
		want := map[int]bool{}
		for port, number := range listens(t, config) {
			want[number] = port != "health" // the chart's probes need no name for it
		}
		open := map[int]bool{13133: false}
		for _, port := range values.at(t, "ports").(tree) {
			if p := port.(tree); p.at(t, "enabled").(bool) {
				require.Equal(t, p.at(t, "containerPort"), p.at(t, "servicePort"))
				require.NotContains(t, p, "hostPort")
				open[p.at(t, "containerPort").(int)] = true
			}
		}
		require.Equal(t, want, open)
		directory := config.text(t, "extensions", "file_storage", "directory")
		require.True(t, strings.HasPrefix(directory, values.list(t, "extraVolumeMounts")["state"].text(t, "mountPath")+"/"))
	}
	gateway := readTrees(t, "values-gateway.yaml")[0]
	require.Equal(t, "None", gateway.text(t, "service", "clusterIP"))
	require.Equal(t, "state", gateway.text(t, "statefulset", "volumeClaimTemplates", 0, "metadata", "name"))
	agent := readTrees(t, "values-agent.yaml")[0]
	for _, port := range []string{"otlp", "otlp-http", "jaeger-compact", "jaeger-thrift", "jaeger-grpc", "zipkin"} {
		require.Equal(t, false, agent.at(t, "ports", port, "enabled"), "the chart would open a port of the node: %s", port)
	}
	require.Contains(t, agent.list(t, "extraVolumes"), "state")
	rules := agent.at(t, "clusterRole", "rules").([]any)
	require.True(t, agent.at(t, "clusterRole", "create").(bool))
	all := objects(t)
	require.Equal(t, all["ClusterRole/annotation-metrics-agent"].at(t, "rules"), any(rules), "the same rights as in the manifests")
}
