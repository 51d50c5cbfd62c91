// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package subject

import (
	"context"
	"errors"
	"fmt"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/processor"
	collectorreceiver "go.opentelemetry.io/collector/receiver"

	annotationmetrics "github.com/annotationmetrics/annotationmetricsprocessor"
	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/rules"
	"github.com/annotationmetrics/annotationmetricsprocessor/receiver"
)

// Door is the annotation_metrics processor with its receiver, as the Collector makes
// them from their factories: with all that processorhelper does for each batch.
type Door struct {
	passes
	telemetry  *telemetry
	rules      rules.Set
	logs       consumer.Logs
	components []component.Component
	sink       *sink
}

// NewDoor returns a processor with the rules, in front of a consumer that does nothing.
func NewDoor(load Load, set rules.Set) (*Door, error) {
	return NewDoorTo(load, set, consumertest.NewNop())
}

// NewDoorTo returns a processor with the rules in front of next.
func NewDoorTo(load Load, set rules.Set, next consumer.Logs) (*Door, error) {
	d := &Door{passes: passes{load: load}, telemetry: newTelemetry(), rules: set, sink: newSink()}
	ctx, factory, build := context.Background(), annotationmetrics.NewFactory(), component.NewDefaultBuildInfo()
	id := component.NewID(factory.Type())
	cfg, err := configure(factory.CreateDefaultConfig(), set.AnnotationMetrics())
	if err != nil {
		return nil, err
	}
	p, err := factory.CreateLogs(ctx, processor.Settings{ID: id, TelemetrySettings: d.telemetry.settings, BuildInfo: build}, cfg, next)
	if err != nil {
		return nil, err
	}
	receivers := receiver.NewFactory()
	r, err := receivers.CreateMetrics(ctx, collectorreceiver.Settings{ID: id, TelemetrySettings: d.telemetry.settings, BuildInfo: build},
		receivers.CreateDefaultConfig(), d.sink)
	if err != nil {
		return nil, errors.Join(err, p.Shutdown(ctx))
	}
	d.logs, d.components = p, []component.Component{p, r}
	for _, c := range d.components {
		if err := c.Start(ctx, componenttest.NewNopHost()); err != nil {
			return nil, errors.Join(err, p.Shutdown(ctx), r.Shutdown(ctx))
		}
	}
	return d, nil
}

// Pass gives the processor each batch.
func (d *Door) Pass() error {
	return d.pass(d.logs.ConsumeLogs)
}

// Overhead returns the seconds that the component says it took so far.
func (d *Door) Overhead() (float64, error) {
	return d.telemetry.overhead()
}

// Close compares the outcomes in the self-metrics, and the values and the number of
// series in what the shutdown emits.
func (d *Door) Close() error {
	truth := d.rules.Truth(d.load.Data)
	err := checkOutcomes(d.telemetry, truth, int64(len(d.load.Data.Records)), d.n)
	emitted := d.sink.calls.Load()
	d.sink.reading.Store(true)
	for _, c := range d.components {
		err = errors.Join(err, c.Shutdown(context.Background()))
	}
	return errors.Join(err, d.telemetry.close(),
		differs("the number of emissions while time was taken", 0, emitted),
		d.sink.check(truth, d.n, true))
}

// checkOutcomes compares what became of each record at each annotation.
func checkOutcomes(t *telemetry, truth []rules.Count, records, passes int64) error {
	outcomes, err := t.records()
	if err != nil {
		return err
	}
	var errs []error
	for _, c := range truth {
		for outcome, n := range outcomes[c.Metric] {
			expected := int64(0)
			switch outcome {
			case "matched":
				expected = c.Matched * passes
			case "filtered":
				expected = (records - c.Matched) * passes
			}
			errs = append(errs, differs(fmt.Sprintf("the outcome %q of the annotation %q", outcome, c.Metric), expected, n))
		}
	}
	return errors.Join(append(errs, differs("the number of annotations with outcomes", int64(len(truth)), int64(len(outcomes))))...)
}
