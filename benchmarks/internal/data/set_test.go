// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package data

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Figures are only comparable between two commits if both measure the same records. Who
// changes a sum here changes every figure that was ever published.
func TestSetIsPinned(t *testing.T) {
	for _, test := range []struct {
		name  string
		shape Shape
		sum   string
	}{
		{"narrow", Shape{Records: 10_000, Attributes: Narrow, Resources: 1}, "cb98b42ac39b3733"},
		{"narrow, shuffled", Shape{Records: 10_000, Attributes: Narrow, Resources: 1, Shuffled: true}, "3841d489a60de7f0"},
		{"wide", Shape{Records: 10_000, Attributes: Wide, Resources: 1}, "4fe0c91629c13263"},
		{"wide, shuffled", Shape{Records: 10_000, Attributes: Wide, Resources: 1, Shuffled: true}, "9108181891f7fb0e"},
		{"1,000 resources", Shape{Records: 10_000, Attributes: Narrow, Resources: 1_000}, "c7dff66632428242"},
		{"unique", Shape{Records: 10_000, Attributes: Narrow, Resources: 1, Unique: true}, "41f7909bb86f7317"},
	} {
		t.Run(test.name, func(t *testing.T) {
			set, err := New(test.shape)
			require.NoError(t, err)
			requests, err := set.Requests(len(set.Records))
			require.NoError(t, err)
			require.Len(t, requests, 1)
			sum := sha256.Sum256(requests[0])
			assert.Equal(t, test.sum, hex.EncodeToString(sum[:8]))
		})
	}
}

// However the set is cut, all of it is there.
func TestBatchesHoldEveryRecord(t *testing.T) {
	set, err := New(Shape{Records: 1000, Attributes: Wide, Resources: 30, Shuffled: true})
	require.NoError(t, err)
	for _, size := range []int{1, 7, 1000, 5000} {
		batches, err := set.Batches(size)
		require.NoError(t, err)
		assert.Len(t, batches, (1000+size-1)/size)
		at := 0
		for _, ld := range batches {
			for _, rl := range ld.ResourceLogs().All() {
				for _, r := range rl.ScopeLogs().At(0).LogRecords().All() {
					for _, a := range set.Records[at].Attributes {
						v, ok := r.Attributes().Get(a.Key)
						require.True(t, ok)
						assert.Equal(t, a.Value, v.AsRaw())
					}
					assert.Equal(t, len(set.Records[at].Attributes), r.Attributes().Len())
					assert.Equal(t, set.Records[at].Severity, r.SeverityNumber())
					at++
				}
			}
		}
		assert.Equal(t, 1000, at)
	}
}

func TestShapeIsChecked(t *testing.T) {
	for shape, message := range map[Shape]string{
		{Records: 0, Attributes: Narrow, Resources: 1}:     "`Records` must be positive, found 0",
		{Records: 9, Attributes: Narrow, Resources: 10}:    "`Resources` must be from 1 to the number of records, 9, found 10",
		{Records: 9, Attributes: Narrow + 1, Resources: 1}: "`Attributes` must be 8 or 30, found 9",
	} {
		_, err := New(shape)
		assert.EqualError(t, err, message)
	}
}
