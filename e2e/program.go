// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// lookProgram returns the path of a program that is no part of this project's build.
// Without it the test is skipped, and says how to get it. A program in dist/bin goes
// before others.
func lookProgram(t *testing.T, name, howToGet string) string {
	t.Helper()
	own, err := filepath.Abs(filepath.Join(repository, "dist", "bin", name))
	require.NoError(t, err)
	for _, path := range []string{own, name, "/usr/sbin/" + name} { // sbin is not in everybody's PATH
		if found, err := exec.LookPath(path); err == nil {
			return found
		}
	}
	t.Skipf("no program %s in PATH (%s)", name, howToGet)
	return ""
}

// debian says how to get a Debian package.
func debian(name string) string {
	return "Debian: apt-get install " + name
}

// process is a running program.
type process struct {
	cmd     *exec.Cmd
	name    string
	output  *output
	exited  chan struct{} // closed when it has ended
	err     error         // how it ended, once exited is closed
	started time.Time
	ready   time.Time // when a Collector was seen to be; zero for other programs
}

// start starts a program, which runs until the test ends it or is over. What it said is
// shown if the test fails.
func start(t *testing.T, name string, cmd *exec.Cmd) *process {
	t.Helper()
	p := &process{cmd: cmd, name: name, output: &output{}, exited: make(chan struct{}), started: time.Now()}
	cmd.Stdout, cmd.Stderr = p.output, p.output
	endWithTests(cmd)
	require.NoError(t, cmd.Start())
	go func() {
		p.err = cmd.Wait()
		close(p.exited)
	}()
	t.Cleanup(func() {
		p.end()
		if t.Failed() {
			t.Logf("%s said:\n%s", p.name, p.output)
		}
	})
	return p
}

// waitFor waits until cond holds, which it cannot once the program has ended.
func (p *process) waitFor(t *testing.T, what string, cond func() bool) {
	t.Helper()
	waitFor(t, what, func() bool {
		select {
		case <-p.exited:
			require.FailNow(t, p.name+" ended", "%v", p.err)
		default:
		}
		return cond()
	})
}

// stop ends the program as an operator does. It must end in good order.
func (p *process) stop(t *testing.T) {
	t.Helper()
	p.signal(t, syscall.SIGTERM)
	p.join(t)
}

// signal sends a signal. A Collector (v0.158.0) asks for signals only after it has said that it
// is ready, and is killed by one that comes before; nothing tells when it has, so that it gets a
// second for it.
func (p *process) signal(t *testing.T, s syscall.Signal) {
	t.Helper()
	if !p.ready.IsZero() {
		waitFor(t, p.name+" to listen to signals", func() bool { return time.Since(p.ready) > time.Second })
	}
	require.NoError(t, p.cmd.Process.Signal(s))
}

// join waits until the program has ended by itself, in good order.
func (p *process) join(t *testing.T) {
	t.Helper()
	within(t, p.name+" to end", func() { <-p.exited })
	require.NoError(t, p.err, p.output)
}

// kill ends the program as a crash does.
func (p *process) kill(t *testing.T) {
	t.Helper()
	require.NoError(t, p.cmd.Process.Kill())
	within(t, p.name+" to be gone", func() { <-p.exited })
}

// end ends the process whatever it takes.
func (p *process) end() {
	select {
	case <-p.exited:
		return
	default:
	}
	// An error means that it has ended by itself just now.
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.exited:
	case <-time.After(patience):
		_ = p.cmd.Process.Kill()
		<-p.exited
	}
}

// create writes a file of a test, and returns its path.
func create(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}
