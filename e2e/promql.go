// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"encoding/json"
	"math"
	"net/url"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// nativeHistograms and exemplarStorage are what a Prometheus 2 server does not do by itself;
// remoteWriteReceiver lets it be written to.
const (
	nativeHistograms    = "--enable-feature=native-histograms"
	exemplarStorage     = "--enable-feature=exemplar-storage"
	remoteWriteReceiver = "--web.enable-remote-write-receiver"
)

// promBucket is one bucket of a native histogram, and how many values are in it.
type promBucket struct {
	low, high float64
	count     float64
}

// promHistogram is a native histogram in an answer.
type promHistogram struct {
	count, sum float64
	buckets    []promBucket
}

// UnmarshalJSON reads `[<seconds>, {"count": "<n>", "sum": "<n>", "buckets": [[<which bounds
// are inclusive>, "<low>", "<high>", "<n>"], ...]}]`.
func (h *promHistogram) UnmarshalJSON(text []byte) error {
	var at float64
	var body struct {
		Count, Sum string
		Buckets    [][4]any
	}
	if err := json.Unmarshal(text, &[]any{&at, &body}); err != nil {
		return err
	}
	var failed error
	number := func(of any) float64 {
		text, _ := of.(string)
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			failed = err
		}
		return n
	}
	h.count, h.sum = number(body.Count), number(body.Sum)
	for _, b := range body.Buckets {
		h.buckets = append(h.buckets, promBucket{number(b[1]), number(b[2]), number(b[3])})
	}
	return failed
}

// increase returns what increase() says of all the time of the one series that selector
// selects, as of its last sample. Then it is no estimate, provided that the first sample is 0:
// the function extrapolates neither beyond the time that it is asked for nor below 0.
func (p *prometheusServer) increase(t *testing.T, selector string) (value float64, ok bool) {
	t.Helper()
	samples := p.samples(t, selector)
	if len(samples) < 2 {
		return 0, false
	}
	got := p.QueryAt(t, "increase("+selector+"[1h])", samples[len(samples)-1].time)
	require.Len(t, got, 1, selector)
	return got[0].Value.value, true
}

// samples returns all samples of the one series that selector selects.
func (p *prometheusServer) samples(t *testing.T, selector string) []promValue {
	t.Helper()
	result := p.Query(t, selector+"[1h]")
	require.LessOrEqual(t, len(result), 1, selector)
	if len(result) == 0 {
		return nil
	}
	return result[0].Values
}

// sentLog is when batches of records were taken, in seconds since 1970, and how many records
// with which ID were in each.
type sentLog struct {
	each  map[string]int
	taken []float64
}

// between counts the batches that were taken after one time and up to another.
func (s sentLog) between(from, to float64) int {
	n := 0
	for _, at := range s.taken {
		if at > from && at <= to {
			n++
		}
	}
	return n
}

// rate returns at which rate records with an ID were sent in the window that ends at a
// time, and by how much rate() may be off, given the samples of the server: at the ends of
// the window by what was sent in one interval and one scrape interval, 3 s together. If the
// machine is so slow that samples are older than that, by so much; and if it did not take
// records steadily, by the longest time without, which the function does not know of.
func (s sentLog) rate(id string, samples []promValue, end, window float64) (known, off float64) {
	each := float64(s.each[id])
	span := 3.0
	for _, sample := range samples {
		shown := int(sample.value / each)
		if sample.time > end-window && sample.time <= end && shown < len(s.taken) {
			span = max(span, sample.time-s.taken[shown])
		}
	}
	pause := 0.0
	for i := range s.taken[1:] {
		pause = max(pause, s.taken[i+1]-s.taken[i])
	}
	span += pause
	most := 0
	for _, at := range s.taken {
		most = max(most, s.between(at-span, at))
	}
	return each * float64(s.between(end-window, end)) / window, each * float64(most) / window
}

// promExemplars are the exemplars of one series.
type promExemplars struct {
	Series    map[string]string `json:"seriesLabels"`
	Exemplars []struct {
		Labels map[string]string `json:"labels"`
		Value  string            `json:"value"`
	} `json:"exemplars"`
}

// exemplars returns the exemplars of what promQL selects.
func (p *prometheusServer) exemplars(t *testing.T, promQL string, since time.Time) []promExemplars {
	t.Helper()
	var all []promExemplars
	p.fetch(t, "/api/v1/query_exemplars", url.Values{
		"query": {promQL}, "start": {seconds(unix(since) - 1)}, "end": {seconds(unix(time.Now()) + 1)},
	}, &all)
	return all
}

// classicQuantile is the quantile q of values of which only the counts in buckets with these
// upper bounds are known: as histogram_quantile() is documented, the values of a bucket are
// spread evenly between its bounds, the lowest of which is 0, and what lies above the last
// bound is at the last bound.
// Source: https://prometheus.io/docs/prometheus/2.42/querying/functions/#histogram_quantile
func classicQuantile(q float64, bounds, values []float64) float64 {
	rank := q * float64(len(values))
	low, below := 0.0, 0.0
	for _, high := range bounds {
		in := countIn(values, low, high)
		if low == 0 {
			in += countIn(values, math.Inf(-1), 0)
		}
		if below+in >= rank {
			return low + (high-low)*(rank-below)/in
		}
		low, below = high, below+in
	}
	return low
}

// countIn counts the values above low and up to high.
func countIn(values []float64, low, high float64) float64 {
	n := 0.0
	for _, v := range values {
		if v > low && v <= high {
			n++
		}
	}
	return n
}

// trueQuantile is the smallest value that at least the share q of all values does not exceed.
func trueQuantile(q float64, values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[max(0, int(math.Ceil(q*float64(len(sorted))))-1)]
}
