// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"fmt"
	"maps"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploggrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	"go.opentelemetry.io/otel/log"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/trace"
)

// sdkAnnotations is a configuration for runForClients.
const sdkAnnotations = `
processors:
  annotation_metrics:
    annotations:
      - metric: types
        labels:
          - text
          - whole
          - part
          - truth
          - list
          - map
          - bytes
          - {name: inside, value: 'attributes["map"]["depth"]'}
          - {name: second, value: 'attributes["list"][1]'}
          - {name: scope, value: scope.name}
          - {name: version, value: scope.version}
          - {name: where, value: 'resource.attributes["cloud.region"]'}
          - {name: event, value: event_name}
      - {metric: severities, labels: [{name: text, value: severity_text}, {name: number, value: severity_number}]}
      - {metric: kinds, condition: 'IsMap(body) and body["kind"] != nil', labels: [{name: kind, value: 'body["kind"]'}]}
      - {metric: failures, condition: severity_number >= SEVERITY_NUMBER_ERROR, exemplars: true}
      - {metric: sent, unit: By, value: 'attributes["whole"]'}
      - {metric: open, type: updowncounter, value: 'attributes["part"]'}
      - {metric: newest, type: gauge, value: 'attributes["whole"]'}
      - {metric: duration, type: histogram, unit: s, buckets: [0.25, 1, 4], value: 'attributes["part"]', condition: 'attributes["part"] >= 0.0', exemplars: true}
      - {metric: traced, condition: 'trace_id.string != "00000000000000000000000000000000"', labels: [{name: sampled, value: flags}]}
`

// sdkTally is what a program knows of the records that it has logged. It is safe for
// concurrent use.
type sdkTally struct {
	mu        sync.Mutex
	records   float64
	totals    map[string]float64
	outcomes  outcomes
	newest    int
	durations []float64
	// exemplars are those of the records that belong to a trace, by metric and bucket.
	exemplars map[string]sdkExemplar
}

type sdkExemplar struct {
	text    string
	sampled bool
}

// count notes that a record counts with this value.
func (s *sdkTally) count(metric string, value float64, labels attributes) {
	resource, own := pcommon.NewMap(), pcommon.NewMap()
	put(resource, attributes{"service.name": "shop", "service.instance.id": "1"})
	put(own, labels)
	s.totals[seriesName(metric, resource, own)] += value
	if s.outcomes[metric] == nil {
		s.outcomes[metric] = map[string]float64{}
	}
	s.outcomes[metric]["matched"]++
}

// exemplar notes a record's place in a trace. Of two the newer one stays, unless only the
// older one's trace is there to be found.
func (s *sdkTally) exemplar(ctx context.Context, metric, bucket string, value any) {
	span := trace.SpanContextFromContext(ctx)
	if before := s.exemplars[metric+bucket]; !span.IsValid() || before.sampled && !span.IsSampled() {
		return
	}
	s.exemplars[metric+bucket] = sdkExemplar{fmt.Sprintf("%s %s %s %v", metric, span.TraceID(), span.SpanID(), value), span.IsSampled()}
}

// emit logs the record of this number.
func (s *sdkTally) emit(ctx context.Context, logger log.Logger, n int, at time.Time) {
	severity := []log.Severity{log.SeverityDebug, log.SeverityInfo2, log.SeverityWarn, log.SeverityError, log.SeverityFatal4}[n%5]
	part := float64(n%23)/4 - 0.5 // a sum of such numbers is exact, in whatever order
	kind := []string{"new", "paid"}[n/4%2]
	var r log.Record
	r.SetTimestamp(at)
	r.SetSeverity(severity)
	r.SetSeverityText(severity.String())
	r.SetEventName("order")
	r.AddAttributes(
		log.String("text", fmt.Sprint("é\"", n%2)), log.Int("whole", n%7), log.Float64("part", part), log.Bool("truth", n%3 == 0),
		log.Slice("list", log.StringValue("a"), log.IntValue(n%2), log.BoolValue(true)), log.Bytes("bytes", []byte{0, 255}),
		log.Map("map", log.Int("depth", 2), log.Map("b", log.Float64("c", 0.5))))
	r.SetBody(log.StringValue("an order"))
	if n%4 == 0 {
		r.SetBody(log.MapValue(log.String("kind", kind), log.Int("number", n)))
	}
	logger.Emit(ctx, r)

	s.mu.Lock()
	defer s.mu.Unlock()
	s.records++
	s.newest = max(s.newest, n)
	s.count("types", 1, attributes{
		"text": fmt.Sprint("é\"", n%2), "whole": strconv.Itoa(n % 7), "part": fmt.Sprint(part), "truth": strconv.FormatBool(n%3 == 0),
		"list": fmt.Sprintf(`["a",%d,true]`, n%2), "map": `{"b":{"c":0.5},"depth":2}`, "bytes": "AP8=", "inside": "2",
		"second": strconv.Itoa(n % 2), "scope": "shop", "version": "1.2", "where": "nowhere-1", "event": "order",
	})
	s.count("severities", 1, attributes{"text": severity.String(), "number": strconv.Itoa(int(severity))})
	if n%4 == 0 {
		s.count("kinds", 1, attributes{"kind": kind})
	}
	if n%5 >= 3 {
		s.count("failures", 1, nil)
		s.exemplar(ctx, "failures", "", 1)
	}
	s.count("sent", float64(n%7), nil)
	s.count("open", part, nil)
	s.count("newest", 0, nil)
	if part >= 0 {
		s.count("duration", part, nil)
		s.durations = append(s.durations, part)
		bucket, _ := histogram([]float64{part}, sdkBounds)
		s.exemplar(ctx, "duration", fmt.Sprint(bucket), part)
	}
	if span := trace.SpanContextFromContext(ctx); span.IsValid() {
		s.count("traced", 1, attributes{"sampled": strconv.Itoa(int(span.TraceFlags()))})
	}
}

// want returns the totals and outcomes of all that was logged.
func (s *sdkTally) want() (map[string]float64, outcomes) {
	s.mu.Lock()
	defer s.mu.Unlock()
	totals, all := maps.Clone(s.totals), outcomes{}
	totals[`newest{resource.service.instance.id="1",resource.service.name="shop"}`] = float64(s.newest % 7)
	for metric, o := range s.outcomes {
		all[metric] = matching(s.records, o["matched"])
	}
	return totals, all
}

var sdkBounds = []float64{0.25, 1, 4}

// A program that logs with the OpenTelemetry SDK, over gRPC and over HTTP: every type of
// attribute, body and label, several goroutines and batches, and then one batch with
// traces, so that it is known which exemplars must come.
func TestOpenTelemetrySDK(t *testing.T) {
	t.Parallel()
	for protocol, newExporter := range map[string]func(*testing.T, string, string) (sdklog.Exporter, error){
		"grpc": func(t *testing.T, grpc, _ string) (sdklog.Exporter, error) {
			return otlploggrpc.New(t.Context(), otlploggrpc.WithEndpoint(grpc), otlploggrpc.WithInsecure(),
				otlploggrpc.WithCompressor("gzip"))
		},
		"http": func(t *testing.T, _, http string) (sdklog.Exporter, error) {
			return otlploghttp.New(t.Context(), otlploghttp.WithEndpoint(http), otlploghttp.WithInsecure())
		},
	} {
		t.Run(protocol, func(t *testing.T) {
			t.Parallel()
			grpc, http, selfPort, sink := runForClients(t, sdkAnnotations)
			exporter, err := newExporter(t, grpc, http)
			require.NoError(t, err)
			const batch, senders, each = 256, 4, 600
			provider := newLoggerProvider(t, sdklog.NewBatchProcessor(exporter, sdklog.WithMaxQueueSize(senders*each),
				sdklog.WithExportMaxBatchSize(batch), sdklog.WithExportInterval(time.Hour)),
				attribute.String("service.name", "shop"), attribute.String("service.instance.id", "1"), attribute.String("cloud.region", "nowhere-1"))
			logger := provider.Logger("shop", log.WithInstrumentationVersion("1.2"))

			tally := &sdkTally{totals: map[string]float64{}, outcomes: outcomes{}, exemplars: map[string]sdkExemplar{}}
			begin := time.Now()
			at := func(n int) time.Time { return begin.Add(time.Duration(n) * time.Microsecond) }
			var all sync.WaitGroup
			for sender := range senders {
				all.Go(func() {
					for n := range each {
						tally.emit(t.Context(), logger, senders*n+sender, at(senders*n+sender))
					}
				})
			}
			all.Wait()
			require.NoError(t, provider.ForceFlush(t.Context()))
			// Every sixth record belongs to a sampled trace, and as many to others. The last
			// bucket has only those.
			for n := senders * each; n < senders*each+batch; n++ {
				span := trace.SpanContextConfig{TraceID: trace.TraceID{1, byte(n >> 8), byte(n)}, SpanID: trace.SpanID{2, byte(n >> 8), byte(n)}}
				if n%6 == 1 && n%23 < 19 {
					span.TraceFlags = trace.FlagsSampled
				}
				ctx := t.Context()
				if n%3 == 1 {
					ctx = trace.ContextWithSpanContext(ctx, trace.NewSpanContext(span))
				}
				tally.emit(ctx, logger, n, at(n))
			}
			require.NoError(t, provider.ForceFlush(t.Context()))

			totals, outcomes := tally.want()
			waitFor(t, "all that was logged", func() bool { return sink.has(totals) })
			awaitEmission(t, selfPort)
			require.Equal(t, totals, sink.totals())
			counts, _ := histogram(tally.durations, sdkBounds)
			require.Equal(t, counts, sink.last()[`duration{resource.service.instance.id="1",resource.service.name="shop"}`].buckets)
			requireOutcomes(t, selfPort, outcomes)

			want := map[string]bool{}
			for _, e := range tally.exemplars {
				want[e.text] = true
			}
			require.Len(t, want, 1+len(counts), "one of the failures, and one of each bucket")
			requireExemplars(t, sink, want)
			requireTypes(t, sink)
		})
	}
}

// requireTypes requires that labels have the types of what they were made of.
func requireTypes(t *testing.T, sink *otlpSink) {
	t.Helper()
	types := map[string]pcommon.ValueType{}
	last := sink.all()[len(sink.all())-1]
	for _, m := range last.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().All() {
		if m.Name() == "types" {
			for name, v := range m.Sum().DataPoints().At(0).Attributes().All() {
				types[name] = v.Type()
			}
		}
	}
	require.Equal(t, map[string]pcommon.ValueType{
		"text": pcommon.ValueTypeStr, "whole": pcommon.ValueTypeInt, "part": pcommon.ValueTypeDouble, "truth": pcommon.ValueTypeBool,
		"list": pcommon.ValueTypeStr, "map": pcommon.ValueTypeStr, "bytes": pcommon.ValueTypeStr, "inside": pcommon.ValueTypeInt,
		"second": pcommon.ValueTypeInt, "scope": pcommon.ValueTypeStr, "version": pcommon.ValueTypeStr, "where": pcommon.ValueTypeStr,
		"event": pcommon.ValueTypeStr,
	}, types)
}
