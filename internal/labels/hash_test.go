// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package labels

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// Numbers in any order that logs have them in do not cluster, whatever the seeds of a
// process are.
func TestMixWithAnySeeds(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	const slots = 1 << 14
	for range 200 {
		start, step, last := random.Uint64(), random.Uint64()|1, random.Uint64()|1
		for name, number := range map[string]func(i uint64) uint64{
			"0, 1, 2":     func(i uint64) uint64 { return i },
			"0, 1, -1, 2": func(i uint64) uint64 { return (i + 1) / 2 * (1 - i%2*2) },
			"i, ^i":       func(i uint64) uint64 { return i/2 ^ -(i % 2) },
			"multiples":   func(i uint64) uint64 { return i << 12 },
			"pairs":       func(i uint64) uint64 { return i%7<<32 | i/7 },
		} {
			taken := make([]bool, slots)
			probes := 0
			for i := range uint64(slots / 2) {
				at := mixWith(number(i), start, step, last) >> 32 % slots
				for ; taken[at]; at = (at + 1) % slots {
					probes++
				}
				taken[at] = true
			}
			// A random function needs half a probe each, on average, to fill half of the slots.
			require.Less(t, probes, slots, "%s with the seeds %x, %x, %x", name, start, step, last)
		}
	}
}
