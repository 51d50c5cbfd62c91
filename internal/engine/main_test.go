// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}
