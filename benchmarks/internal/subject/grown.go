// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package subject

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// Grown is an engine that holds many series of one counter with 2 labels.
type Grown struct {
	*Bare
	Records int // that were committed
	Series  int // that Grow has made
}

// GrowthBatch is how many series are born in one batch.
const GrowthBatch = 10_000

// NewGrown returns an engine that has no series yet.
func NewGrown() (*Grown, error) {
	bare, err := NewBare(map[string]any{
		"interval":     "24h",
		"series_limit": 0,
		"annotations":  []any{map[string]any{"metric": "requests", "initial_zero": false, "labels": []any{firstLabel, secondLabel}}},
	})
	return &Grown{Bare: bare}, err
}

// Grow commits each of n tuples once, in batches, as new ones.
func (g *Grown) Grow(t *Tuples) {
	for first := 0; first < t.n; first += GrowthBatch {
		g.Take(t.At(first))
	}
	g.Series = t.n
}

// Take stages and commits a batch.
func (g *Grown) Take(ld plog.Logs) {
	g.Stage(context.Background(), ld).Commit()
	g.Records += ld.LogRecordCount()
}

// Close ends the engine. It fails if what it holds is not what was committed.
func (g *Grown) Close() error {
	var all tally
	g.Emit(&all)
	return errors.Join(g.End(), all.check(g.Series, g.Records))
}

// Flush has the engine emit everything once, and returns the seconds that this takes. It
// fails unless each series has one point.
func (g *Grown) Flush() (float64, error) {
	all := tally{pointsOnly: true}
	start := time.Now()
	g.Emit(&all)
	seconds := time.Since(start).Seconds()
	return seconds, all.check(g.Series, 0)
}

// tally adds up the data points that an engine emits.
type tally struct {
	points, values int
	// pointsOnly leaves out the values, which takes time that is not the engine's.
	pointsOnly bool
}

// Capabilities implements consumer.Metrics.
func (t *tally) Capabilities() consumer.Capabilities { return consumer.Capabilities{} }

// ConsumeMetrics implements consumer.Metrics.
func (t *tally) ConsumeMetrics(_ context.Context, md pmetric.Metrics) error {
	t.points += md.DataPointCount()
	if t.pointsOnly {
		return nil
	}
	for _, rm := range md.ResourceMetrics().All() {
		for _, m := range rm.ScopeMetrics().At(0).Metrics().All() {
			for _, dp := range m.Sum().DataPoints().All() {
				t.values += int(dp.IntValue())
			}
		}
	}
	return nil
}

func (t *tally) check(series, records int) error {
	if t.points != series || !t.pointsOnly && t.values != records {
		return fmt.Errorf("the engine must emit %d series that count %d records, found %d that count %d", series, records, t.points, t.values)
	}
	return nil
}
