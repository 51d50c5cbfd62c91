// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"errors"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// accessLog is what is in an access log.
type accessLog struct {
	lines, unparsed int
	requests        map[string]float64 // by "method status"
	errors          map[string]float64 // those with a 5xx status, by "method status"
	bytes           map[string]float64 // by status
	sizes           []float64
	withoutSize     int
}

// countAccessLog counts what is in an access log in combined format. It shares nothing
// with what it is compared to: it cuts each line at its quotes.
func countAccessLog(t *testing.T, path string) accessLog {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	log := accessLog{requests: map[string]float64{}, errors: map[string]float64{}, bytes: map[string]float64{}}
	for line := range strings.Lines(string(text)) {
		log.lines++
		method, status, size, err := cutLine(strings.TrimSuffix(line, "\n"))
		if err != nil {
			log.unparsed++
			continue
		}
		log.requests[method+" "+status]++
		if strings.HasPrefix(status, "5") {
			log.errors[method+" "+status]++
		}
		if size == "-" {
			log.withoutSize++
			continue
		}
		n, err := strconv.ParseFloat(size, 64)
		require.NoError(t, err)
		log.bytes[status] += n
		log.sizes = append(log.sizes, n)
	}
	return log
}

var errNotCombined = errors.New("not in combined format")

// cutLine takes apart a line whose text between quotes is, in this order, the request,
// the referrer and the user agent.
func cutLine(line string) (method, status, size string, err error) {
	line = strings.ReplaceAll(line, `\"`, "'")
	parts := strings.Split(line, `"`)
	if len(parts) != 7 || parts[6] != "" || strings.TrimSpace(parts[4]) != "" {
		return "", "", "", errNotCombined
	}
	request, answer := strings.Fields(parts[1]), strings.Fields(parts[2])
	if len(request) != 3 || len(answer) != 2 || len(answer[0]) != 3 || strings.ToUpper(request[0]) != request[0] {
		return "", "", "", errNotCombined
	}
	return request[0], answer[0], answer[1], nil
}

// histogram counts values by upper bounds, which belong to their buckets.
func histogram(values, bounds []float64) (counts []uint64, sum float64) {
	counts = make([]uint64, len(bounds)+1)
	for _, v := range values {
		sum += v
		i := slices.IndexFunc(bounds, func(bound float64) bool { return v <= bound })
		if i < 0 {
			i = len(bounds)
		}
		counts[i]++
	}
	return counts, sum
}
