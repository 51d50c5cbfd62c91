// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package annotationmetricsprocessor

import (
	"encoding/binary"
	"math"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
)

// logsBuilder builds logs as a fuzzer's bytes say. Few mutations of encoded logs can be
// decoded; here each one changes the logs.
type logsBuilder struct {
	data []byte
}

// take returns the next n bytes, zeros behind the end.
func (b *logsBuilder) take(n int) []byte {
	taken := make([]byte, n)
	b.data = b.data[copy(taken, b.data):]
	return taken
}

func (b *logsBuilder) choice(n int) int { return int(b.take(1)[0]) % n }

func (b *logsBuilder) uint64() uint64 { return binary.LittleEndian.Uint64(b.take(8)) }

func (b *logsBuilder) text() string { return string(b.take(b.choice(12))) }

func (b *logsBuilder) build() plog.Logs {
	ld := plog.NewLogs()
	for len(b.data) > 0 {
		rl := ld.ResourceLogs().AppendEmpty()
		b.attributes(rl.Resource().Attributes())
		for range b.choice(3) {
			sl := rl.ScopeLogs().AppendEmpty()
			sl.Scope().SetName(b.text())
			b.attributes(sl.Scope().Attributes())
			for range b.choice(6) {
				b.record(sl.LogRecords().AppendEmpty())
			}
		}
	}
	return ld
}

func (b *logsBuilder) record(r plog.LogRecord) {
	switch b.choice(4) {
	case 0:
		r.SetTimestamp(pcommon.Timestamp(b.uint64()))
		r.SetSeverityNumber(plog.SeverityNumber(b.choice(256) - 8))
	case 1:
		r.SetObservedTimestamp(pcommon.Timestamp(b.uint64()))
		r.SetTraceID(pcommon.TraceID(b.take(16)))
		r.SetSeverityText(b.text())
	case 2:
		r.SetEventName(b.text())
		r.SetSpanID(pcommon.SpanID(b.take(8)))
	}
	if k := b.choice(2 * len(fuzzBodies)); k < len(fuzzBodies) {
		r.Body().SetStr(fuzzBodies[k])
	} else {
		b.value(r.Body(), 0)
	}
	b.attributes(r.Attributes())
}

// attributes favors the names that the config reads.
func (b *logsBuilder) attributes(m pcommon.Map) {
	for range b.choice(5) {
		name := "service.name"
		if k := b.choice(7); k < 5 {
			name = []string{"a", "b", "c", "d", "m"}[k]
		} else if k == 5 {
			name = b.text()
		}
		b.value(m.PutEmpty(name), 0)
	}
}

func (b *logsBuilder) value(v pcommon.Value, depth int) {
	kind := b.choice(10)
	if depth > 3 {
		kind = b.choice(6)
	}
	switch kind {
	case 0:
		v.SetInt(int64(b.uint64()))
	case 1:
		v.SetDouble(math.Float64frombits(b.uint64()))
	case 2:
		v.SetStr(b.text())
	case 3:
		v.SetBool(b.choice(2) == 1)
	case 4:
		v.SetEmptyBytes().FromRaw(b.take(b.choice(5)))
	case 5:
		v.SetInt(int64(b.choice(16)) - 4)
	case 6:
		s := v.SetEmptySlice()
		for range b.choice(4) {
			b.value(s.AppendEmpty(), depth+1)
		}
	case 7:
		m := v.SetEmptyMap()
		for range b.choice(4) {
			name := "k"
			if b.choice(2) == 1 {
				name = b.text()
			}
			b.value(m.PutEmpty(name), depth+1)
		}
	default:
		_ = v.FromRaw(fuzzValues[b.choice(len(fuzzValues))])
	}
}
