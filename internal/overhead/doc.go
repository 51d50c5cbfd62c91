// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

// Package overhead accounts for what the component costs and for what became of every
// record: where time is read, to whom it belongs, and the counters that keep it.
//
// A batch collects its figures in a Tally, which one goroutine owns and which costs no
// atomic operation. Once the batch is done they are added to the Counters, which are
// shared by pointer and safe for concurrent use.
//
// Time is wall time in nanoseconds: a descheduled goroutine counts.
package overhead // import "github.com/annotationmetrics/annotationmetricsprocessor/internal/overhead"
