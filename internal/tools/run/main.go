// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

// Command run starts a Collector for `make run`: it prints a hint once the Collector is ready, and
// it stops the Collector, however it is told to stop itself.
//
// Usage: run -binary PATH -config PATH [-hint PATH]
package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// readyText is what the Collector logs when all its components have started.
	readyText = "Everything is ready."

	// grace is how long the Collector may take to stop before it is killed.
	grace = 30 * time.Second
)

// portTaken matches the error of a component that cannot listen.
var portTaken = regexp.MustCompile(`listen tcp[46]? (\S+): bind: address already in use`)

func main() {
	binary := flag.String("binary", "", "the Collector to run")
	config := flag.String("config", "", "its configuration")
	hint := flag.String("hint", "", "a text file to print when the Collector is ready")
	flag.Parse()

	code, err := run(*binary, *config, *hint)
	if err != nil {
		fmt.Fprintln(os.Stderr, "run:", err)
	}
	os.Exit(code)
}

// run returns the Collector's exit status. It is 0 when the Collector was told to stop and did.
func run(binary, config, hintPath string) (int, error) {
	var hint []byte
	if hintPath != "" {
		var err error
		if hint, err = os.ReadFile(hintPath); err != nil {
			return 1, err
		}
	}

	parent := os.Getppid()
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer takeTerminal()()

	cmd := exec.Command(binary, "--config", config) //nolint:gosec // the caller chooses what to run
	cmd.Stdout = os.Stdout
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return 1, err
	}
	if err = cmd.Start(); err != nil {
		return 1, err
	}

	var taken []string
	done := make(chan error, 1)
	go func() {
		taken = follow(stderr, hint)
		done <- cmd.Wait()
	}()

	// make does not tell its children when it is killed: look who the parent is.
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	stopping := false
	stop := func() {
		if stopping {
			return
		}
		stopping = true
		_ = cmd.Process.Signal(syscall.SIGTERM)
		time.AfterFunc(grace, func() { _ = cmd.Process.Kill() })
	}
	for {
		select {
		case <-signals:
			stop()
		case <-ticker.C:
			if os.Getppid() != parent {
				stop()
			}
		case err = <-done:
			if len(taken) > 0 {
				fmt.Fprintf(os.Stderr, "\nPort taken: %s. Stop the program that listens there (is another `make run` still up?),\n"+
					"or change the port in %s.\n", strings.Join(taken, ", "), config)
			}
			var exit *exec.ExitError
			switch {
			case err == nil:
				return 0, nil
			case !errors.As(err, &exit):
				return 1, err
			case exit.Exited():
				return exit.ExitCode(), nil
			default:
				return 1, fmt.Errorf("the Collector ended: %w", exit)
			}
		}
	}
}

// follow copies the Collector's log, prints the hint below the line that says it is ready, and
// returns the addresses that were already in use.
func follow(log io.Reader, hint []byte) (taken []string) {
	lines := bufio.NewReader(log)
	for {
		line, err := lines.ReadString('\n')
		_, _ = os.Stderr.WriteString(line)
		if hint != nil && strings.Contains(line, readyText) {
			_, _ = os.Stdout.Write(hint)
			hint = nil
		}
		if match := portTaken.FindStringSubmatch(line); len(match) == 2 && !slices.Contains(taken, match[1]) {
			taken = append(taken, match[1])
		}
		if err != nil {
			return taken
		}
	}
}

// takeTerminal makes this process and the Collector a process group of their own in the foreground
// of the terminal, and returns what gives the terminal back. Ctrl-C then reaches them and not make,
// which would report an error though nothing went wrong. Without a terminal it does nothing.
func takeTerminal() (giveBack func()) {
	giveBack = func() {}
	tty := int(os.Stdin.Fd())
	owner, err := unix.IoctlGetInt(tty, unix.TIOCGPGRP)
	if err != nil || owner != unix.Getpgrp() {
		return giveBack // no terminal, or started in the background
	}
	if err = unix.Setpgid(0, 0); err != nil {
		return giveBack
	}
	// SIGTTOU would stop a background process that changes the foreground group. SIGTSTP, Ctrl-Z,
	// would stop this group while the user's shell waits for make, which runs on.
	signal.Ignore(syscall.SIGTTOU, syscall.SIGTSTP)
	if err = unix.IoctlSetPointerInt(tty, unix.TIOCSPGRP, unix.Getpgrp()); err != nil {
		return giveBack
	}
	return func() { _ = unix.IoctlSetPointerInt(tty, unix.TIOCSPGRP, owner) }
}
