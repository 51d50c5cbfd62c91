// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"
)

// rewrite changes every record of a database.
func rewrite(t *testing.T, path string, change func(key string, record []byte) []byte) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, nil)
	require.NoError(t, err)
	n := 0
	require.NoError(t, db.Update(func(tx *bbolt.Tx) error {
		b := tx.Bucket([]byte("default"))
		all := map[string][]byte{}
		if err := b.ForEach(func(k, v []byte) error { all[string(k)] = bytes.Clone(v); return nil }); err != nil {
			return err
		}
		for k, v := range all {
			n++
			if err := b.Put([]byte(k), change(k, v)); err != nil {
				return err
			}
		}
		return nil
	}))
	require.NoError(t, db.Close())
	require.GreaterOrEqual(t, n, 2, "a head and a block")
}

// Whatever is where the state should be, the Collector starts, and metrics flow.
func TestUnusableStorage(t *testing.T) {
	garbage := make([]byte, 64<<10)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range garbage {
		garbage[i] = byte(r.Uint32())
	}
	for name, tc := range map[string]struct {
		prepare  func(t *testing.T, s *stored, path string)
		failures bool // writes fail, too
	}{
		"random bytes": {func(t *testing.T, _ *stored, path string) {
			require.NoError(t, os.WriteFile(path, garbage, 0o600))
		}, true},
		"records of random bytes": {func(t *testing.T, _ *stored, path string) {
			rewrite(t, path, func(_ string, record []byte) []byte { return garbage[:len(record)] })
		}, false},
		"records of a newer version": {func(t *testing.T, _ *stored, path string) {
			rewrite(t, path, func(_ string, record []byte) []byte { record[0] = 200; return record })
		}, false},
		"a database of somebody else": {func(t *testing.T, _ *stored, path string) {
			require.NoError(t, os.Remove(path))
			db, err := bbolt.Open(path, 0o600, nil)
			require.NoError(t, err)
			require.NoError(t, db.Update(func(tx *bbolt.Tx) error {
				b, err := tx.CreateBucket([]byte("foreign"))
				if err != nil {
					return err
				}
				return b.Put([]byte("head"), []byte("something else"))
			}))
			require.NoError(t, db.Close())
		}, false},
		"a folder in place of the file": {func(t *testing.T, _ *stored, path string) {
			require.NoError(t, os.RemoveAll(path))
			require.NoError(t, os.Mkdir(path, 0o700))
		}, true},
		"a full disk": {func(t *testing.T, s *stored, _ string) {
			if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=40k", "tmpfs", s.folder).CombinedOutput(); err != nil {
				t.Skipf("no tmpfs can be mounted here: %s", out)
			}
			t.Cleanup(func() { require.NoError(t, exec.Command("umount", "-l", s.folder).Run()) })
			require.NoError(t, os.WriteFile(filepath.Join(s.folder, "filler"), make([]byte, 36<<10), 0o600))
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStored(t)
			c := s.run(t, storedAnnotations)
			s.send(t, 3)
			s.waitForCumulative(t, "same", 3)
			c.stop(t)
			s.sink.clear()
			entries, err := os.ReadDir(s.folder)
			require.NoError(t, err)
			require.NotEmpty(t, entries)
			for _, e := range entries {
				tc.prepare(t, s, filepath.Join(s.folder, e.Name()))
				if name == "a full disk" {
					break
				}
			}
			port, health := freePort(t), freePort(t)
			c = s.run(t, storedAnnotations, pullSelfMetrics(port),
				fmt.Sprintf("extensions: {health_check: {endpoint: '%s'}}", loopback(health)), "service::extensions: [file_storage, health_check]")
			s.send(t, 2)
			waitFor(t, "metrics", func() bool { v := s.cumulative("same").value; return v == 2 || v == 5 }, s.sink.String)
			self := scrape(t, port)
			failures := self.sum(self.self(t, "storage_failures"))
			t.Logf("value %v, storage failures %v", s.cumulative("same").value, failures)
			if tc.failures {
				require.Positive(t, failures)
				require.Contains(t, c.output.String(), "the state cannot be saved")
			}
			c.stop(t)
			requireOneLife(t, s.of("same", false))
		})
	}
}
