// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

// Package benchmarks measures what deriving metrics costs, beside the peers that do the
// same work. It holds the ordinary Go benchmarks; the command run prints the page
// docs/benchmarks.md and checks the gates of the speed budget:
//
//	go run ./run -h
//
// Every measurement compares what was counted with a count of its own afterwards.
package benchmarks // import "github.com/annotationmetrics/annotationmetricsprocessor/benchmarks"
