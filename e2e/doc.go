// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

// Package e2e tests annotation_metrics as part of a Collector: in Collectors that run in
// the test's process, where a test holds both ends of each pipeline, and in the built
// binary, with real clients.
//
// The binary is what `make build` builds; OTELCOL_BINARY names another one.
package e2e
