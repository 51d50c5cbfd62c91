// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

// Command picture draws docs/overhead.svg from what TestOverheadData (in e2e) has measured.
//
// Usage: picture DATA.json PICTURE.svg
package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
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

// panel returns what draw needs: a panel of this title, all of whose series are as long.
func (m *measured) panel(title string) (panel, error) {
	i := slices.IndexFunc(m.Panels, func(p panel) bool { return p.Title == title })
	if i < 0 || len(m.Panels[i].Series) == 0 {
		return panel{}, fmt.Errorf("there is no %q", title)
	}
	for _, s := range m.Panels[i].Series {
		if len(s.Values) == 0 || len(s.Values) != len(m.Panels[i].Series[0].Values) {
			return panel{}, fmt.Errorf("%q has gaps", title)
		}
	}
	return m.Panels[i], nil
}
