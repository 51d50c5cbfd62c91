// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
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
