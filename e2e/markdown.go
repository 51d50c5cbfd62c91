// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// document is a Markdown file.
type document struct {
	path   string // from the repository's root, with slashes
	blocks []block
	prose  string   // the lines outside of blocks; those of blocks are empty
	wrong  []string // what cannot be read, each with the document and the line
}

// block is a fenced block of code.
type block struct {
	line     int // of its first fence
	language string
	text     string // without the indentation of the fence
	file     string // the file that it says it quotes, or empty
}

// languages are those that blocks may have. What is written in another one, or in one of
// these under another name, would escape the checks.
var languages = []string{"", "alloy", "console", "go", "ini", "json", "promql", "sh", "sql", "text", "toml", "yaml"}

var (
	fencePattern  = regexp.MustCompile("^( *)(`{3,}|~{3,})(.*)$")
	markerPattern = regexp.MustCompile(`^ *<!-- file: (\S+) -->$`)
	// yamlPattern is what YAML begins with, in a block that does not say what it is.
	yamlPattern = regexp.MustCompile(`^(?:\s*(?:#.*)?\n)*\s*(?:- )*["']?[\w./-]+["']?:(?:\s|$)`)
	// configPattern is what only our configuration looks like.
	configPattern = regexp.MustCompile(`(?m)^\s*(?:["']?(?:receivers|processors|exporters|connectors|extensions|annotations)["']?:(?:\s|$)|- ["']?\{? *metric["']?:)`)
	// keyPattern is a key of our components or annotations at the beginning of a line.
	keyPattern = regexp.MustCompile(`(?m)^\s*(?:- )?["']?(?:` + strings.Join([]string{
		"aggregate", "buckets", "condition", "error_mode", "exemplars", "expire_after", "initial_zero", "interval", "labels", "max_size",
		"metric", "resource_attributes", "sample_rate", "series_limit", "storage", "temporality", "writer_attribute",
	}, "|") + `)["']?:(?:\s|$)`)
	itemPattern = regexp.MustCompile(`^ *(?:[-*+]|\d{1,9}[.)])(?: +|$)`)
	headPattern = regexp.MustCompile(`(?m)^#{1,6} +(.+?) *#*$`)
	idPattern   = regexp.MustCompile(`<a (?:id|name)="([^"]+)"`)
	codePattern = regexp.MustCompile("``(?:[^`]|`[^`])+``|`[^`]+`")
	linkPattern = regexp.MustCompile(`\]\(<?([^()<>\s]*(?:\([^()\s]*\)[^()<>\s]*)*)>?(?:\s+"[^"]*")?\)`)
	refPattern  = regexp.MustCompile(`(?m)^ {0,3}\[[^\]]+\]:\s*(\S+)`)
	htmlPattern = regexp.MustCompile(`(?:href|src)="([^"]+)"`)
)

// readMarkdown takes a document apart.
func readMarkdown(path, text string) *document {
	d := &document{path: path}
	var prose []string
	var open *block // the block that we are in
	var indent, fence string
	var inside []string
	var lists []int // where the text of the list items that we are in begins
	file := ""      // what the line before says that the next block quotes
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		number := i + 1
		m := fencePattern.FindStringSubmatch(line)
		if open == nil {
			lists = listsAt(lists, line)
		}
		text := 0 // where a line begins that is not indented
		if len(lists) > 0 {
			text = lists[len(lists)-1]
		}
		level := len(line) - len(strings.TrimLeft(line, " ")) - text // of indentation
		if open != nil && level < 0 && strings.TrimSpace(line) != "" {
			d.object(number, "the block in line %d ends here, where its list does", open.line)
		}
		if m != nil && level >= 4 && open == nil {
			d.object(number, "a fence that is indented by 4 spaces or more is none")
			m = nil
		}
		switch {
		case open != nil && level < 4 && strings.HasPrefix(strings.TrimSpace(line), fence) && strings.Trim(line, " "+fence[:1]) == "":
			open.text = strings.Join(inside, "\n") + "\n"
			d.judge(*open)
			d.blocks = append(d.blocks, *open)
			open, inside = nil, nil
		case open != nil:
			inside = append(inside, strings.TrimPrefix(line, indent))
		case m != nil:
			open = &block{line: number, language: strings.TrimSpace(m[3]), file: file}
			indent, fence, file = m[1], m[2], ""
		default:
			if file != "" {
				d.object(number-1, "no block follows that would quote %s", file)
			}
			file = ""
			switch marker := markerPattern.FindStringSubmatch(line); {
			case marker != nil:
				file = marker[1]
			case strings.Contains(codePattern.ReplaceAllString(line, ""), "<!-- file"):
				d.object(number, "a quote is marked by a line `<!-- file: PATH -->`")
			case strings.Contains(line, "```"):
				d.object(number, "a block's fence stands in a line of its own")
			case configPattern.MatchString(line):
				d.object(number, "configuration belongs into a block ```yaml, so that it is checked")
			}
			prose = append(prose, line)
			continue
		}
		prose = append(prose, "")
	}
	if open != nil {
		d.object(open.line, "the block does not end")
	}
	d.prose = strings.Join(prose, "\n")
	return d
}

// listsAt returns where the text of those list items begins that a line is in, which follows
// one that is in the items given.
func listsAt(lists []int, line string) []int {
	if strings.TrimSpace(line) == "" {
		return lists
	}
	indent := len(line) - len(strings.TrimLeft(line, " "))
	for len(lists) > 0 && indent < lists[len(lists)-1] {
		lists = lists[:len(lists)-1]
	}
	outer := 0
	if len(lists) > 0 {
		outer = lists[len(lists)-1]
	}
	if item := itemPattern.FindString(line); item != "" && indent < outer+4 { // more is code
		lists = append(lists, len(item))
	}
	return lists
}

// object notes what is wrong in a line.
func (d *document) object(line int, format string, args ...any) {
	d.wrong = append(d.wrong, fmt.Sprintf("%s:%d: ", d.path, line)+fmt.Sprintf(format, args...))
}

// judge objects to a block that would not be checked for what it is.
func (d *document) judge(b block) {
	switch {
	case !slices.Contains(languages, b.language):
		d.object(b.line, "the language %q is none of %q", b.language, languages)
	case strings.TrimSpace(b.text) == "":
		d.object(b.line, "the block is empty")
	case b.file != "":
	case b.language == "" && yamlPattern.MatchString(b.text),
		b.language != "yaml" && (configPattern.MatchString(b.text) || keyPattern.MatchString(b.text)):
		d.object(b.line, "this is YAML: write ```yaml, so that it is checked")
	case b.language == "json" && !strings.Contains(b.text, "...") && !json.Valid([]byte(b.text)):
		d.object(b.line, "this is not JSON")
	}
}

// code returns what stands between backticks in the prose, by line.
func (d *document) code() (spans []block) {
	for _, at := range codePattern.FindAllStringIndex(d.prose, -1) {
		text := strings.Trim(d.prose[at[0]:at[1]], "`")
		spans = append(spans, block{line: d.lineAt(at[0]), text: strings.ReplaceAll(text, `\|`, "|")})
	}
	return spans
}

// links returns where the prose leads to, by line.
func (d *document) links() (links []block) {
	// What is code is none, but takes up its place.
	text := codePattern.ReplaceAllStringFunc(d.prose, func(code string) string {
		return strings.Map(func(r rune) rune {
			if r == '\n' {
				return r
			}
			return '_'
		}, code)
	})
	for _, pattern := range []*regexp.Regexp{linkPattern, refPattern, htmlPattern} {
		for _, at := range pattern.FindAllStringSubmatchIndex(text, -1) {
			links = append(links, block{line: 1 + strings.Count(text[:at[0]], "\n"), text: text[at[2]:at[3]]})
		}
	}
	return links
}

func (d *document) lineAt(offset int) int { return 1 + strings.Count(d.prose[:offset], "\n") }

// anchors returns what a link into the document can point to.
func (d *document) anchors() map[string]bool {
	anchors := map[string]bool{}
	for _, m := range idPattern.FindAllStringSubmatch(d.prose, -1) {
		anchors[m[1]] = true
	}
	for _, m := range headPattern.FindAllStringSubmatch(d.prose, -1) {
		slug := slugOf(m[1])
		unique := slug
		for n := 1; anchors[unique]; n++ {
			unique = slug + "-" + strconv.Itoa(n)
		}
		anchors[unique] = true
	}
	return anchors
}

// slugOf returns the anchor that GitHub gives a heading.
func slugOf(heading string) string {
	heading = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`).ReplaceAllString(heading, "$1")
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
			return unicode.ToLower(r)
		default:
			return -1
		}
	}, heading)
}
