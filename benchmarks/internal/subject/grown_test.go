// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package subject

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestGrown(t *testing.T) {
	g, err := NewGrown()
	require.NoError(t, err)
	logs := NewTuples(GrowthBatch, 20_000)
	g.Grow(logs)
	_, err = g.Flush()
	assert.NoError(t, err)
	g.Take(logs.At(5_000))
	assert.Equal(t, 30_000, g.Records)
	assert.NoError(t, g.Close())
}

// A record that the engine does not count shows.
func TestGrownIsChecked(t *testing.T) {
	g, err := NewGrown()
	require.NoError(t, err)
	g.Grow(NewTuples(GrowthBatch, 20_000))
	g.Series++
	_, err = g.Flush()
	assert.EqualError(t, err, "the engine must emit 20001 series that count 0 records, found 20000 that count 0")
	g.Series--
	g.Records++
	assert.EqualError(t, g.Close(), "the engine must emit 20000 series that count 20001 records, found 20000 that count 20000")
}
