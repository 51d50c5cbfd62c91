// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package collector

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"syscall"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/connector/signaltometricsconnector"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/provider/yamlprovider"
	"go.opentelemetry.io/collector/connector"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/otelcol"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
	"go.opentelemetry.io/collector/service/telemetry/otelconftelemetry"

	annotationmetrics "github.com/annotationmetrics/annotationmetricsprocessor"
	annotationmetricsreceiver "github.com/annotationmetrics/annotationmetricsprocessor/receiver"
)

// What the parent asks, one in a line; each is answered by one line.
const (
	askBegin  = "begin"  // collect garbage; answered by ok
	askUsage  = "usage"  // answered by the seconds of processor time used so far
	askFinish = "finish" // shut down; answered by Totals as JSON
	ready     = "ready"  // what is said unasked once the Collector runs
)

// patience is how long a Collector may take to start or to end.
const patience = 30 * time.Second

// Serve runs the Collector of a variant that receives OTLP on a port of the loopback
// interface, and answers on out what is asked on in, until it is told to finish or in
// ends.
func Serve(ctx context.Context, name string, port int, in io.Reader, out io.Writer) error {
	variant, err := variantNamed(name)
	if err != nil {
		return err
	}
	sink := newCounting()
	c, err := variant.collector(port, sink)
	if err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx) }()
	if err := awaitRunning(c, done); err != nil {
		return err
	}
	finish, answerErr := answer(in, out)
	c.Shutdown()
	select {
	case err = <-done:
	case <-time.After(patience):
		err = fmt.Errorf("the Collector must shut down within %v, found it running", patience)
	}
	if err == nil && finish {
		err = json.NewEncoder(out).Encode(sink.totals)
	}
	return errors.Join(err, answerErr)
}

// answer says that it is ready, and answers until it is asked to finish, or until in ends,
// which it reports as false.
func answer(in io.Reader, out io.Writer) (finish bool, err error) {
	_, err = fmt.Fprintln(out, ready)
	for lines := bufio.NewScanner(in); err == nil && lines.Scan(); {
		switch lines.Text() {
		case askBegin:
			runtime.GC()
			_, err = fmt.Fprintln(out, "ok")
		case askUsage:
			_, err = fmt.Fprintln(out, processorTime())
		case askFinish:
			return true, nil
		}
	}
	return false, err
}

// processorTime returns the seconds that this process has used, in user and in system
// mode.
func processorTime() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0 // which the parent takes for no time passed, and refuses
	}
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e9
}

func awaitRunning(c *otelcol.Collector, done <-chan error) error {
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		select {
		case err := <-done:
			return errors.Join(errors.New("the Collector ended before it was up"), err)
		default:
		}
		if c.GetState() == otelcol.StateRunning {
			return nil
		}
	}
	return fmt.Errorf("the Collector must be up within %v, found it in state %v", patience, c.GetState())
}

func (v Variant) collector(port int, sink *counting) (*otelcol.Collector, error) {
	text, err := v.config(port)
	if err != nil {
		return nil, err
	}
	return otelcol.NewCollector(otelcol.CollectorSettings{
		BuildInfo:               component.BuildInfo{Command: "benchmarks", Version: "test"},
		Factories:               func() (otelcol.Factories, error) { return factories(sink) },
		DisableGracefulShutdown: true, // the parent says when to end
		ConfigProviderSettings: otelcol.ConfigProviderSettings{ResolverSettings: confmap.ResolverSettings{
			URIs:              []string{"yaml:" + text},
			ProviderFactories: []confmap.ProviderFactory{yamlprovider.NewFactory()},
		}},
	})
}

func factories(sink *counting) (otelcol.Factories, error) {
	receivers, err := otelcol.MakeFactoryMap[receiver.Factory](otlpreceiver.NewFactory(), annotationmetricsreceiver.NewFactory())
	if err != nil {
		return otelcol.Factories{}, err
	}
	processors, err := otelcol.MakeFactoryMap[processor.Factory](annotationmetrics.NewFactory())
	if err != nil {
		return otelcol.Factories{}, err
	}
	connectors, err := otelcol.MakeFactoryMap[connector.Factory](signaltometricsconnector.NewFactory())
	if err != nil {
		return otelcol.Factories{}, err
	}
	exporters, err := otelcol.MakeFactoryMap[exporter.Factory](sink.factory())
	return otelcol.Factories{
		Receivers: receivers, Processors: processors, Connectors: connectors, Exporters: exporters,
		Telemetry: otelconftelemetry.NewFactory(),
	}, err
}
