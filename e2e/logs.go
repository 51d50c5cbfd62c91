// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
)

type attributes map[string]any

// logs returns one log record for each set of attributes, of one resource that has a
// service name.
func logs(records ...attributes) plog.Logs {
	return logsOf(attributes{"service.name": "shop"}, records...)
}

// logsOf returns one log record for each set of attributes, of one resource.
func logsOf(resource attributes, records ...attributes) plog.Logs {
	ld := plog.NewLogs()
	rl := ld.ResourceLogs().AppendEmpty()
	put(rl.Resource().Attributes(), resource)
	all := rl.ScopeLogs().AppendEmpty().LogRecords()
	for _, attrs := range records {
		r := all.AppendEmpty()
		r.SetTimestamp(pcommon.NewTimestampFromTime(time.Now()))
		r.Body().SetStr("a line of text")
		put(r.Attributes(), attrs)
	}
	return ld
}

func put(m pcommon.Map, attrs attributes) {
	if err := m.FromRaw(attrs); err != nil {
		panic(err)
	}
}
