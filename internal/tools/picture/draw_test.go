// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const docs = "../../../docs"

func read(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(docs, name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// The picture in docs is that of the data in docs.
func TestThePictureShowsTheData(t *testing.T) {
	path := filepath.Join(t.TempDir(), "overhead.svg")
	if err := run([]string{filepath.Join(docs, "overhead.json"), path}); err != nil {
		t.Fatal(err)
	}
	drawn, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(drawn, read(t, "overhead.svg")) {
		t.Error("docs/overhead.svg is not drawn from docs/overhead.json; to draw it again: cd internal/tools && go run ./picture ../../docs/overhead.json ../../docs/overhead.svg")
	}
}

func TestThePictureIsXML(t *testing.T) {
	data := `{"about": "<&>", "step_seconds": 1, "panels": [
		{"title": "Overhead by stage", "series": [{"name": "eval", "values": [1, 3]}, {"name": "load", "values": [1, 1]}]},
		{"title": "Time per record, by component", "series": [{"name": "x", "values": [1e-6, 2e-6]}]},
		{"title": "Time per record, by annotation", "series": [{"name": "x a&b", "values": [1e-6]}, {"name": "x c", "values": [1.2345e-5]}]}]}`
	picture, err := draw([]byte(data))
	if err != nil {
		t.Fatal(err)
	}
	for decoder := xml.NewDecoder(bytes.NewReader(picture)); ; {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{
		">&lt;&amp;&gt;<", ">a&amp;b<",
		">12,345<",        // nanoseconds
		">1,500 ns on av", // of 1 and 2 microseconds
		// load lies below eval, whatever the order of the data: 1 of 4, and from 1 of 4 to all.
		`class="load" points="72.0,254.5 548.0,254.5 548.0,302.0 72.0,302.0"`,
		`class="eval" points="72.0,207.0 548.0,112.0 548.0,254.5 72.0,254.5"`,
	} {
		if !strings.Contains(string(picture), want) {
			t.Errorf("the picture has no %s:\n%s", want, picture)
		}
	}
}

func TestDataThatCannotBeDrawn(t *testing.T) {
	good := string(read(t, "overhead.json"))
	for name, tc := range map[string]struct{ data, want string }{
		"no JSON":       {"-", "invalid character"},
		"without panel": {strings.Replace(good, `"Overhead by stage"`, `"x"`, 1), `there is no "Overhead by stage"`},
		"with a gap":    {strings.Replace(good, `"values": [0.`, `"values": [1,0.`, 1), `"Overhead by stage" has gaps`},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := draw([]byte(tc.data)); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("want %q, got %v", tc.want, err)
			}
		})
	}
}
