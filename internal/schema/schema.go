// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
)

const draft = "https://json-schema.org/draft/2020-12/schema"

// schema is the part of JSON Schema that is needed here, in the order in which it is
// written. PatternErrorMessage and ErrorMessage are not of the standard: the YAML language
// server shows them in place of its own words, everybody else ignores them.
type schema struct {
	Schema               string    `json:"$schema,omitempty"`
	Comment              string    `json:"$comment,omitempty"`
	Ref                  string    `json:"$ref,omitempty"`
	Title                string    `json:"title,omitempty"`
	Description          string    `json:"description,omitempty"`
	Type                 types     `json:"type,omitempty"`
	Const                any       `json:"const,omitempty"`
	Enum                 []any     `json:"enum,omitempty"`
	Default              any       `json:"default,omitempty"`
	Examples             []any     `json:"examples,omitempty"`
	Minimum              any       `json:"minimum,omitempty"`
	Maximum              any       `json:"maximum,omitempty"`
	ExclusiveMinimum     any       `json:"exclusiveMinimum,omitempty"`
	ExclusiveMaximum     any       `json:"exclusiveMaximum,omitempty"`
	MinLength            int       `json:"minLength,omitempty"`
	MaxLength            int       `json:"maxLength,omitempty"`
	Pattern              string    `json:"pattern,omitempty"`
	PatternErrorMessage  string    `json:"patternErrorMessage,omitempty"`
	MinItems             int       `json:"minItems,omitempty"`
	MaxItems             int       `json:"maxItems,omitempty"`
	UniqueItems          bool      `json:"uniqueItems,omitempty"`
	Items                *schema   `json:"items,omitempty"`
	Contains             *schema   `json:"contains,omitempty"`
	Required             []string  `json:"required,omitempty"`
	Properties           keys      `json:"properties,omitempty"`
	PatternProperties    keys      `json:"patternProperties,omitempty"`
	AdditionalProperties any       `json:"additionalProperties,omitempty"`
	Not                  *schema   `json:"not,omitempty"`
	AnyOf                []*schema `json:"anyOf,omitempty"`
	AllOf                []*schema `json:"allOf,omitempty"`
	If                   *schema   `json:"if,omitempty"`
	Then                 *schema   `json:"then,omitempty"`
	Else                 *schema   `json:"else,omitempty"`
	ErrorMessage         string    `json:"errorMessage,omitempty"`
	Defs                 keys      `json:"$defs,omitempty"`
}

// types are the types of a value.
type types []string

// MarshalJSON implements [json.Marshaler].
func (t types) MarshalJSON() ([]byte, error) {
	if len(t) == 1 {
		return json.Marshal(t[0])
	}
	return json.Marshal([]string(t))
}

// refuse refuses what matches, which must not be null. It is not written with the keyword
// "not", for which the YAML language server has no message.
func refuse(matches *schema, message string) *schema {
	return &schema{If: matches, Then: &schema{Type: types{"null"}, ErrorMessage: message}}
}

// refuseText refuses text that matches the pattern.
func refuseText(pattern, message string) *schema {
	return refuse(&schema{Type: types{"string"}, Pattern: pattern}, message)
}

// keys are schemas by name, in their order.
type keys []key

type key struct {
	name   string
	schema *schema
}

// MarshalJSON implements [json.Marshaler].
func (k keys) MarshalJSON() ([]byte, error) {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	text.WriteByte('{')
	for i := range k {
		if i > 0 {
			text.WriteByte(',')
		}
		if err := e.Encode(k[i].name); err != nil {
			return nil, err
		}
		text.WriteByte(':')
		if err := e.Encode(k[i].schema); err != nil {
			return nil, err
		}
	}
	text.WriteByte('}')
	return text.Bytes(), nil
}
