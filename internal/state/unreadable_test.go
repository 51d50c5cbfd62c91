// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package state

import (
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// kept returns what a life leaves behind: series of every family, and two payloads.
func kept(t *testing.T) map[string][]byte {
	client := &memory{contents: map[string][]byte{}}
	l := begin(t, client, definitions())
	l.Restore(now())
	l.Begin(9)
	l.commit(rand.New(rand.NewPCG(1, 1)), 20)
	l.SaveDirty(now(), everything)
	_, ok := l.Save(nil, []byte("points"), []byte("more points"))
	require.True(t, ok)
	return client.contents
}

// restored counts the families that have series.
func (l *life) restored() int {
	n := 0
	for _, f := range l.families {
		if f.Series() > 0 {
			n++
		}
	}
	return n
}

// What a start waits does not depend on how long it has read with success before.
func TestPatienceIsForFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, failed := &memory{contents: kept(t)}, false
		client.failGet = func(key string) error {
			if key == headKey {
				time.Sleep(2 * time.Minute)
			}
			if key == blockKey("sum", 0) && !failed {
				failed = true
				return errors.New("connection reset by peer")
			}
			return nil
		}
		l := begin(t, client, definitions())
		_, payloads := l.Restore(now())
		assert.Equal(t, len(l.families), l.restored())
		assert.Len(t, payloads, 2)
		assert.Zero(t, l.failures)
	})
}

// A storage that cannot be read for some seconds, all of it or one record, costs nothing,
// however long it takes to fail.
func TestReadsAreTriedAgain(t *testing.T) {
	for _, key := range []string{headKey, blockKey("counter", 0), payloadKey(0), ""} {
		for _, took := range []time.Duration{0, 200 * time.Millisecond, 2 * time.Second} {
			synctest.Test(t, func(t *testing.T) {
				begun := time.Now()
				client := &memory{contents: kept(t)}
				client.failGet = func(k string) error {
					if (key == "" || k == key) && time.Since(begun) < 7*time.Second {
						time.Sleep(took)
						return errors.New("connection reset by peer")
					}
					return nil
				}
				l := begin(t, client, definitions())
				_, payloads := l.Restore(now())
				what := []any{"%q, fails after %s", key, took}
				assert.Equal(t, len(l.families), l.restored(), what...)
				assert.Len(t, payloads, 2, what...)
				assert.Zero(t, l.failures, what...)
				assert.Empty(t, l.statuses, what...)
			})
		}
	}
}

// What can still not be read then costs itself, and the start does not wait for each record.
func TestUnreadableRecords(t *testing.T) {
	for name, tc := range map[string]struct {
		key                string // "" is any, after the head
		took               time.Duration
		families, payloads int
		left               []uint64 // payloads, for the next start
		within             time.Duration
	}{
		"one block":                   {blockKey("counter", 0), 0, 9, 2, nil, 11 * time.Second},
		"one block, and that is slow": {blockKey("counter", 0), time.Second, 9, 2, nil, 12 * time.Second},
		"one payload":                 {payloadKey(0), 0, 10, 1, []uint64{0}, 11 * time.Second},
		"the head":                    {headKey, 0, 0, 0, nil, 11 * time.Second},
		"all but the head":            {"", 0, 0, 0, []uint64{0, 1}, 11 * time.Second},
		"all but the head, slowly":    {"", time.Second, 0, 0, []uint64{0, 1}, 23 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			client := &memory{contents: kept(t)}
			client.failGet = func(key string) error {
				if key == tc.key || tc.key == "" && key != headKey {
					time.Sleep(tc.took)
					return errors.New("no such page")
				}
				return nil
			}
			l, begun := begin(t, client, definitions()), time.Now()
			_, payloads := l.Restore(now())
			assert.Equal(t, tc.families, l.restored(), name)
			assert.Len(t, payloads, tc.payloads, name)
			assert.Less(t, time.Since(begun), tc.within, name)
			assert.Positive(t, l.failures, name)
			require.NotEmpty(t, l.statuses, name)
			require.ErrorContains(t, l.statuses[0], "the state cannot be read: no such page", name)
			assert.Equal(t, 1, l.logs.FilterMessageSnippet("not all that was kept can be read").Len(), name)
			assert.Equal(t, len(tc.left) > 0, l.logs.FilterMessageSnippet("wait for the next start").Len() > 0, name)

			// What comes now is kept, and nothing is left behind that nobody reads.
			l.Begin(10)
			l.Drop(numbers(payloads)...)
			l.commit(rand.New(rand.NewPCG(2, 2)), 20)
			require.True(t, l.SaveDirty(now(), everything), name)
			if tc.key != headKey { // which alone knows what there is
				for number := range uint64(2) {
					_, there := client.contents[payloadKey(number)]
					assert.Equal(t, slices.Contains(tc.left, number), there, "%s: payload %d", name, number)
				}
			}
			next := begin(t, &memory{contents: maps.Clone(client.contents)}, definitions())
			_, payloads = next.Restore(now())
			assert.Equal(t, 10, next.restored(), name)
			assert.Equal(t, tc.left, numbers(payloads), name)
		})
	}
}

func numbers(payloads []Payload) []uint64 {
	var all []uint64
	for _, p := range payloads {
		all = append(all, p.Number)
	}
	return all
}
