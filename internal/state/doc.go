// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

// Package state keeps the series of a component in a storage extension, and what of its
// emissions is not accepted yet, so that both survive a restart.
//
// What is kept are records, each under a key of its own:
//
//	head                 when the component last emitted, and what else there is
//	block/METRIC/NUMBER  a block of the series of an annotation
//	payload/NUMBER       data points that no consumer has accepted and that no series holds
//
// A record is a byte for the version of its format, the CRC-32C of the rest, and a value in
// the encoding of package gob. Upgrade rule: a field may be added without a new version, since
// gob skips fields that one side lacks, so that a version is raised only if a program that
// does not know it would misread the record; a program reads every older version. A record
// that is newer, damaged or not ours is dropped and said so in the log; it never keeps the
// component from starting.
//
// A State is safe for concurrent use.
package state // import "github.com/annotationmetrics/annotationmetricsprocessor/internal/state"
