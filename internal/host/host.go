// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

// Package host is what the doors ask the Collector for: a place to keep state, and to say how
// they are.
package host // import "github.com/annotationmetrics/annotationmetricsprocessor/internal/host"

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension/xextension/storage"
)

// Storage returns the storage that a component keeps its state in, or nil if id is. It fails
// if there is no such extension. Its client opens it with the first call; a storage that cannot
// be opened fails that call, and is opened with a later one. The client is for one goroutine at
// a time. Its calls return soon after their contexts are done, whatever the extension does, and
// with an error where it panics.
func Storage(host component.Host, id *component.ID, kind component.Kind, owner component.ID) (storage.Client, error) {
	if id == nil {
		return nil, nil
	}
	found, ok := host.GetExtensions()[*id]
	if !ok {
		return nil, fmt.Errorf("`storage` must be the ID of an extension under `service::extensions`, found %q; there are: %s", id, names(host))
	}
	extension, ok := found.(storage.Extension)
	if !ok {
		return nil, fmt.Errorf("`storage` must be the ID of a storage extension, such as file_storage, found %q", id)
	}
	return &client{turn: make(chan struct{}, 1), open: func(ctx context.Context) (storage.Client, error) {
		return extension.GetClient(ctx, kind, owner, "")
	}}, nil
}

func names(host component.Host) string {
	all := slices.Collect(maps.Keys(host.GetExtensions()))
	if len(all) == 0 {
		return "none"
	}
	var texts []string
	for _, id := range all {
		texts = append(texts, fmt.Sprintf("%q", id.String()))
	}
	slices.Sort(texts)
	return strings.Join(texts, ", ")
}
