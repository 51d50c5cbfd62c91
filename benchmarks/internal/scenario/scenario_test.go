// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestJudge(t *testing.T) {
	lower := Figure{Goal: 1, Gate: 2}
	assert.Equal(t, GoalReached, lower.Judge(1))
	assert.Equal(t, GateHeld, lower.Judge(2))
	assert.Equal(t, Failed, lower.Judge(2.1))
	assert.Equal(t, Failed, lower.Judge(math.NaN()))
	higher := Figure{Goal: 2, Gate: 1, Higher: true}
	assert.Equal(t, GoalReached, higher.Judge(2))
	assert.Equal(t, GateHeld, higher.Judge(1))
	assert.Equal(t, Failed, higher.Judge(0.9))
	assert.Equal(t, GateHeld, Figure{Goal: None, Gate: 1}.Judge(0.5))
	assert.Equal(t, NoVerdict, Figure{Goal: None, Gate: None}.Judge(5))
	assert.True(t, higher.Better(2, 1))
	assert.False(t, higher.Better(1, 2))
	assert.False(t, lower.Better(2, 2))
	assert.True(t, lower.Better(2, math.NaN()))
}

// What the registry says is complete and consistent: a gate that is stricter than its
// goal, or a figure without a gate that is meant to have one, would go unnoticed.
func TestRegistry(t *testing.T) {
	names := map[string]bool{}
	for _, s := range All() {
		assert.False(t, names[s.Name], "%s twice", s.Name)
		names[s.Name] = true
		assert.NotEmpty(t, s.About)
		require.NotEmpty(t, s.Figures)
		for _, f := range s.Figures {
			assert.NotEmpty(t, f.What)
			if !math.IsNaN(f.Goal) {
				assert.Equal(t, GoalReached, f.Judge(f.Goal))
				assert.NotEqual(t, Failed, f.Judge(f.Goal))
				assert.True(t, f.reaches(f.Goal, f.Gate), "%s: the goal must hold the gate", f.What)
			}
		}
	}
	for _, table := range Tables(10_000) {
		for _, c := range table.Cases {
			assert.Equal(t, 10_000, c.Shape.Records)
			assert.NotEmpty(t, c.Rules.Rules)
		}
	}
}
