// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package measure

import (
	"errors"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestInterleave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var order strings.Builder
		sleep := func(name string, d time.Duration) Variant {
			return Variant{name, func() error {
				order.WriteString(name)
				time.Sleep(d)
				return nil
			}}
		}
		samples, err := Rounds{N: 4, Section: 6 * time.Millisecond}.Interleave(
			sleep("a", 6*time.Millisecond), sleep("b", 2*time.Millisecond))
		require.NoError(t, err)
		assert.Equal(t, "aabb"+"abbb"+"bbba"+"abbb"+"bbba", order.String())
		assert.InDelta(t, 3, samples.Ratio(0, 1), 1e-9)
		assert.InDelta(t, 0.002, samples.Median(1), 1e-9)
		difference, standardError := samples.Difference(0, 1)
		assert.InDelta(t, 0.004, difference, 1e-9)
		assert.InDelta(t, 0, standardError, 1e-9)
		assert.Len(t, samples.Join(samples)[0], 8)
	})
}

func TestInterleaveFails(t *testing.T) {
	_, err := Rounds{N: 1}.Interleave(Variant{"a", func() error { return errors.New("no") }})
	assert.EqualError(t, err, "a: no")
}

func TestStatistics(t *testing.T) {
	assert.Equal(t, 2.0, Median([]float64{9, 1, 2}))
	assert.Equal(t, 2.5, Median([]float64{9, 1, 2, 3}))
	assert.True(t, math.IsNaN(Median(nil)))
	assert.Equal(t, 4.0, Quantile([]float64{4, 3, 2, 1}, 0.99))
	assert.Equal(t, 2.0, Quantile([]float64{4, 3, 2, 1}, 0.5))
	assert.Equal(t, 1.0, Quantile([]float64{4, 3, 2, 1}, 0))
	assert.True(t, math.IsNaN(Quantile(nil, 0.5)))
	assert.InDelta(t, 1.2533*1.4826/2, MedianError([]float64{1, 2, 4, 3}), 1e-9)
}
