// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"fmt"
	"net/http"

	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/annotationmetrics/annotationmetricsprocessor/benchmarks/internal/data"
)

func path(name string) string {
	return fmt.Sprintf("log.attributes[%q]", name)
}

func statusAtLeast(n int64) Condition {
	return Condition{fmt.Sprintf("%s >= %d", path(data.Status), n), func(r *data.Record) bool { return r.Status >= n }}
}

func statusBelow(n int64) Condition {
	return Condition{fmt.Sprintf("%s < %d", path(data.Status), n), func(r *data.Record) bool { return r.Status < n }}
}

// slowerThan takes milliseconds, so that each n is another text.
func slowerThan(n int) Condition {
	seconds := float64(n) / 1000
	return Condition{fmt.Sprintf("%s > %.3f", path(data.Duration), seconds), func(r *data.Record) bool { return r.Duration > seconds }}
}

func fasterThan(n int) Condition {
	seconds := float64(n) / 1000
	return Condition{fmt.Sprintf("%s < %.3f", path(data.Duration), seconds), func(r *data.Record) bool { return r.Duration < seconds }}
}

func largerThan(n int64) Condition {
	return Condition{fmt.Sprintf("%s > %d", path(data.Size), n), func(r *data.Record) bool { return r.Size > n }}
}

func methodIs(method string) Condition {
	return Condition{fmt.Sprintf("%s == %q", path(data.Method), method), func(r *data.Record) bool { return r.Method == method }}
}

func addressIsNot(address string) Condition {
	return Condition{fmt.Sprintf("%s != %q", path(data.Address), address), func(r *data.Record) bool { return r.Address != address }}
}

func versionIsNot(version string) Condition {
	return Condition{fmt.Sprintf("%s != %q", path(data.Version), version), func(r *data.Record) bool { return r.Version != version }}
}

func notCached() Condition {
	return Condition{path(data.CacheHit) + " == false", func(r *data.Record) bool { return !r.CacheHit }}
}

func warnOrWorse() Condition {
	return Condition{"log.severity_number >= SEVERITY_NUMBER_WARN", func(r *data.Record) bool { return r.Severity >= plog.SeverityNumberWarn }}
}

func belowWarn() Condition {
	return Condition{"log.severity_number < SEVERITY_NUMBER_WARN", func(r *data.Record) bool { return r.Severity < plog.SeverityNumberWarn }}
}

func reads() Condition {
	return Condition{
		fmt.Sprintf("(%s == %q or %[1]s == %[3]q)", path(data.Method), http.MethodGet, http.MethodHead),
		func(r *data.Record) bool { return r.Method == http.MethodGet || r.Method == http.MethodHead },
	}
}

// everyRecord is a condition that has to be evaluated, unlike none at all.
func everyRecord() Condition {
	return Condition{path(data.Size) + " >= 0", func(r *data.Record) bool { return r.Size >= 0 }}
}

// uncompilable calls a converter, so that it needs the OTTL library.
func uncompilable() Condition {
	return Condition{
		fmt.Sprintf("Concat([%s, %s], %q) == %q", path(data.Method), path(data.Route), " ", "GET /login"),
		func(r *data.Record) bool { return r.Method+" "+r.Route == "GET /login" },
	}
}
