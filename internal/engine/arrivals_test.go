// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"go.opentelemetry.io/collector/pdata/pcommon"
)

func TestArrivals(t *testing.T) {
	begin := time.Unix(1_000_000, 0)
	a := arrivals{begin: pcommon.NewTimestampFromTime(begin)}
	for _, step := range []struct {
		what               string
		passed, wall, want time.Duration // since the beginning
	}{
		{"nothing", 0, 0, 0},
		{"a minute", time.Minute, time.Minute, time.Minute},
		{"the wall clock steps back", 2 * time.Minute, -time.Hour, 2 * time.Minute},
		{"the machine was suspended for an hour", 3 * time.Minute, time.Hour + 3*time.Minute, time.Hour + 3*time.Minute},
		{"a minute more", 4 * time.Minute, time.Hour + 4*time.Minute, time.Hour + 4*time.Minute},
		{"the wall clock steps back again", 5 * time.Minute, 5 * time.Minute, time.Hour + 4*time.Minute},
		{"it has caught up", 2 * time.Hour, 2 * time.Hour, 2 * time.Hour},
	} {
		got := a.at(begin.Add(step.wall), step.passed)
		assert.Equal(t, step.want, got.AsTime().Sub(begin), step.what)
	}
}
