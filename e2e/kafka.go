// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
)

// kafkaTopic and kafkaGroup are those of the example.
const (
	kafkaTopic      = "otlp_logs"
	kafkaGroup      = "annotation-metrics"
	kafkaPartitions = 12
)

// kafkaChain is the example with a broker between the agent and two gateways.
type kafkaChain struct {
	*chain
	broker *kfake.Cluster
}

// newKafkaChain runs the example until the test ends. But for names, ports, folders and the
// interval it is as in the files, and as the options say. The broker speaks Kafka's protocol,
// with consumer groups; it is not Kafka, but what the tests of the Collector's Kafka
// components use as well.
func newKafkaChain(t *testing.T, options chainOptions) *kafkaChain {
	t.Helper()
	if options.interval == "" {
		options.interval = "1s"
	}
	broker, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(kafkaPartitions, kafkaTopic))
	require.NoError(t, err)
	t.Cleanup(broker.Close)
	brokers := fmt.Sprintf("KAFKA_BROKERS=[%s]", broker.ListenAddrs()[0])
	c := &kafkaChain{chain: &chain{endpoint: loopback(freePort(t)), self: freePort(t)}, broker: broker}
	for i := range 2 {
		g := &gateway{name: fmt.Sprintf("gateway-%d", i+1), metrics: freePort(t), self: freePort(t), environment: []string{brokers}}
		g.args = append([]string{"--config=" + scaleOut + "/config-kafka-gateway.yaml", yamlConfig(pullSelfMetrics(g.self))}, yamlConfigs(options.gateway)...)
		c.gateways = append(c.gateways, g)
		g.start(t, options.interval, t.TempDir())
	}
	c.balanced(t)
	args := append([]string{"--config=" + scaleOut + "/config-kafka-agent.yaml", yamlConfig(pullSelfMetrics(c.self))}, yamlConfigs(options.agent)...)
	c.agent = runWith(t, []string{"AGENT_GRPC=" + c.endpoint, brokers}, args...)
	c.client = newLogsClient(t, c.endpoint)
	return c
}

// group waits until the consumer group is as it should be.
func (c *kafkaChain) group(t *testing.T, what string, as func(*kfake.GroupInfo) bool) *kfake.GroupInfo {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	found, err := c.broker.WaitGroupInfo(ctx, kafkaGroup, as)
	require.NoError(t, err, "for: %s, found %+v", what, found)
	return found
}

// balanced waits until each gateway has its half of the partitions, and returns which.
func (c *kafkaChain) balanced(t *testing.T) map[string][]int32 {
	t.Helper()
	found := c.group(t, "a balanced group", func(g *kfake.GroupInfo) bool {
		ok := g != nil && g.State == "Stable" && len(g.Members) == len(c.gateways)
		for i := 0; ok && i < len(g.Members); i++ {
			ok = g.Members[i].NumAssigned() == kafkaPartitions/len(c.gateways)
		}
		return ok
	})
	all := map[string][]int32{}
	for _, m := range found.Members {
		all[*m.InstanceID] = m.Assignment[kafkaTopic]
	}
	return all
}

// committed waits until the group has committed all that the topic has.
func (c *kafkaChain) committed(t *testing.T) {
	t.Helper()
	c.group(t, "commits", func(g *kfake.GroupInfo) bool {
		for _, p := range c.broker.PartitionInfos(kafkaTopic) {
			if p.HighWatermark > g.Commits[kafkaTopic][p.Partition].Offset {
				return false
			}
		}
		return true
	})
}
