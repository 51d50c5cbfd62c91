// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package labels

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// maxDepth is how deep a map or slice may nest. Deeper ones are an error, since each
// level costs stack.
const maxDepth = 64

var errTooDeep = errors.New("a label cannot be of a map or slice that nests more than 64 levels")

// appendJSON appends a map or a slice as JSON with sorted keys. The scalars in it have
// the form that they have as labels; those that are not JSON numbers are JSON strings.
func appendJSON(dst []byte, v any) ([]byte, error) {
	tree, err := jsonTree(v, maxDepth)
	if err != nil {
		return dst, err
	}
	buf := bytes.NewBuffer(dst)
	enc := json.NewEncoder(buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(tree); err != nil {
		return dst, fmt.Errorf("encode a label as JSON: %w", err)
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte{'\n'}), nil
}

// jsonTree returns v in the types that encoding/json writes as we want them. Maps and
// slices may nest depth levels.
func jsonTree(v any, depth int) (any, error) {
	switch v := v.(type) {
	case nil, int64, bool:
		return v, nil
	case float64:
		if v == 0 {
			return 0, nil
		}
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return string(appendDouble(nil, v)), nil
		}
		return v, nil
	case pcommon.Value:
		return jsonValue(v, depth)
	case pcommon.Map:
		if depth == 0 {
			return nil, errTooDeep
		}
		tree := make(map[string]any, v.Len())
		for key, val := range v.All() {
			key = string(appendValid(nil, key))
			if _, ok := tree[key]; ok {
				continue // of duplicate keys the first counts, as everywhere
			}
			sub, err := jsonTree(val, depth-1)
			if err != nil {
				return nil, err
			}
			tree[key] = sub
		}
		return tree, nil
	case pcommon.Slice:
		if depth == 0 {
			return nil, errTooDeep
		}
		tree := make([]any, 0, v.Len())
		for _, val := range v.All() {
			sub, err := jsonTree(val, depth-1)
			if err != nil {
				return nil, err
			}
			tree = append(tree, sub)
		}
		return tree, nil
	case map[string]any:
		if depth == 0 {
			return nil, errTooDeep
		}
		tree := make(map[string]any, len(v))
		// In order, since two keys may become one.
		for _, key := range slices.Sorted(maps.Keys(v)) {
			text := string(appendValid(nil, key))
			if _, ok := tree[text]; ok {
				continue
			}
			sub, err := jsonTree(v[key], depth-1)
			if err != nil {
				return nil, err
			}
			tree[text] = sub
		}
		return tree, nil
	}
	// The slices that OTTL functions return: []any, []string, []int64 and the like.
	if rv := reflect.ValueOf(v); rv.Kind() == reflect.Slice && rv.Type().Elem().Kind() != reflect.Uint8 {
		if depth == 0 {
			return nil, errTooDeep
		}
		tree := make([]any, 0, rv.Len())
		for i := range rv.Len() {
			sub, err := jsonTree(rv.Index(i).Interface(), depth-1)
			if err != nil {
				return nil, err
			}
			tree = append(tree, sub)
		}
		return tree, nil
	}
	return jsonScalar(v)
}

func jsonValue(v pcommon.Value, depth int) (any, error) {
	switch v.Type() {
	case pcommon.ValueTypeEmpty:
		return nil, nil
	case pcommon.ValueTypeMap:
		return jsonTree(v.Map(), depth)
	case pcommon.ValueTypeSlice:
		return jsonTree(v.Slice(), depth)
	case pcommon.ValueTypeDouble:
		return jsonTree(v.Double(), depth)
	case pcommon.ValueTypeInt:
		return v.Int(), nil
	case pcommon.ValueTypeBool:
		return v.Bool(), nil
	case pcommon.ValueTypeBytes:
		return base64.StdEncoding.EncodeToString(v.Bytes().AsRaw()), nil
	default:
		return string(appendValid(nil, v.Str())), nil
	}
}

// jsonScalar handles exactly the types that appendText knows beside those above.
func jsonScalar(v any) (any, error) {
	switch v := v.(type) {
	case int:
		return int64(v), nil
	case string, []byte, time.Time, time.Duration, pcommon.TraceID, pcommon.SpanID:
		text, _, err := appendText(nil, v)
		return string(text), err
	default:
		return nil, fmt.Errorf("a label cannot be of type %T", v)
	}
}
