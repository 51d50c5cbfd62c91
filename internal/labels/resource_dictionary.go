// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package labels

import (
	"encoding/binary"
	"math"
	"sort"

	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/annotationmetrics/annotationmetricsprocessor/internal/columns"
)

// ResourceDictionary gives the resources that a selector tells apart codes: resources that differ
// only in what the selector leaves out have one code. A resource is turned into text when
// it is first seen, and only looked up from then on, over many batches. It owns its memory
// and belongs to one goroutine.
type ResourceDictionary struct {
	selector *Selector

	all   []*Resource       // by code
	byKey map[string]uint32 // codes by Resource.Key
	// byRaw holds codes by what the selected attributes are in the logs.
	byRaw map[string]uint32
	size  int // roughly the bytes of all these
	raw   []byte

	// codes holds the code of each run of the chunk that was read last.
	codes []uint32
}

// NewResourceDictionary returns an empty table of the resources that selector tells apart.
func NewResourceDictionary(selector *Selector) *ResourceDictionary {
	return &ResourceDictionary{selector: selector, byKey: map[string]uint32{}, byRaw: map[string]uint32{}}
}

// Size returns roughly how many bytes the table keeps for the next batch.
func (r *ResourceDictionary) Size() int {
	return r.size + cap(r.raw)
}

// Read gives the runs of chunk their codes.
func (r *ResourceDictionary) Read(chunk *columns.Chunk) {
	r.codes = r.codes[:0]
	runs := chunk.Runs()
	for k := range runs {
		if k > 0 && runs[k].Position == runs[k-1].Position {
			r.codes = append(r.codes, r.codes[k-1])
			continue
		}
		r.codes = append(r.codes, r.code(runs[k].Resource().Attributes()))
	}
}

// of returns the resource of record i of the chunk that was read last.
func (r *ResourceDictionary) of(chunk *columns.Chunk, i int) *Resource {
	runs := chunk.Runs()
	at := sort.Search(len(runs), func(k int) bool { return runs[k].End > i })
	return r.all[r.codes[at]]
}

func (r *ResourceDictionary) code(attributes pcommon.Map) uint32 {
	r.raw = r.selector.appendRaw(r.raw[:0], attributes)
	if code, ok := r.byRaw[string(r.raw)]; ok {
		return code
	}
	res := r.selector.resource(attributes)
	code, ok := r.byKey[res.Key]
	if !ok {
		code = uint32(len(r.all))
		r.all = append(r.all, res)
		r.byKey[res.Key] = code
		r.size += 3*len(res.Key) + 64*len(res.Attributes) + 128
	}
	r.byRaw[string(r.raw)] = code
	r.size += len(r.raw) + 64
	return code
}

// appendRaw appends what tells the selected attributes from others, without turning them
// into text.
func (s *Selector) appendRaw(dst []byte, attributes pcommon.Map) []byte {
	if s.all {
		for name, v := range attributes.All() {
			dst = appendRawText(dst, name)
			dst = appendRawValue(dst, v)
		}
		return dst
	}
	for _, name := range s.names {
		v, ok := attributes.Get(name)
		if !ok {
			dst = append(dst, byte(columns.Absent))
			continue
		}
		dst = appendRawValue(dst, v)
	}
	return dst
}

func appendRawText(dst []byte, s string) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(s)))
	return append(dst, s...)
}

func appendRawValue(dst []byte, v pcommon.Value) []byte {
	switch v.Type() {
	case pcommon.ValueTypeStr:
		return appendRawText(append(dst, byte(columns.Str)), v.Str())
	case pcommon.ValueTypeInt:
		return binary.LittleEndian.AppendUint64(append(dst, byte(columns.Int)), uint64(v.Int()))
	case pcommon.ValueTypeDouble:
		return binary.LittleEndian.AppendUint64(append(dst, byte(columns.Double)), math.Float64bits(v.Double()))
	case pcommon.ValueTypeBool:
		if v.Bool() {
			return append(dst, byte(columns.Bool), 1)
		}
		return append(dst, byte(columns.Bool), 0)
	case pcommon.ValueTypeEmpty:
		return append(dst, byte(columns.Empty))
	default:
		text, _, err := appendValue(nil, v)
		if err != nil {
			return append(dst, byte(columns.Failed)) // it counts as absent
		}
		return appendRawText(append(dst, byte(columns.Bytes)), string(text))
	}
}
