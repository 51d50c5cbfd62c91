// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

// Package collector runs whole Collectors, each in a process of its own, so that the
// processor time of one can be told from that of whoever sends to it. The process is this
// program again, started with arguments that make it call [Serve]; it ends when it is told
// to, or when its standard input does, as it does if its parent ends. Unix only.
package collector // import "github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/collector"
