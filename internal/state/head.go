// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package state

import (
	"fmt"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/series"
)

const headKey = "head"

func blockKey(metric string, number int) string { return fmt.Sprintf("block/%s/%d", metric, number) }

func payloadKey(number uint64) string { return fmt.Sprintf("payload/%d", number) }

// head says what is kept. Storage extensions cannot list their keys.
type head struct {
	// Time is that of the last emission.
	Time pcommon.Timestamp
	// Writer is the value of the writer attribute.
	Writer      string
	Annotations []annotationHead
	// Payloads from First up to, not including, Next may be there.
	First, Next uint64
}

type annotationHead struct {
	Metric string
	// Identity is equal as long as the series mean the same.
	Identity string
	// Epoch is new whenever blocks that are still there must not be read as those of the
	// annotation any more: they carry the epoch that they were saved in.
	Epoch uint64
	series.Geometry
}
