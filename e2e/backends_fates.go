// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"maps"
	"slices"
)

// What can become of the metrics that go one way.
const (
	exact      = "exact"       // in the end the backend has what was sent
	missing    = "missing"     // or less
	noZero     = "no zero"     // the series that was born meanwhile does not begin with 0
	failures   = "failures"    // `emission_failures` has counted
	lostPoints = "lost"        // `lost_datapoints` has counted
	sendFailed = "send failed" // the exporter's own `send_failed_metric_points` has counted
)

// fates are what becomes of cumulative and of delta metrics, by the exporter's kind and
// settings.
type fates map[string][2][]string

// of returns the fates for one way of metrics, in order.
func (o fates) of(r *route) []string {
	list := o[r.kind()+" "+r.settings]
	if r.delta {
		return slices.Sorted(slices.Values(list[1]))
	}
	return slices.Sorted(slices.Values(list[0]))
}

// with returns the fates with some of them replaced.
func (o fates) with(other fates) fates {
	all := maps.Clone(o)
	maps.Copy(all, other)
	return all
}

var (
	nothingHappens = both(exact)
	retriedByUs    = both(exact, failures, sendFailed)
	fullQueue      = both(exact, failures)
	healedByUs     = [2][]string{{exact, failures, lostPoints, noZero, sendFailed}, {missing, failures, lostPoints, sendFailed}}
	unseenByUs     = [2][]string{{exact, noZero, sendFailed}, {missing, sendFailed}}

	// A backend that says that it can take nothing now, or that says nothing.
	notNow = fates{
		"otlp plain": retriedByUs, "otlp default": nothingHappens, "otlp retries": nothingHappens, "otlp queue": unseenByUs, "otlp small queue": fullQueue,
		"prometheus plain": retriedByUs, "prometheus default": unseenByUs, "prometheus retries": healedByUs, "prometheus queue": unseenByUs,
	}
	// The remote write exporter takes a timeout, and too many requests, as a refusal for good.
	notNowForPrometheus = notNow.with(fates{"prometheus plain": healedByUs})
	never               = fates{
		"otlp plain": healedByUs, "otlp default": unseenByUs, "otlp retries": healedByUs, "otlp queue": unseenByUs, "otlp small queue": unseenByUs,
		"prometheus plain": healedByUs, "prometheus default": unseenByUs, "prometheus retries": healedByUs, "prometheus queue": unseenByUs,
	}
	always = fates{
		"otlp plain": nothingHappens, "otlp default": nothingHappens, "otlp retries": nothingHappens, "otlp queue": nothingHappens, "otlp small queue": nothingHappens,
		"prometheus plain": nothingHappens, "prometheus default": nothingHappens, "prometheus retries": nothingHappens, "prometheus queue": nothingHappens,
	}
)

func both(fate ...string) [2][]string {
	return [2][]string{fate, fate}
}
