// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package seed

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestAccount(t *testing.T) {
	for _, d := range []Design{&Locked{}, &Atomic{}} {
		clock := int64(0)
		Account(d, 3, func() int64 { clock += 7000; return clock })
		assert.Equal(t, Durations{Condition: 3 * 10 * 7, Extraction: 3 * 10 * 7, Total: 3 * 41 * 7}, d.Durations())
		d.addTotal(999)
		assert.Equal(t, uint64(3*41*7), d.Durations().Total, "whole microseconds only")
	}
	assert.Equal(t, uint64(math.MaxUint64), saturate(math.MaxUint64-1, 2000))
}
