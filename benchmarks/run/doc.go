// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

// Command run measures: it writes docs/benchmarks.md, checks the gates of the speed
// budget, or only whether everything runs. Its help says how.
package main
