// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"math"
	"slices"
	"strconv"
	"strings"
)

const width, margin = 900.0, 28.0

// stages are the stages in the order in which they are stacked, from below.
var stages = []string{"load", "eval", "extract", "emit", "flush"}

// style has the colors for light and dark. The picture has a background of its own, so that
// it can be read on any page, whatever the reader's browser prefers.
const style = `
  .card { fill: #ffffff; stroke: #d0d7de; }
  text { font: 12px -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328; }
  .title { font-size: 20px; font-weight: 600; }
  .panel { font-size: 14px; font-weight: 600; }
  .quiet { fill: #59636e; }
  .end { text-anchor: end; }
  .middle { text-anchor: middle; }
  .grid { stroke: #d8dee4; stroke-width: 1; }
  .load { fill: #8c959f; } .eval { fill: #3a86e0; } .extract { fill: #f0a32f; } .emit { fill: #2fa168; } .flush { fill: #9b6bdf; }
  .bar { fill: #3a86e0; } .shared { fill: #8c959f; }
  .line { fill: none; stroke: #3a86e0; stroke-width: 2; stroke-linejoin: round; }
  .under { fill: #3a86e0; fill-opacity: 0.15; }
  @media (prefers-color-scheme: dark) {
    .card { fill: #0d1117; stroke: #3d444d; }
    text { fill: #f0f6fc; }
    .quiet { fill: #9198a1; }
    .grid { stroke: #2a313a; }
  }
`

// canvas writes SVG.
type canvas struct{ bytes.Buffer }

func (c *canvas) text(x, y float64, class, text string) {
	fmt.Fprintf(&c.Buffer, "<text x=\"%.1f\" y=\"%.1f\" class=\"%s\">%s</text>\n", x, y, class, html.EscapeString(text))
}

func (c *canvas) rect(x, y, w, h, round float64, class string) {
	fmt.Fprintf(&c.Buffer, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"%.1f\" class=\"%s\"/>\n", x, y, w, h, round, class)
}

func (c *canvas) polygon(element, class string, points []string) {
	fmt.Fprintf(&c.Buffer, "<%s class=\"%s\" points=\"%s\"/>\n", element, class, strings.Join(points, " "))
}

// draw makes a picture of data. The same data gives the same picture.
func draw(data []byte) ([]byte, error) {
	var m measured
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, err
	}
	byStage, noStages := m.panel("Overhead by stage")
	byTime, noTimes := m.panel("Time per record, by component")
	byAnnotation, noAnnotations := m.panel("Time per record, by annotation")
	if err := errors.Join(noStages, noTimes, noAnnotations); err != nil {
		return nil, err
	}
	bars := slices.SortedFunc(slices.Values(byAnnotation.Series), func(a, b series) int {
		if a.Values[0] != b.Values[0] {
			return int(math.Copysign(1, b.Values[0]-a.Values[0]))
		}
		return strings.Compare(a.Name, b.Name)
	})
	const top, plot, row = 112.0, 190.0, 22.0
	barsTop := top + plot + 128
	height := barsTop + row*float64(len(bars)) + 50

	c := &canvas{}
	fmt.Fprintf(&c.Buffer, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" height=\"%.0f\" role=\"img\">\n", width, height, width, height)
	fmt.Fprintf(&c.Buffer, "<title>What deriving metrics costs: overhead by stage and by annotation</title>\n<style>%s</style>\n", style)
	c.rect(0.5, 0.5, width-1, height-1, 8, "card")
	c.text(margin, 40, "title", "What deriving metrics costs")
	c.text(margin, 62, "quiet", m.About)

	x, w := margin+44, 476.0
	c.text(margin, top-16, "panel", "Overhead by stage, in cores")
	c.areas(box{x, top, w, plot}, byStage, m.Step)
	x, w = 620, width-margin-620
	c.text(580, top-16, "panel", "Time per record, in nanoseconds")
	c.line(box{x, top, w, plot}, total(byTime.Series), m.Step)
	c.text(margin, barsTop-18, "panel", "Time per record by annotation, in nanoseconds")
	c.bars(box{220, barsTop, width - margin - 270, row}, bars)
	c.text(margin, height-22, "quiet", "* reading fields, and conditions, values and labels that several annotations have in common")
	c.WriteString("</svg>\n")
	return c.Bytes(), nil
}

// box is where something is drawn.
type box struct{ x, y, w, h float64 }

// at is the point of the i-th of n values.
func (b box) at(i, n int, value, most float64) string {
	return fmt.Sprintf("%.1f,%.1f", b.x+b.w*float64(i)/float64(n-1), b.y+b.h*(1-value/most))
}

// axes draws a grid from 0 to at least most and for n steps, and returns its upper end.
func (c *canvas) axes(b box, most, step float64, n int) float64 {
	tick := tickOf(most)
	ticks := math.Ceil(most / tick)
	for i := range int(ticks) + 1 {
		y := b.y + b.h*(1-float64(i)/ticks)
		fmt.Fprintf(&c.Buffer, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" class=\"grid\"/>\n", b.x, y, b.x+b.w, y)
		c.text(b.x-8, y+4, "quiet end", number(tick*float64(i)))
	}
	span := step * float64(n-1)
	for i := range 5 {
		class := []string{"quiet", "quiet middle", "quiet middle", "quiet middle", "quiet end"}[i]
		c.text(b.x+b.w*float64(i)/4, b.y+b.h+18, class, fmt.Sprintf("%.0f s", span*float64(i)/4))
	}
	return tick * ticks
}

// tickOf returns a round number that divides 0 to most into three to six parts.
func tickOf(most float64) float64 {
	tick := math.Pow(10, math.Floor(math.Log10(most)))
	for _, part := range []float64{0.2, 0.5, 1} {
		if most/(tick*part) <= 6 {
			return tick * part
		}
	}
	return 2 * tick
}

// areas stacks the stages, and says what each takes on average.
func (c *canvas) areas(b box, p panel, step float64) {
	most := slices.Max(total(p.Series))
	n := len(p.Series[0].Values)
	most = c.axes(b, most, step, n)
	below, x := make([]float64, n), b.x
	for _, stage := range stages {
		i := slices.IndexFunc(p.Series, func(s series) bool { return s.Name == stage })
		if i < 0 {
			continue
		}
		var points, back []string
		for k, v := range p.Series[i].Values {
			back = append(back, b.at(k, n, below[k], most))
			below[k] += v
			points = append(points, b.at(k, n, below[k], most))
		}
		slices.Reverse(back)
		c.polygon("polygon", stage, append(points, back...))
		c.rect(x, b.y+b.h+35, 11, 11, 2, stage)
		c.text(x+17, b.y+b.h+45, "", stage)
		c.text(x+17, b.y+b.h+61, "quiet", fmt.Sprintf("%.4f", mean(p.Series[i].Values)))
		x += 80
	}
	c.text(x, b.y+b.h+45, "", "total")
	c.text(x, b.y+b.h+61, "quiet", fmt.Sprintf("%.4f", mean(below)))
}

// line draws one line, and says where it is on average.
func (c *canvas) line(b box, values []float64, step float64) {
	n := len(values)
	for i := range values {
		values[i] *= 1e9
	}
	most := c.axes(b, slices.Max(values), step, n)
	var points []string
	for i, v := range values {
		points = append(points, b.at(i, n, v, most))
	}
	c.polygon("polyline", "line", points)
	c.polygon("polygon", "under", append(points, b.at(n-1, n, 0, most), b.at(0, n, 0, most)))
	c.text(b.x, b.y+b.h+45, "", "all annotations together")
	c.text(b.x, b.y+b.h+61, "quiet", number(math.Round(mean(values)))+" ns on average")
}

// bars draws one bar below the other, each as high as b.
func (c *canvas) bars(b box, all []series) {
	most := 0.0
	for _, s := range all {
		most = max(most, s.Values[0])
	}
	for i, s := range all {
		y, w := b.y+b.h*float64(i), b.w*s.Values[0]/most
		class, name := "bar", s.Name
		if _, annotation, ok := strings.Cut(name, " "); ok {
			name = annotation // behind the component's ID
		}
		if name == "(shared)" {
			class, name = "shared", "shared by several *"
		}
		c.text(margin, y+14, "", name)
		c.rect(b.x, y+3, w, b.h-7, 2, class)
		c.text(b.x+w+8, y+14, "quiet", number(math.Round(s.Values[0]*1e9)))
	}
}

// total adds series up, step by step.
func total(all []series) []float64 {
	sums := make([]float64, len(all[0].Values))
	for _, s := range all {
		for i, v := range s.Values {
			sums[i] += v
		}
	}
	return sums
}

// number writes a number with at most four decimals, and with commas.
func number(v float64) string {
	whole, decimals, _ := strings.Cut(strconv.FormatFloat(v, 'f', 4, 64), ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	return strings.TrimSuffix(strings.TrimRight(whole+"."+decimals, "0"), ".")
}

func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}
