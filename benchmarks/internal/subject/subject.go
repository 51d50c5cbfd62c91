// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package subject

import (
	"context"
	"fmt"

	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/data"
	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/rules"
)

// Subject is something that takes records and derives what rules say.
type Subject interface {
	// Pass gives the subject each batch of its load once. This is what is timed.
	Pass() error
	// Close ends the subject. It fails if what was derived in all passes is not what
	// the rules say.
	Close() error
}

// Kind names a subject and makes it.
type Kind struct {
	Name string
	New  func(Load, rules.Set) (Subject, error)
}

// The kinds of subjects that take any rules.
var (
	WalkKind              = Kind{"walk", func(l Load, _ rules.Set) (Subject, error) { return NewWalk(l), nil }}
	OTTLKind              = Kind{"OTTL", func(l Load, s rules.Set) (Subject, error) { return NewOTTL(l, s) }}
	AnnotationMetricsKind = Kind{"annotation_metrics", func(l Load, s rules.Set) (Subject, error) { return NewDoor(l, s) }}
	SignalToMetricsKind   = Kind{"signal_to_metrics", func(l Load, s rules.Set) (Subject, error) { return NewSignalToMetrics(l, s) }}
	CountKind             = Kind{"count", func(l Load, s rules.Set) (Subject, error) { return NewCount(l, s) }}
	IdleKind              = Kind{"idle", func(l Load, _ rules.Set) (Subject, error) { return NewIdle(l) }}
	EngineKind            = Kind{"engine", func(l Load, s rules.Set) (Subject, error) { return NewEngine(l, s) }}
	SilentEngineKind      = Kind{"engine without accounting", func(l Load, s rules.Set) (Subject, error) { return NewSilentEngine(l, s) }}
)

// Load is what a subject takes in each pass.
type Load struct {
	Data    *data.Set
	Batches []plog.Logs
}

// NewLoad cuts the set into batches of so many records.
func NewLoad(set *data.Set, size int) (Load, error) {
	batches, err := set.Batches(size)
	return Load{Data: set, Batches: batches}, err
}

// passes counts passes.
type passes struct {
	load Load
	n    int64
}

// pass gives each batch to consume.
func (p *passes) pass(consume func(context.Context, plog.Logs) error) error {
	p.n++
	ctx := context.Background()
	for _, ld := range p.load.Batches {
		if err := consume(ctx, ld); err != nil {
			return err
		}
	}
	return nil
}

// differs returns an error that says what is wrong unless found is expected.
func differs(what string, expected, found int64) error {
	if expected == found {
		return nil
	}
	return fmt.Errorf("%s must be %d, found %d", what, expected, found)
}
