// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package overhead

// Stage is a part of the way of a batch. Stages do not overlap, so that their times
// add up to the whole.
type Stage uint8

// The stages, in the order in which a batch passes them.
const (
	// StageLoad reads records into columns.
	StageLoad Stage = iota
	// StageEval evaluates conditions.
	StageEval
	// StageExtract evaluates value and label expressions.
	StageExtract
	// StageEmit adds up a batch and commits it to the series.
	StageEmit
	// StageFlush turns series into data points. The metrics consumer's own time is not
	// in it.
	StageFlush

	NumStages = int(iota)
)

// String returns the stage's name as the attribute `stage` shows it.
func (s Stage) String() string {
	return [NumStages]string{"load", "eval", "extract", "emit", "flush"}[s]
}

// Outcome is what became of one record at one annotation: exactly one of these, the
// first that applies.
type Outcome uint8

// The outcomes, in the order in which they are tried.
const (
	// SampledOut records were not evaluated, by choice of the sampler.
	SampledOut Outcome = iota
	// ConditionError records failed the condition's evaluation.
	ConditionError
	// Filtered records do not match the condition.
	Filtered
	// ValueError records failed the value expression's evaluation.
	ValueError
	// ValueMissing records have no value: nil, absent or empty text.
	ValueMissing
	// ValueInvalid records have a value that is not a finite number, is negative where
	// that is not allowed, or would make the sum non-finite.
	ValueInvalid
	// LabelError records failed a label expression's evaluation.
	LabelError
	// LabelMissing records lack a required label.
	LabelMissing
	// Matched records are in the metric.
	Matched

	NumOutcomes = int(iota)
)

// String returns the outcome's name as the attribute `outcome` shows it.
func (o Outcome) String() string {
	return [NumOutcomes]string{
		"sampled_out", "condition_error", "filtered", "value_error", "value_missing",
		"value_invalid", "label_error", "label_missing", "matched",
	}[o]
}
