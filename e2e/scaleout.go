// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
)

// scaleOut is the folder of the example that the tests of scaling out run.
const scaleOut = "examples/scale-out"

// recordsMetric is a metric of that example, as Prometheus calls it: it counts every record.
const recordsMetric = "app_log_records_total"

// errorsMetric is another one: it counts those with the severity ERROR or above.
const errorsMetric = "app_errors_total"

// chain is that example: one agent that gives records to gateways, by a list of names.
type chain struct {
	agent    *process
	endpoint string // of the agent
	self     int    // port of the agent's own metrics
	gateways []*gateway
	client   plogotlp.GRPCClient
	// hostnames is a file with the agent's list, which a reload reads again.
	hostnames string
}

// gateway is one that derives metrics. It can be started again after it has ended.
type gateway struct {
	*process

	name, address string // address is where it takes logs
	metrics, self int
	args          []string
	environment   []string // beside what start sets
}

// chainOptions are what a test changes of the example.
type chainOptions struct {
	interval string   // of the gateways; 1s if empty
	agent    []string // YAML
	gateway  []string // YAML
	// service, if not nil, tells the agent who the gateways are, instead of the list.
	service *fakeService
}

// newChain runs the example with two gateways, until the test ends. But for names, ports,
// folders, the interval and the times between retries it is as in the files, and as the
// options say.
func newChain(t *testing.T, options chainOptions) *chain {
	t.Helper()
	if options.interval == "" {
		options.interval = "1s"
	}
	c := &chain{endpoint: loopback(freePort(t)), self: freePort(t), hostnames: filepath.Join(t.TempDir(), "hostnames.yaml")}
	for i := range 2 {
		g := &gateway{
			name: fmt.Sprintf("gateway-%d", i+1), address: loopback(freePort(t)), metrics: freePort(t), self: freePort(t),
			args: []string{"--config=" + scaleOut + "/config-gateway.yaml"},
		}
		if options.service != nil {
			g.address = options.service.address(i)
		}
		g.args = append(g.args, yamlConfigs(options.gateway)...)
		c.gateways = append(c.gateways, g)
		g.start(t, options.interval, t.TempDir())
	}
	c.list(t, c.gateways...)
	environment := []string{
		"AGENT_GRPC=" + c.endpoint, "AGENT_HTTP=" + loopback(freePort(t)), fmt.Sprintf("AGENT_TELEMETRY_PORT=%d", c.self),
	}
	args := []string{
		"--config=" + scaleOut + "/config-agent.yaml", "--config=" + c.hostnames,
		yamlConfig("exporters::load_balancing::protocol::otlp::retry_on_failure: {initial_interval: 100ms, max_interval: 300ms}"),
	}
	if options.service != nil {
		args = append(args, yamlConfig(options.service.resolver()))
		environment = append(environment, "KUBECONFIG="+options.service.kubeconfig)
	}
	c.agent = runWith(t, environment, append(args, yamlConfigs(options.agent)...)...)
	c.client = newLogsClient(t, c.endpoint)
	return c
}

func yamlConfigs(texts []string) []string {
	args := make([]string, 0, len(texts))
	for _, text := range texts {
		args = append(args, yamlConfig(text))
	}
	return args
}

// start runs the gateway with its state below this folder.
func (g *gateway) start(t *testing.T, interval, folder string) {
	t.Helper()
	environment := []string{
		"GATEWAY_NAME=" + g.name, "GATEWAY_STORAGE=" + folder, "GATEWAY_INTERVAL=" + interval,
		"GATEWAY_GRPC=" + g.address, "GATEWAY_METRICS=" + loopback(g.metrics),
		fmt.Sprintf("GATEWAY_TELEMETRY_PORT=%d", g.self),
	}
	g.process = runWith(t, append(environment, g.environment...), g.args...)
}

// restart runs the gateway anew, as it ran before.
func (g *gateway) restart(t *testing.T) {
	t.Helper()
	g.process = runWith(t, g.cmd.Env, g.args...)
}

// list writes the agent's list of gateways. A running agent needs a reload to follow it.
func (c *chain) list(t *testing.T, gateways ...*gateway) {
	t.Helper()
	var names []string
	for _, g := range gateways {
		names = append(names, g.address)
	}
	text := fmt.Sprintf("exporters::load_balancing::resolver::static::hostnames: ['%s']\n", strings.Join(names, "', '"))
	require.NoError(t, os.WriteFile(c.hostnames, []byte(text), 0o600))
}

// serviceLogs returns logs of many services, this many records of each, and no trace IDs.
func serviceLogs(services []string, records int) plog.Logs {
	ld := plog.NewLogs()
	for _, service := range services {
		resource := attributes{"service.name": service, "service.instance.id": service + "-0", "host.name": "node-1"}
		logsOf(resource, make([]attributes, records)...).ResourceLogs().MoveAndAppendTo(ld.ResourceLogs())
	}
	for _, rl := range ld.ResourceLogs().All() {
		for _, r := range rl.ScopeLogs().At(0).LogRecords().All() {
			r.SetSeverityNumber(plog.SeverityNumberInfo)
			r.SetSeverityText("INFO")
		}
	}
	return ld
}

// largeLogs returns logs as serviceLogs does, with bodies of this many bytes.
func largeLogs(services []string, records, bytes int) plog.Logs {
	ld := serviceLogs(services, records)
	for _, rl := range ld.ResourceLogs().All() {
		for _, r := range rl.ScopeLogs().At(0).LogRecords().All() {
			r.Body().SetStr(strings.Repeat("x", bytes))
		}
	}
	return ld
}

// services returns names of this many services.
func services(n int) []string {
	names := make([]string, 0, n)
	for i := range n {
		names = append(names, fmt.Sprintf("service-%02d", i))
	}
	return names
}

// books are how many records of each service somebody knows of.
type books map[string]float64

func (b books) add(names []string, records int) {
	for _, s := range names {
		b[s] += float64(records)
	}
}

// total adds up some services.
func (b books) total(of []string) float64 {
	sum := 0.0
	for _, s := range of {
		sum += b[s]
	}
	return sum
}

// counted returns what the gateway's page says, by service. No service may be there twice.
func (g *gateway) counted(t *testing.T) books {
	t.Helper()
	return scrape(t, g.metrics).by(t, recordsMetric, "service_name")
}

// errors returns what the gateway's page says of records with the severity ERROR, by service.
func (g *gateway) errors(t *testing.T) books {
	t.Helper()
	return scrape(t, g.metrics).by(t, errorsMetric, "service_name")
}

// received returns how many records the gateway's receiver has accepted.
func (g *gateway) received(t *testing.T) float64 {
	t.Helper()
	return scrape(t, g.self).sum("otelcol_receiver_accepted_log_records")
}

// emitted returns how many data points the gateway has emitted.
func (g *gateway) emitted(t *testing.T) float64 {
	t.Helper()
	self := scrape(t, g.self)
	return self.sum(self.self(t, "emitted_datapoints"))
}

// settled waits until two emissions of the gateway have come and gone, and a number is the same.
func (g *gateway) settled(t *testing.T, number func() float64) {
	t.Helper()
	waitFor(t, "a number to stand still", func() bool {
		before := number()
		for range 2 {
			emitted := g.emitted(t)
			waitFor(t, "an emission", func() bool { return g.emitted(t) > emitted })
		}
		return number() == before
	})
}
