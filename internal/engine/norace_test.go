// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !race

package engine

// raceEnabled says that the race detector makes everything ten times slower.
const raceEnabled = false
