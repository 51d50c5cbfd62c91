// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package expr

import "math"

// ParseInt is what the OTTL converter Int makes of text: strconv.ParseInt(s, 10, 64), but
// without the error, which that function allocates. Text that is no integer, as a "-" for
// an unknown size, is common.
func ParseInt(s string) (int64, bool) {
	digits := s
	if s != "" && (s[0] == '-' || s[0] == '+') {
		digits = s[1:]
	}
	if digits == "" {
		return 0, false
	}
	var n uint64
	for i := range len(digits) {
		d := uint64(digits[i]) - '0'
		if d > 9 || n > math.MaxInt64/10 {
			return 0, false
		}
		n = n*10 + d
	}
	if s[0] == '-' {
		return -int64(n), n <= -math.MinInt64
	}
	return int64(n), n <= math.MaxInt64
}
