// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package config // import "github.com/annotationmetrics/annotationmetricsprocessor/internal/config"

import (
	"fmt"
	"math"
	"strconv"

	"go.opentelemetry.io/collector/confmap"
)

// checkLossless refuses what confmap would decode to something else without a word: it
// cuts the fraction off a number that is to be whole, so that `expire_after: 0.5` would
// mean never, and makes 0 of a null among buckets.
func checkLossless(conf *confmap.Conf) error {
	var p problems
	p.add(checkDurationNumber("interval", conf.Get("interval"), "15s"))
	p.add(checkWhole("series_limit", conf.Get("series_limit")))
	p.add(checkDurationNumber("expire_after", conf.Get("expire_after"), "1h"))
	annotations, _ := conf.Get("annotations").([]any)
	for i := range annotations {
		fields, _ := annotations[i].(map[string]any)
		var own problems
		own.add(checkNoNull("buckets", fields["buckets"]))
		own.add(checkWhole("max_size", fields["max_size"]))
		own.add(checkWhole("series_limit", fields["series_limit"]))
		own.add(checkDurationNumber("expire_after", fields["expire_after"], "1h"))
		if err := own.err(); err != nil {
			p.add(fmt.Errorf("annotations::%d: %w", i, err))
		}
	}
	return p.err()
}

func checkWhole(key string, raw any) error {
	if v, ok := fraction(raw); ok {
		return fmt.Errorf("`%s` must be a whole number, found %s", key, v)
	}
	return nil
}

func checkDurationNumber(key string, raw any, example string) error {
	if v, ok := fraction(raw); ok {
		return fmt.Errorf("`%s` must be a duration with a unit, as in %s, found %s", key, example, v)
	}
	return nil
}

// fraction returns raw as text if it is a number, but not a whole one.
func fraction(raw any) (string, bool) {
	v, ok := raw.(float64)
	if !ok || v == math.Trunc(v) && !math.IsInf(v, 0) { // NaN equals nothing
		return "", false
	}
	return strconv.FormatFloat(v, 'g', -1, 64), true
}

func checkNoNull(key string, raw any) error {
	values, _ := raw.([]any)
	for i := range values {
		if values[i] == nil {
			return fmt.Errorf("`%s` must not contain null, found it at index %d", key, i)
		}
	}
	return nil
}
