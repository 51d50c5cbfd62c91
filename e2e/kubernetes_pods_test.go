// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// fields are where the variables of a pod come from. MY_POD_NAME is who writes a gateway's series:
// if it were the same for two, they would write the same ones.
var fields = map[string]map[string]string{
	"agent":   {"MY_POD_IP": "status.podIP", "K8S_NODE_NAME": "spec.nodeName"},
	"gateway": {"MY_POD_IP": "status.podIP", "MY_POD_NAME": "metadata.name"},
}

// requireFields requires that variables come from these fields of the pod, and that there are
// no others.
func requireFields(t *testing.T, want map[string]string, env map[string]tree) {
	t.Helper()
	got := map[string]string{}
	for name, variable := range env {
		if _, ok := variable["valueFrom"]; ok {
			got[name] = variable.text(t, "valueFrom", "fieldRef", "fieldPath")
		}
	}
	require.Equal(t, want, got)
}

// mebibytes reads a quantity of memory, of Kubernetes or of Go.
func mebibytes(t *testing.T, quantity string) float64 {
	t.Helper()
	text := strings.TrimSuffix(quantity, "B")
	for unit, factor := range map[string]float64{"Mi": 1, "Gi": 1024} {
		if number, ok := strings.CutSuffix(text, unit); ok {
			n, err := strconv.ParseFloat(number, 64)
			require.NoError(t, err, quantity)
			return n * factor
		}
	}
	require.Fail(t, "no quantity of memory", quantity)
	return 0
}

// requireStateAndLogs requires of mounts that the state can be written, and of an agent's that it
// reads the pods' logs where its configuration looks for them, from the node.
func requireStateAndLogs(t *testing.T, name string, config tree, mounts, volumes map[string]tree) {
	t.Helper()
	require.NotContains(t, mounts["state"], "readOnly", "the state is written")
	if name != "agent" {
		return
	}
	logs := mounts["logs"]
	require.Equal(t, true, logs["readOnly"], "nobody writes the pods' logs")
	for _, pattern := range config.at(t, "receivers", "file_log", "include").([]any) {
		require.True(t, strings.HasPrefix(pattern.(string), logs.text(t, "mountPath")+"/"), pattern)
	}
	require.Equal(t, logs.text(t, "mountPath"), volumes["logs"].text(t, "hostPath", "path"),
		"what is in /var/log/pods may be links to where it is on the node")
	require.Equal(t, tree{"path": mounts["state"].text(t, "mountPath"), "type": "DirectoryOrCreate"}, volumes["state"].at(t, "hostPath"))
}

// The manifests and the values for the Helm chart have the same pods: image, variables, users,
// memory, volumes. And these are right.
func TestKubernetesPods(t *testing.T) {
	t.Parallel()
	all := objects(t)
	images := map[string]bool{}
	for name, workload := range map[string]tree{"agent": all["DaemonSet/agent"], "gateway": all["StatefulSet/gateway"]} {
		pod := workload.at(t, "spec", "template", "spec").(tree)
		container := pod.list(t, "containers")["collector"]
		values := readTrees(t, "values-"+name+".yaml")[0]
		images[container.text(t, "image")] = true
		images[values.text(t, "image", "repository")+":"+values.text(t, "image", "tag")] = true

		requireFields(t, fields[name], container.list(t, "env"))
		extra := values.list(t, "extraEnvs")
		extra["MY_POD_IP"] = container.list(t, "env")["MY_POD_IP"] // the chart sets it
		requireFields(t, fields[name], extra)

		// The heap's limit leaves the rest of the process some room below the container's.
		limit := mebibytes(t, container.text(t, "resources", "limits", "memory"))
		heap := mebibytes(t, container.list(t, "env")["GOMEMLIMIT"].text(t, "value"))
		require.InDelta(t, 0.78, heap/limit, 0.04, "GOMEMLIMIT is not about 80%% of the memory of the %s", name)
		require.Equal(t, container.text(t, "resources", "limits", "memory"), container.text(t, "resources", "requests", "memory"))
		require.Equal(t, container.at(t, "resources"), values.at(t, "resources"))

		config := embedded(t, all["ConfigMap/"+name])
		volumes := pod.list(t, "volumes")
		requireStateAndLogs(t, name, config, container.list(t, "volumeMounts"), volumes)
		mounts := container.list(t, "volumeMounts")
		delete(mounts, "config") // the chart mounts it where its argument says
		require.Equal(t, mounts, values.list(t, "extraVolumeMounts"))
		if name == "agent" {
			delete(volumes, "config")
			require.Equal(t, volumes, values.list(t, "extraVolumes"))
		}
	}
	require.Len(t, images, 1, "one image for all")

	// The pods' logs are root's. The gateways read nothing of the node, and have a group that may
	// write on their volumes.
	agent, gateway := readTrees(t, "values-agent.yaml")[0], readTrees(t, "values-gateway.yaml")[0]
	root := tree{"runAsUser": 0}
	require.Equal(t, root, all["DaemonSet/agent"].at(t, "spec", "template", "spec", "securityContext"))
	require.Equal(t, root, agent.at(t, "securityContext"))
	nobody := tree{"runAsNonRoot": true, "runAsUser": 10001, "runAsGroup": 10001, "fsGroup": 10001}
	require.Equal(t, nobody, all["StatefulSet/gateway"].at(t, "spec", "template", "spec", "securityContext"))
	require.Equal(t, nobody, gateway.at(t, "podSecurityContext"))

	require.Equal(t, all["StatefulSet/gateway"].at(t, "spec", "replicas"), gateway.at(t, "replicaCount"))
	require.Equal(t, all["StatefulSet/gateway"].at(t, "spec", "podManagementPolicy"), gateway.at(t, "statefulset", "podManagementPolicy"))
	require.Equal(t, all["StatefulSet/gateway"].at(t, "spec", "volumeClaimTemplates"), gateway.at(t, "statefulset", "volumeClaimTemplates"))
}

// At most one gateway is evicted at a time, with the manifests and with the chart, which has
// nothing of its own for that with a StatefulSet.
func TestKubernetesDisruptionBudget(t *testing.T) {
	t.Parallel()
	values := readTrees(t, "values-gateway.yaml")[0]
	require.NotContains(t, values, "podDisruptionBudget", "the chart has it for its mode deployment only")
	want := objects(t)["PodDisruptionBudget/gateway"]
	got := values.at(t, "extraManifests", 0).(tree)
	require.Equal(t, 1, want.at(t, "spec", "maxUnavailable"))
	require.Equal(t, tree{"matchLabels": tree{
		"app.kubernetes.io/name": "opentelemetry-collector", "app.kubernetes.io/instance": "{{ .Release.Name }}",
	}}, got.at(t, "spec", "selector"), "not the labels that the chart gives the pods")
	got.at(t, "spec").(tree)["selector"] = want.at(t, "spec", "selector")
	require.Equal(t, want, got)
}

// A gateway's start waits for its storage, and the kubelet waits longer.
func TestKubernetesGatewayMayStartSlowly(t *testing.T) {
	t.Parallel()
	containers := objects(t)["StatefulSet/gateway"].at(t, "spec", "template", "spec", "containers").([]any)
	for _, pod := range []tree{containers[0].(tree), readTrees(t, "values-gateway.yaml")[0]} {
		failures := pod.at(t, "livenessProbe", "failureThreshold").(int)
		require.Greater(t, time.Duration(failures)*10*time.Second, 75*time.Second)
	}
}

// What an agent cannot give to a gateway waits in the files: neither the receiver nor the queue
// drops it or has it sent twice.
func TestKubernetesAgentsWait(t *testing.T) {
	t.Parallel()
	agent := embedded(t, objects(t)["ConfigMap/agent"])
	require.Equal(t, tree{"enabled": true, "max_elapsed_time": "0s"}, agent.at(t, "receivers", "file_log", "retry_on_failure"))
	balancer := agent.at(t, "exporters", "load_balancing").(tree)
	require.Equal(t, "0s", balancer.at(t, "protocol", "otlp", "retry_on_failure", "max_elapsed_time"))
	require.Equal(t, true, balancer.at(t, "protocol", "otlp", "sending_queue", "block_on_overflow"))
	timeout, err := time.ParseDuration(balancer.at(t, "timeout").(string))
	require.NoError(t, err)
	require.Greater(t, timeout, 24*time.Hour, "after it the queue refuses")
	require.NotContains(t, balancer, "sending_queue", "one level up it repeats what has been counted")
	require.NotContains(t, balancer, "retry_on_failure")
	require.NotContains(t, balancer.at(t, "resolver"), "k8s")
	other := readTrees(t, "k8s-resolver.yaml")[0]
	require.Equal(t, false, other.at(t, "exporters", "load_balancing", "protocol", "otlp", "sending_queue", "block_on_overflow"))
}

// The kubelet rotates what the agents read. What it renames while they are away, or wait, is read to
// its end and once; what it has compressed is not read.
func TestKubernetesAgentsReadRotatedFiles(t *testing.T) {
	t.Parallel()
	pods := t.TempDir()
	folder := filepath.Join(pods, "shop_cart-0_6dcbbd2a-1f2b-4a55-9d63-0f5e8d2f0a01", "cart")
	require.NoError(t, os.MkdirAll(folder, 0o750))
	receiver := embedded(t, objects(t)["ConfigMap/agent"]).at(t, "receivers", "file_log").(tree)
	for _, key := range []string{"include", "exclude"} {
		for i, pattern := range receiver[key].([]any) {
			receiver[key].([]any)[i] = strings.Replace(pattern.(string), "/var/log/pods", pods, 1)
		}
	}
	receiver["poll_interval"] = "50ms"
	example, err := yaml.Marshal(tree{"receivers": tree{"file_log": receiver}})
	require.NoError(t, err)
	port, storage := freePort(t), t.TempDir()
	start := func(more ...string) *process {
		return run(t, append(more, yamlConfig(string(example)), yamlConfig(fmt.Sprintf(`
extensions: {file_storage: {directory: '%s'}}
processors: {annotation_metrics: {interval: 1s, resource_attributes: [k8s.pod.name], storage: file_storage, annotations: [{metric: lines}]}}
receivers: {annotation_metrics: {}}
exporters: {nop: {}, prometheus: {endpoint: '%s', resource_to_telemetry_conversion: {enabled: true}}}
service:
  extensions: [file_storage]
  pipelines:
    logs: {receivers: [file_log], processors: [annotation_metrics], exporters: [nop]}
    metrics: {receivers: [annotation_metrics], exporters: [prometheus]}
  telemetry: {metrics: {level: none}}`, storage, loopback(port))))...)
	}
	current := filepath.Join(folder, "0.log")
	written, lives := 0, 0
	write := func(n int) {
		f, err := os.OpenFile(current, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		require.NoError(t, err)
		for range n {
			written++
			_, err = fmt.Fprintf(f, "2026-11-28T05:00:00.%09dZ stdout F line %d\n", written, written)
			require.NoError(t, err)
		}
		require.NoError(t, f.Close())
	}
	rotate := func() {
		lives++
		require.NoError(t, os.Rename(current, fmt.Sprintf("%s.20261128-%06d", current, lives)))
	}
	counted := func() float64 { return scrape(t, port).sum("lines_total") }
	// Else the first life would count nothing of a file that is there before it looks.
	agent := start(yamlConfig("receivers::file_log::start_at: beginning"))
	write(500)
	waitFor(t, "the first lines", func() bool { return counted() == float64(written) })
	agent.stop(t)
	write(500) // to the file that is renamed before the agent is back
	rotate()
	write(500)
	agent = start()
	waitFor(t, "what came while the agent was away", func() bool { return counted() == float64(written) },
		func() string { return fmt.Sprintf("%d written, %v counted", written, counted()) })
	write(500)
	rotate()
	for _, compressed := range []string{".gz", ".tmp"} { // the kubelet writes the one and renames it to the other
		require.NoError(t, os.WriteFile(current+".20261128-000000"+compressed, []byte("\x1f\x8b no line\n"), 0o600))
	}
	write(500)
	waitFor(t, "what came after a rotation", func() bool { return counted() == float64(written) },
		func() string { return fmt.Sprintf("%d written, %v counted", written, counted()) })
	require.Equal(t, []string{"cart-0"}, slices.Sorted(maps.Keys(scrape(t, port).by(t, "lines_total", "k8s_pod_name"))))
	agent.stop(t)
}
