// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package data

import (
	"fmt"
	"strconv"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
)

// epoch is the time of the first record; each is a millisecond after the one before.
var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// Batches returns the set in batches of so many records, decoded from OTLP. Each call
// returns logs of their own.
func (s *Set) Batches(size int) ([]plog.Logs, error) {
	requests, err := s.Requests(size)
	if err != nil {
		return nil, err
	}
	batches := make([]plog.Logs, 0, len(requests))
	for _, body := range requests {
		request := plogotlp.NewExportRequest()
		if err := request.UnmarshalProto(body); err != nil {
			return nil, fmt.Errorf("decode a batch: %w", err)
		}
		ld := request.Logs()
		ld.MarkReadOnly() // a subject that changed the data would change what others measure
		batches = append(batches, ld)
	}
	return batches, nil
}

// Requests returns the set as OTLP export requests of so many records, in protobuf.
func (s *Set) Requests(size int) ([][]byte, error) {
	if size < 1 {
		return nil, fmt.Errorf("the size of a batch must be positive, found %d", size)
	}
	var requests [][]byte
	for first := 0; first < len(s.Records); first += size {
		ld := s.logs(first, min(first+size, len(s.Records)))
		body, err := plogotlp.NewExportRequestFromLogs(ld).MarshalProto()
		if err != nil {
			return nil, fmt.Errorf("encode a batch: %w", err)
		}
		requests = append(requests, body)
	}
	return requests, nil
}

// logs returns the records from first to before last.
func (s *Set) logs(first, last int) plog.Logs {
	ld := plog.NewLogs()
	var records plog.LogRecordSlice
	resource := -1
	for i := first; i < last; i++ {
		r := &s.Records[i]
		if r.Resource != resource {
			resource = r.Resource
			rl := ld.ResourceLogs().AppendEmpty()
			// The three that annotation_metrics keeps by default, so that all subjects
			// tell the same resources apart.
			rl.Resource().Attributes().PutStr("service.name", "shop")
			rl.Resource().Attributes().PutStr("service.namespace", "example")
			rl.Resource().Attributes().PutStr("service.instance.id", "instance-"+strconv.Itoa(resource))
			sl := rl.ScopeLogs().AppendEmpty()
			sl.Scope().SetName("shop/http")
			records = sl.LogRecords()
		}
		r.fill(records.AppendEmpty(), epoch.Add(time.Duration(i)*time.Millisecond))
	}
	return ld
}

func (r *Record) fill(to plog.LogRecord, t time.Time) {
	to.SetTimestamp(pcommon.NewTimestampFromTime(t))
	to.SetObservedTimestamp(pcommon.NewTimestampFromTime(t))
	to.SetSeverityNumber(r.Severity)
	to.SetSeverityText(r.Severity.String())
	to.Body().SetStr(r.Method + " " + r.Route + " " + strconv.FormatInt(r.Status, 10))
	to.Attributes().EnsureCapacity(len(r.Attributes))
	for _, a := range r.Attributes {
		switch v := a.Value.(type) {
		case string:
			to.Attributes().PutStr(a.Key, v)
		case int64:
			to.Attributes().PutInt(a.Key, v)
		case float64:
			to.Attributes().PutDouble(a.Key, v)
		case bool:
			to.Attributes().PutBool(a.Key, v)
		}
	}
}
