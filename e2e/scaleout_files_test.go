// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// An agent that reads files, and a gateway that is away for longer than its queue at the agent is
// long. With the settings of examples/kubernetes reading waits, and in the end every line has
// counted once. The other rows are why these settings are there.
func TestScaleOutFiles(t *testing.T) {
	t.Parallel()
	example := embedded(t, objects(t)["ConfigMap/agent"])
	settings, err := yaml.Marshal(tree{
		"receivers": tree{"file_log": tree{"retry_on_failure": example.at(t, "receivers", "file_log", "retry_on_failure")}},
		"exporters": tree{"load_balancing": tree{
			"timeout": example.at(t, "exporters", "load_balancing", "timeout"),
			"protocol": tree{"otlp": tree{
				"sending_queue": example.at(t, "exporters", "load_balancing", "protocol", "otlp", "sending_queue"),
			}},
		}},
	})
	require.NoError(t, err)
	const queue = 150
	const (
		refuse = "exporters::load_balancing::protocol::otlp::sending_queue::block_on_overflow: false"
		repeat = "receivers::file_log::retry_on_failure: {initial_interval: 100ms, max_interval: 100ms}"
	)
	for name, tc := range map[string]struct {
		agent   []string
		outcome string
	}{
		"as in the example":                                  {nil, "exact"},
		"as in the example, and the agent is stopped":        {nil, "stops"},
		"the exporter has a short timeout, file_log repeats": {[]string{"exporters::load_balancing::timeout: 300ms", repeat}, "twice"},
		"the queue refuses, file_log repeats":                {[]string{refuse, repeat}, "twice"},
		"the queue refuses, file_log does not repeat":        {[]string{refuse, "receivers::file_log::retry_on_failure::enabled: false"}, "lost"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := newLogFile(t, "app.log")
			reads := fmt.Sprintf(`{receivers: {file_log: {include: ['%s'], start_at: beginning, poll_interval: 50ms, operators: [
				{type: regex_parser, regex: '^(?P<service>\S+) (?P<severity>\S+)', severity: {parse_from: attributes.severity}}, {type: move, from: attributes.service, to: 'resource["service.name"]'}]}},
				service: {pipelines: {logs: {receivers: [otlp, file_log]}}}}`, file.path)
			c := newChain(t, chainOptions{agent: append([]string{
				reads, string(settings),
				fmt.Sprintf("exporters::load_balancing::protocol::otlp::sending_queue: {queue_size: %d, batch: {sizer: items, min_size: 50, max_size: 100}}", queue),
			}, tc.agent...)})
			names, sent := services(20), books{}
			c.send(t, sent, names, 5)
			c.settle(t, sent)
			stays, victim := c.gateways[0], c.gateways[1]
			left, gone := stays.owned(t), victim.owned(t)
			require.NotEmpty(t, gone)
			// Which services are whose depends on the ports. The queue cannot hold what is for the
			// gateway that goes, and is not all that the agent still has on its hands.
			lines := max(50, (queue+100)/len(gone)+1)
			victim.kill(t)

			var text strings.Builder
			for range lines {
				for _, service := range names {
					fmt.Fprintln(&text, service, "INFO a line")
				}
			}
			file.write(text.String())
			sent.add(names, lines)
			accepted := func() float64 { return scrape(t, c.self).sum("otelcol_receiver_accepted_log_records") }
			waits := func() {
				waitFor(t, "the agent to read", func() bool { return accepted() > sent.total(names)-float64(lines*len(names)) })
				stays.settled(t, accepted)
				require.Less(t, accepted(), sent.total(names), "reading goes on")
			}
			switch tc.outcome {
			case "exact":
				waits()
				full := time.Now()
				waitFor(t, "longer than the exporter waits by default", func() bool { return time.Since(full) > 8*time.Second })
				victim.restart(t)
				c.settle(t, sent)
			case "stops":
				waits()
				c.agent.stop(t)
			case "twice":
				waitFor(t, "lines to be counted twice", func() bool { return stays.counted(t).total(left) > sent.total(left) })
				t.Logf("%v lines were for the other gateway, and it has counted %v", sent.total(left), stays.counted(t).total(left))
			case "lost":
				stays.settled(t, func() float64 { return stays.received(t) })
				victim.restart(t)
				waitFor(t, "the gateway that came back", func() bool { return victim.received(t) > 0 })
				victim.settled(t, func() float64 { return victim.received(t) + victim.counted(t).total(gone) })
				counted := victim.counted(t).total(gone) - 5*float64(len(gone))
				require.Equal(t, victim.received(t), counted)
				require.LessOrEqual(t, counted, float64(queue))
				t.Logf("%v lines were for the gateway that was away, and it has counted %v", lines*len(gone), counted)
			}
		})
	}
}
