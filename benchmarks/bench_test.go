// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package benchmarks_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/data"
	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/rules"
	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/scenario"
	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/subject"
)

const records = 10_000

// narrow is the shape of most data sets.
var narrow = data.Shape{Records: records, Attributes: data.Narrow, Resources: 1}

func newLoad(tb testing.TB, shape data.Shape, size int) subject.Load {
	set, err := data.New(shape)
	require.NoError(tb, err)
	load, err := subject.NewLoad(set, size)
	require.NoError(tb, err)
	return load
}

// run times passes of one subject, and checks what it derived.
func run(b *testing.B, load subject.Load, kind subject.Kind, set rules.Set) {
	s, err := kind.New(load, set)
	require.NoError(b, err)
	require.NoError(b, s.Pass()) // makes series and tables
	b.ReportAllocs()
	for b.Loop() {
		if err := s.Pass(); err != nil {
			b.Fatal(err)
		}
	}
	perRecord(b, len(load.Data.Records))
	require.NoError(b, s.Close())
}

func perRecord(b *testing.B, records int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(records), "ns/record")
}

// BenchmarkTables measures the tables of the page: every subject by batch size, by what
// matches, by attributes and by rules. One iteration is a pass over all records.
func BenchmarkTables(b *testing.B) {
	for _, table := range scenario.Tables(records) {
		for _, c := range table.Cases {
			load := newLoad(b, c.Shape, c.Size)
			for _, kind := range scenario.Kinds {
				b.Run(table.Name+"="+c.Name+"/"+kind.Name, func(b *testing.B) { run(b, load, kind, c.Rules) })
			}
		}
	}
}

// BenchmarkEngine measures the engine without a door: what its own allocations are, and
// what its accounts cost. One iteration is a pass over all records.
func BenchmarkEngine(b *testing.B) {
	many, unique := narrow, narrow
	many.Resources, unique.Unique = records/10, true
	for _, c := range []scenario.Case{
		{Name: "base/10000", Shape: narrow, Size: 10_000, Rules: rules.Base()},
		{Name: "base/100", Shape: narrow, Size: 100, Rules: rules.Base()},
		{Name: "base/1", Shape: narrow, Size: 1, Rules: rules.Base()},
		{Name: "distinct", Shape: narrow, Size: 10_000, Rules: rules.Distinct()},
		{Name: "histograms", Shape: narrow, Size: 10_000, Rules: rules.Histograms()},
		{Name: "resources", Shape: many, Size: 10_000, Rules: rules.Base()},
		{Name: "tuples", Shape: unique, Size: 10_000, Rules: rules.Unique()},
		{Name: "uncompilable", Shape: narrow, Size: 10_000, Rules: rules.Uncompilable()},
		{Name: "uncompilable_behind", Shape: narrow, Size: 10_000, Rules: rules.UncompilableBehind()},
	} {
		load := newLoad(b, c.Shape, c.Size)
		for _, kind := range []subject.Kind{subject.EngineKind, subject.SilentEngineKind} {
			b.Run(c.Name+"/"+kind.Name, func(b *testing.B) { run(b, load, kind, c.Rules) })
		}
	}
}

// BenchmarkSeed measures the accounts of the seed's designs.
func BenchmarkSeed(b *testing.B) {
	load := newLoad(b, narrow, records)
	for _, kind := range []subject.Kind{subject.LockPerCallKind, subject.AtomicPerCallKind} {
		b.Run(kind.Name, func(b *testing.B) { run(b, load, kind, rules.Base()) })
	}
}
