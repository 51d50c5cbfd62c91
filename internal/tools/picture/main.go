// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

// Command picture draws docs/overhead.svg from what TestOverheadData (in e2e) has measured.
//
// Usage: picture DATA.json PICTURE.svg
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
)

// measured is what there is to draw: the answers to some of the dashboard's queries.
type measured struct {
	About  string  `json:"about"`
	Step   float64 `json:"step_seconds"`
	Panels []panel `json:"panels"`
}

type panel struct {
	Title  string   `json:"title"`
	Series []series `json:"series"`
}

// series has one value for each step, or a single one.
type series struct {
	Name   string    `json:"name"`
	Values []float64 `json:"values"`
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "picture:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 2 {
		return errors.New("usage: picture DATA.json PICTURE.svg")
	}
	text, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	picture, err := draw(text)
	if err != nil {
		return fmt.Errorf("%s: %w", args[0], err)
	}
	return os.WriteFile(args[1], picture, 0o644)
}

// parse reads data, and requires what draw relies on.
func parse(text []byte) (byStage, byTime, byAnnotation panel, about measured, err error) {
	var m measured
	if err := json.Unmarshal(text, &m); err != nil {
		return panel{}, panel{}, panel{}, m, err
	}
	find := func(title string) panel {
		for _, p := range m.Panels {
			if p.Title == title && len(p.Series) > 0 {
				for _, s := range p.Series {
					if len(s.Values) == 0 || len(s.Values) != len(p.Series[0].Values) {
						err = fmt.Errorf("%q has gaps", title)
					}
				}
				return p
			}
		}
		err = fmt.Errorf("there is no %q", title)
		return panel{}
	}
	byStage, byTime = find("Overhead by stage"), find("Time per record, by component")
	byAnnotation = find("Time per record, by annotation")
	return byStage, byTime, byAnnotation, m, err
}
