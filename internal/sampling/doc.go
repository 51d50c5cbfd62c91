// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

// Package sampling chooses records at random: each one with probability 1/N, whatever
// becomes of the others.
//
// The time that it takes goes with the records that are chosen, not with those that are
// passed over. A Sampler belongs to one goroutine at a time. It does not hide its choices
// from somebody who sees many of them: it is for estimates, not for secrets.
package sampling // import "github.com/annotationmetrics/annotationmetricsprocessor/internal/sampling"
