// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"go.opentelemetry.io/collector/pdata/plog"
)

// instances returns logs of services that run several times each.
func instances(names []string, n, records int) plog.Logs {
	ld := plog.NewLogs()
	for i := range n {
		of := serviceLogs(names, records)
		for _, rl := range of.ResourceLogs().All() {
			rl.Resource().Attributes().PutStr("service.instance.id", strconv.Itoa(i))
		}
		of.ResourceLogs().MoveAndAppendTo(ld.ResourceLogs())
	}
	return ld
}

// One agent, Kafka, two gateways in one consumer group: nothing is missing, nothing is twice,
// no series has two writers, and both gateways have work. Without the agent's transform the
// instances of one service are in several partitions, and its series has two writers.
func TestKafka(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		agent   []string
		writers int // of most series
	}{
		"as in the example":               {nil, 1},
		"agents leave the whole resource": {[]string{"service::pipelines::logs::processors: [memory_limiter]"}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newKafkaChain(t, chainOptions{agent: tc.agent})
			names, sent := services(40), books{}
			const n = 8
			for i := range 5 {
				export(t, c.client, instances(names, n, i+1))
				sent.add(names, n*(i+1))
			}
			c.settle(t, sent)
			all := c.writers(t)
			require.Len(t, all, len(names))
			two := 0
			for series, writers := range all {
				if len(writers) == 2 {
					two++
				}
				require.LessOrEqual(t, len(writers), tc.writers, series)
			}
			for _, g := range c.gateways {
				require.Greater(t, len(g.owned(t)), 5, "%s has hardly anything to do", g.name)
			}
			t.Logf("%v records of %d services: %d with two writers", sent.total(names), len(names), two)
			if tc.writers == 2 {
				require.Greater(t, two, len(names)/2)
			}
		})
	}
}

// Records of one resource that are more than a broker takes in one message.
func TestKafkaLargeBatches(t *testing.T) {
	t.Parallel()
	c := newKafkaChain(t, chainOptions{})
	names, sent := services(1), books{}
	const records = 6000
	export(t, c.client, largeLogs(names, records, 500))
	sent.add(names, records)
	c.settle(t, sent)
}

// A gateway that is stopped and comes back within session_timeout: no partition moves, its
// series go on, nothing is missing and nothing is twice.
func TestKafkaGatewayComesBack(t *testing.T) {
	t.Parallel()
	c := newKafkaChain(t, chainOptions{})
	before := c.balanced(t)
	names, sent := services(40), books{}
	c.send(t, sent, names, 5)
	c.settle(t, sent)
	for range 3 {
		c.send(t, sent, names, 7)
		c.gateways[1].stop(t)
		c.send(t, sent, names, 7)
		c.gateways[1].restart(t)
		c.send(t, sent, names, 7)
		c.settle(t, sent)
	}
	require.Equal(t, before, c.balanced(t))
	for series, writers := range c.writers(t) {
		require.Len(t, writers, 1, series)
	}
}

// A gateway that does not come back: after session_timeout the other one has its partitions,
// with what is in them, as series of its own, and what the one that left has counted is what
// it had emitted.
func TestKafkaGatewayLeaves(t *testing.T) {
	t.Parallel()
	c := newKafkaChain(t, chainOptions{gateway: []string{"receivers::kafka::session_timeout: 6s"}})
	names, sent := services(40), books{}
	c.send(t, sent, names, 5)
	c.settle(t, sent)
	stays, leaves := c.gateways[0], c.gateways[1]
	gone := leaves.counted(t)
	leaves.stop(t)
	c.send(t, sent, names, 7)
	waitFor(t, "the other gateway to have all partitions", func() bool {
		g := c.broker.GroupInfo(kafkaGroup)
		return len(g.Members) == 1 && g.Members[0].NumAssigned() == kafkaPartitions
	})
	want := books{}
	for _, name := range names {
		want[name] = sent[name] - gone[name]
	}
	waitFor(t, "the other gateway to count what is left", func() bool { return fmt.Sprint(stays.counted(t)) == fmt.Sprint(want) },
		func() string { return fmt.Sprintf("want %v, counted %v", want, stays.counted(t)) })
	t.Logf("%d of %d services moved; %v records sent = %v + %v", len(gone), len(names), sent.total(names), stays.counted(t).total(names), gone.total(names))
}

// A gateway that is killed. What it had committed and not emitted is lost, and what it had
// emitted and not committed counts again; a long interval, or a long time between commits,
// shows each alone.
func TestKafkaKill(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		options chainOptions
		more    float64 // that the victim's services have, for each that is sent before the kill
	}{
		"committed and not emitted": {chainOptions{interval: "1h"}, -1},
		"emitted and not committed": {chainOptions{gateway: []string{"receivers::kafka::autocommit::interval: 1h"}}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newKafkaChain(t, tc.options)
			victim, names, sent := c.gateways[1], services(40), books{}
			parts := c.balanced(t)[victim.name]
			c.send(t, sent, names, 5)
			waitFor(t, "the gateways to receive them", func() bool {
				return c.gateways[0].received(t)+victim.received(t) == sent.total(names)
			})
			if tc.more < 0 {
				c.committed(t)
			} else {
				c.settle(t, sent)
				for _, p := range parts {
					require.Zero(t, c.broker.GroupInfo(kafkaGroup).Commits[kafkaTopic][p].Offset)
				}
			}
			received := victim.received(t)
			victim.kill(t)
			// From now on everything is emitted.
			victim.args = append(victim.args, yamlConfig("processors::annotation_metrics::interval: 1s"))
			victim.restart(t)
			c.send(t, books{}, names, 7)
			gone := []string{}
			waitFor(t, "the gateway that is back", func() bool {
				counted := victim.counted(t)
				gone = victim.owned(t)
				return len(gone) > 0 && counted.total(gone) == float64(len(gone))*(5+7)+tc.more*received
			}, func() string { return fmt.Sprintf("it had received %v; counted %v", received, victim.counted(t)) })
			require.Equal(t, float64(5*len(gone)), received)
			t.Logf("%d services, %v records before the kill: counted %+v times", len(gone), received, 1+tc.more)
		})
	}
}

// A partition that cannot be written for a while. With the settings of the example all waits for
// it, and counts once. With the default timeout the exporter repeats whole batches, of which the
// other partitions have taken their parts.
func TestKafkaPartitionIsAway(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		agent []string
		twice bool
	}{
		"as in the example":   {nil, false},
		"the default timeout": {[]string{"exporters::kafka::timeout: 5s"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newKafkaChain(t, chainOptions{agent: tc.agent})
			names, sent := services(40), books{}
			c.send(t, sent, names, 5)
			c.settle(t, sent)
			away := c.broker.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: kafkaTopic, Partitions: []int32{0}, Err: kerr.LeaderNotAvailable, Count: -1})
			c.send(t, sent, names, 5)
			begin, total := time.Now(), func() float64 { return c.sum(t).total(names) }
			if tc.twice {
				waitFor(t, "records to count twice", func() bool { return total() > sent.total(names) })
			} else {
				waitFor(t, "more than the default timeout, twice", func() bool { return time.Since(begin) > 11*time.Second })
				require.Less(t, total(), sent.total(names), "nothing waits")
				require.Greater(t, total(), sent.total(names)/2, "what is not for the partition waits, too")
			}
			require.Positive(t, away.Hits())
			away.Remove()
			if !tc.twice {
				c.settle(t, sent)
			}
			t.Logf("%v records sent, %v counted, %d requests refused", sent.total(names), total(), away.Hits())
		})
	}
}

// A message that is no OTLP costs itself. If permanent errors were not marked as done, its
// partition would stand still, and with it a part of the services.
func TestKafkaPoison(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		gateway []string
		stands  bool
	}{
		"as in the example":           {nil, false},
		"permanent errors are no end": {[]string{"receivers::kafka::message_marking::on_permanent_error: false"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newKafkaChain(t, chainOptions{gateway: tc.gateway})
			client, err := kgo.NewClient(kgo.SeedBrokers(c.broker.ListenAddrs()...), kgo.RecordPartitioner(kgo.ManualPartitioner()))
			require.NoError(t, err)
			defer client.Close()
			for p := range int32(kafkaPartitions) {
				require.NoError(t, client.ProduceSync(t.Context(), &kgo.Record{Topic: kafkaTopic, Partition: p, Value: []byte("no OTLP")}).FirstErr())
			}
			names, sent := services(40), books{}
			c.send(t, sent, names, 5)
			if !tc.stands {
				c.settle(t, sent)
				return
			}
			waitFor(t, "all partitions to stand still", func() bool {
				standing := 0
				for _, g := range c.gateways {
					standing += strings.Count(g.output.String(), "pausing partition due to permanent processing error")
				}
				return standing == kafkaPartitions
			})
			for _, g := range c.gateways {
				require.Zero(t, g.received(t))
			}
		})
	}
}
