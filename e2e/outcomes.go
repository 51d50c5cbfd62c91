// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// outcomes counts records by annotation and outcome.
type outcomes map[string]map[string]float64

// outcomes returns what the self-metrics of a Collector's processor say of them, but for
// what is zero.
func (p page) outcomes(t *testing.T) outcomes {
	t.Helper()
	got := outcomes{}
	for _, s := range p.samples(p.self(t, "records")) {
		if s.number() == 0 {
			continue
		}
		annotation := s.labels["annotation"]
		if got[annotation] == nil {
			got[annotation] = map[string]float64{}
		}
		got[annotation][s.labels["outcome"]] += s.number()
	}
	return got
}

// matching returns the outcomes of an annotation's records, of which that many match and
// all others are filtered, but for those that are given as alternating names and numbers.
func matching(records, matched float64, others ...any) map[string]float64 {
	o := map[string]float64{"matched": matched, "filtered": records - matched}
	for i := 0; i < len(others); i += 2 {
		n := others[i+1].(float64)
		o[others[i].(string)] += n
		o["filtered"] -= n
	}
	for outcome, n := range o {
		if n == 0 {
			delete(o, outcome)
		}
	}
	return o
}

// requireOutcomes compares with what a Collector serves, and sees that it has refused and
// lost nothing.
func requireOutcomes(t *testing.T, selfPort int, want outcomes) {
	t.Helper()
	self := scrape(t, selfPort)
	require.Equal(t, want, self.outcomes(t))
	for _, name := range []string{"refused_records", "lost_datapoints", "emission_failures"} {
		require.Zero(t, self.sum(self.self(t, name)), name)
	}
}
