// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strings"
)

// docs are the doc comments of structs, by name, and of their fields, by "struct.field".
type docs map[string]string

// readDocs reads the doc comments in a Go file. A comment that begins with several fields
// is that of each.
func readDocs(path string) (docs, error) {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	d := docs{}
	for _, decl := range file.Decls {
		gen, ok := decl.(*ast.GenDecl)
		if !ok || gen.Tok != token.TYPE {
			continue
		}
		for _, spec := range gen.Specs {
			typ := spec.(*ast.TypeSpec)
			fields, ok := typ.Type.(*ast.StructType)
			if !ok {
				continue
			}
			d[typ.Name.Name] = oneLine(gen.Doc)
			var doc string
			for _, field := range fields.Fields.List {
				if field.Doc != nil {
					doc = oneLine(field.Doc)
				}
				for _, name := range field.Names {
					if startsWith(doc, name.Name) {
						d[typ.Name.Name+"."+name.Name] = doc
					}
				}
			}
		}
	}
	return d, nil
}

func oneLine(c *ast.CommentGroup) string {
	return strings.Join(strings.Fields(c.Text()), " ")
}

// lead matches the names that a doc comment begins with.
var lead = regexp.MustCompile(`^[A-Z]\w*(, [A-Z]\w*)*( and [A-Z]\w*)?`)

var word = regexp.MustCompile(`[A-Z]\w*`)

func startsWith(doc, name string) bool {
	return slices.Contains(word.FindAllString(lead.FindString(doc), -1), name)
}

// withKeys turns the names that doc begins with into keys, which is what a user knows.
func withKeys(doc string, keys map[string]string) string {
	names := lead.FindString(doc)
	return word.ReplaceAllStringFunc(names, func(name string) string {
		if key, ok := keys[name]; ok {
			return "`" + key + "`"
		}
		return name
	}) + doc[len(names):]
}
