// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package expr

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// ParseInt is strconv.ParseInt, and allocates nothing, also where that fails.
func TestParseInt(t *testing.T) {
	texts := []string{
		"", "-", "+", "0", "-0", "+0", "007", "1 ", " 1", "1_000", "0x1", "1e3", "1.0", "--1", "+-1", "٣", "\xff", "a",
		"9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "+9223372036854775807",
		"92233720368547758070", "18446744073709551615", "18446744073709551616", "184467440737095516150", "00000000000000000000000000000001",
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 10_000 {
		b := make([]byte, random.IntN(24))
		for i := range b {
			b[i] = "0123456789012345678901234567890123456789+-x"[random.IntN(43)]
		}
		texts = append(texts, string(b), strconv.FormatUint(random.Uint64(), 10), strconv.FormatInt(random.Int64(), 10))
	}
	for _, text := range texts {
		want, err := strconv.ParseInt(text, 10, 64)
		got, ok := ParseInt(text)
		require.Equal(t, err == nil, ok, "%q", text)
		if ok {
			require.Equal(t, want, got, "%q", text)
		}
	}
	var ok bool
	assert.Zero(t, testing.AllocsPerRun(10, func() { _, ok = ParseInt("no integer") }))
	assert.False(t, ok)
}
