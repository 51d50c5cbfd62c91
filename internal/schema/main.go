// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

// Command schema writes the JSON Schemas (draft 2020-12) that editors check a
// configuration with: config.schema.json for the component's keys and
// collector.schema.json for a whole Collector configuration.
//
// Keys, types, defaults, limits and descriptions come from the structs, functions and doc
// comments of internal/config; only what a rule looks like in a schema is written here
// (rules.go). A schema must never refuse what the Collector accepts: a key takes null where
// confmap does, and a substitution like ${env:NAME} wherever it may stand. The tests of
// internal/config hold the files against Validate.
//
// Usage, in the root of the module: go run ./internal/schema
package main

import (
	"bytes"
	"encoding/json"
	"log"
	"os"
)

const (
	componentFile = "config.schema.json"
	collectorFile = "collector.schema.json"
)

func main() {
	log.SetFlags(0)
	docs, err := readDocs("internal/config/config.go")
	if err != nil {
		log.Fatal(err)
	}
	component, err := componentSchema(docs)
	if err != nil {
		log.Fatal(err)
	}
	if err := write(componentFile, component); err != nil {
		log.Fatal(err)
	}
	if err := write(collectorFile, collectorSchema()); err != nil {
		log.Fatal(err)
	}
}

func write(name string, s *schema) error {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(s); err != nil {
		return err
	}
	return os.WriteFile(name, text.Bytes(), 0o644)
}
