// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"go.uber.org/zap"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/config"
	"github.com/annotationmetrics/annotationmetricsprocessor/internal/overhead"
)

// report logs that records could not be measured, at most once in logEvery for each
// annotation and outcome. What was wrong with one of them may quote it, so that this is
// for the debug level only.
func (e *Engine) report(annotation int, outcome overhead.Outcome, records int, err error) {
	if e.cfg.ErrorMode == config.ErrorModeSilent || !e.mayReport(annotation, outcome) {
		return
	}
	name := e.plan.Annotations[annotation].Metric.Name
	e.logger.Warn("records do not count, see the self-metric `records`; what was wrong with one of them is logged at level debug; more such reports are left out for a minute",
		zap.String("annotation", name), zap.Stringer("outcome", outcome), zap.Int("records_at_once", records))
	e.logger.Debug("what was wrong with one of the records that do not count",
		zap.String("annotation", name), zap.Stringer("outcome", outcome), zap.Error(err))
}

// mayReport takes the annotation's and outcome's turn to report, if it has come.
func (e *Engine) mayReport(annotation int, outcome overhead.Outcome) bool {
	last := &e.reports[annotation*overhead.NumOutcomes+int(outcome)]
	now := overhead.Now()
	before := last.Load()
	if before != 0 && now-before < int64(logEvery) {
		return false
	}
	return last.CompareAndSwap(before, now)
}
