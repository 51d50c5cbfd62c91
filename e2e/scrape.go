// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"
)

// page is what a Prometheus endpoint served.
type page map[string]*dto.MetricFamily

// scrape reads a Prometheus endpoint, which must answer 200 with a well-formed page.
func scrape(t *testing.T, port int) page {
	t.Helper()
	status, body := fetch(t, port)
	require.Equal(t, http.StatusOK, status, body)
	return parsePage(t, body)
}

// parsePage reads the text of a page, which must be well-formed.
func parsePage(t *testing.T, text string) page {
	t.Helper()
	parser := expfmt.NewTextParser(model.LegacyValidation)
	p, err := parser.TextToMetricFamilies(strings.NewReader(text))
	require.NoError(t, err, text)
	return p
}

// fetch returns what a Prometheus endpoint answers, in the text format.
func fetch(t *testing.T, port int) (status int, body string) {
	t.Helper()
	return fetchAs(t, port, "text/plain;version=0.0.4")
}

// fetchAs returns what a Prometheus endpoint answers in this format.
func fetchAs(t *testing.T, port int, format string) (status int, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+loopback(port)+"/metrics", http.NoBody)
	require.NoError(t, err)
	req.Header.Set("Accept", format)
	// A connection of its own, so that none is left when the test ends.
	req.Close = true
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	text, err := io.ReadAll(res.Body)
	require.NoError(t, errors.Join(err, res.Body.Close()))
	return res.StatusCode, string(text)
}

// scrapeWhen waits until a page with derived metrics is as it is to be, and returns the
// one after the next emission: one emission may show a batch in one metric and not yet in
// another.
func scrapeWhen(t *testing.T, port, selfPort int, what string, cond func(page) bool) page {
	t.Helper()
	waitFor(t, what, func() bool { return cond(scrape(t, port)) })
	emitted := func() float64 {
		self := scrape(t, selfPort)
		return self.sum(self.self(t, "emitted_datapoints"))
	}
	before := emitted()
	waitFor(t, "one more emission", func() bool { return emitted() > before })
	return scrape(t, port)
}

// sample is one metric of a page.
type sample struct {
	labels map[string]string
	*dto.Metric
}

func (s sample) number() float64 {
	switch {
	case s.Counter != nil:
		return s.Counter.GetValue()
	case s.Gauge != nil:
		return s.Gauge.GetValue()
	default:
		return s.Untyped.GetValue()
	}
}

// samples returns the samples of a family that have all these labels, given as
// alternating names and values.
func (p page) samples(family string, labels ...string) []sample {
	var found []sample
	for _, m := range p[family].GetMetric() {
		s := sample{map[string]string{}, m}
		for _, l := range m.GetLabel() {
			s.labels[l.GetName()] = l.GetValue()
		}
		matches := true
		for pair := range slices.Chunk(labels, 2) {
			value, ok := s.labels[pair[0]]
			matches = matches && ok && value == pair[1]
		}
		if matches {
			found = append(found, s)
		}
	}
	return found
}

// sum adds up the samples of a family that have all these labels.
func (p page) sum(family string, labels ...string) float64 {
	sum := 0.0
	for _, s := range p.samples(family, labels...) {
		sum += s.number()
	}
	return sum
}

// by returns the samples of a family by the texts of these labels, joined by spaces. No
// two samples may have the same texts.
func (p page) by(t *testing.T, family string, labels ...string) map[string]float64 {
	t.Helper()
	numbers := map[string]float64{}
	for _, s := range p.samples(family) {
		texts := make([]string, 0, len(labels))
		for _, l := range labels {
			texts = append(texts, s.labels[l])
		}
		key := strings.Join(texts, " ")
		require.NotContains(t, numbers, key, "%s has two samples with these labels", family)
		numbers[key] = s.number()
	}
	return numbers
}

// buckets returns the counts of a histogram's buckets, not accumulated, and their bounds
// but for +Inf.
func (s sample) buckets() (bounds []float64, counts []uint64) {
	below := uint64(0)
	for i, b := range s.GetHistogram().GetBucket() {
		if i < len(s.GetHistogram().GetBucket())-1 {
			bounds = append(bounds, b.GetUpperBound())
		}
		counts = append(counts, b.GetCumulativeCount()-below)
		below = b.GetCumulativeCount()
	}
	return bounds, counts
}

// selfPrefix begins the names of the processor's self-metrics.
const selfPrefix = "otelcol_processor_annotation_metrics_"

// self returns the family of the processor's self-metric name.
func (p page) self(t *testing.T, name string) string {
	t.Helper()
	return p.selfOf(t, "processor", name)
}

// selfOf returns the family of the self-metric name of our components of this kind. It
// has suffixes or not, depending on how the Collector's reader is configured.
func (p page) selfOf(t *testing.T, kind, name string) string {
	t.Helper()
	name = "otelcol_" + kind + "_annotation_metrics_" + name
	for _, suffix := range []string{"", "_total", "_seconds", "_seconds_total"} {
		if _, ok := p[name+suffix]; ok {
			return name + suffix
		}
	}
	require.FailNow(t, "no self-metric "+name, "among %v", slices.Sorted(maps.Keys(p)))
	return ""
}
