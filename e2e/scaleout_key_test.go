// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// byTrace is a routing key that goes past the series: records without a trace ID, as these
// are, go to gateways at random.
const byTrace = "exporters::load_balancing::routing_key: traceID"

// A wrong routing key: every series has two writers. With writer_attribute they are two series,
// whose sum is right.
func TestScaleOutWrongRoutingKey(t *testing.T) {
	t.Parallel()
	c := newChain(t, chainOptions{agent: []string{byTrace}})
	names, sent := services(10), books{}
	for range 10 {
		c.send(t, sent, names, 10)
	}
	c.settle(t, sent)
	for series, writers := range c.writers(t) {
		require.Len(t, writers, 2, series)
	}
	t.Logf("%d services, %d series", len(names), len(c.gateways[0].owned(t))+len(c.gateways[1].owned(t)))
}

// The same without writer_attribute: the gateways write one series. Prometheus takes what it
// scraped last, now from the one and now from the other, and every fall looks like a reset.
// (The labels `instance` that Prometheus itself would set are taken by the logs'
// service.instance.id, which is in resource_attributes by default.)
func TestScaleOutWrongRoutingKeyWithoutWriter(t *testing.T) {
	t.Parallel()
	c := newChain(t, chainOptions{agent: []string{byTrace}, gateway: []string{
		"processors::annotation_metrics: {writer_attribute: '', resource_attributes: [service.name, service.instance.id]}",
	}})
	server, begin := scalePrometheus(t, c), time.Now()
	names, sent := services(10), books{}
	for range 10 {
		c.send(t, sent, names, 10)
	}
	c.settle(t, sent)
	shown := func() (total, resets float64) {
		total, _ = server.number(t, fmt.Sprintf("sum(%s)", recordsMetric))
		resets, _ = server.number(t, fmt.Sprintf("sum(resets(%s[5m]))", recordsMetric))
		return total, resets
	}
	// The totals stand still from here on, and every scrape of the gateway with less is a reset.
	waitFor(t, "resets", func() bool { _, resets := shown(); return resets >= 3*float64(len(names)) })
	require.Len(t, server.Query(t, recordsMetric), len(names), "there is one series for both gateways")
	total, resets := shown()
	require.Less(t, total, sent.total(names))
	rise := increases(t, server, recordsMetric, begin)[""]
	t.Logf("%v records sent; Prometheus shows %v, and an increase of %v with %v resets", sent.total(names), total, rise, resets)
	require.Greater(t, rise, 1.5*sent.total(names))
}

// A routing key that no record has is one key: everything goes to one gateway, and is right there.
func TestScaleOutMissingRoutingAttribute(t *testing.T) {
	t.Parallel()
	c := newChain(t, chainOptions{agent: []string{"exporters::load_balancing: {routing_key: attributes, routing_attributes: [no.such.attribute]}"}})
	names, sent := services(20), books{}
	c.send(t, sent, names, 5)
	c.settle(t, sent)
	busy := 0
	for _, g := range c.gateways {
		if len(g.owned(t)) > 0 {
			busy++
			require.Len(t, g.owned(t), len(names))
		}
	}
	require.Equal(t, 1, busy)
}

// A routing key that is none for logs does not start.
func TestScaleOutInvalidRoutingKey(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"metric", "streamID", "host.name"} {
		out, err := validate(t, "--config="+scaleOut+"/config-agent.yaml", yamlConfig("exporters::load_balancing::routing_key: "+key))
		require.Error(t, err, out)
		require.Contains(t, out, fmt.Sprintf("unsupported routing_key: %q", key))
	}
}
