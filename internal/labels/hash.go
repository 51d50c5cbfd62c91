// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package labels

import (
	"hash/maphash"
	"math/bits"
)

// The seeds are secret and new in every process, so that nobody who chooses label values
// can make them collide. Hashes only speed a search up: what is found is compared.
var (
	seed     = maphash.MakeSeed()
	mixStart = maphash.String(seed, "start")
	mixStep  = maphash.String(seed, "step") | 1
)

func hashText(s string) uint64 {
	return maphash.String(seed, s)
}

// mix hashes a number. It folds a 128-bit product: a few times faster than maphash, which
// is made for text, and as hard to predict for those who do not know the seeds.
func mix(n uint64) uint64 {
	hi, lo := bits.Mul64(n^mixStart, mixStep)
	return hi ^ lo
}
