// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

// Package config holds what a user configures for the processor and for the connector:
// the types, their defaults and their rules.
//
// confmap decodes strictly, so unknown keys and wrong types are reported together, with
// their paths. Then confmap.Validate reports every broken rule, one line for each
// struct that has some, with path, key, rule and value. Nothing here does I/O; OTTL is
// known only to parse.
//
// A key that is null keeps its default. An explicit empty list is an empty list.
//
// A Config is read-only once it is validated, and then safe for concurrent use.
package config // import "github.com/annotationmetrics/annotationmetricsprocessor/internal/config"
