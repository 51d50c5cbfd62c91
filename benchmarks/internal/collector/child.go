// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package collector

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"time"
)

// Child is a Collector in a process of its own.
type Child struct {
	Variant

	command *exec.Cmd
	ask     io.WriteCloser
	answers *bufio.Scanner
	client  *client
	sent    int64 // passes over the requests
}

// Arguments are what makes this program call Serve.
type Arguments func(variant string, port int) []string

// Start starts the Collector of a variant, and returns when it runs. It tries three ports,
// since another program may take one before the Collector does.
func Start(v Variant, arguments Arguments) (c *Child, err error) {
	for range 3 {
		if c, err = start(v, arguments); err == nil {
			return c, nil
		}
	}
	return nil, err
}

func start(v Variant, arguments Arguments) (*Child, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	c := &Child{Variant: v, command: exec.Command(program, arguments(v.Name, port)...)}
	c.command.Stderr = os.Stderr
	if c.ask, err = c.command.StdinPipe(); err != nil {
		return nil, err
	}
	answers, err := c.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.answers = bufio.NewScanner(answers)
	if err := c.command.Start(); err != nil {
		return nil, err
	}
	if line, err := c.line(); err != nil || line != ready {
		return nil, errors.Join(fmt.Errorf("the Collector %q must say %q, found %q", v.Name, ready, line), err, c.end())
	}
	if c.client, err = newClient(port); err != nil {
		return nil, errors.Join(err, c.end())
	}
	return c, nil
}

// freePort returns a port that nobody listened on just now.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}

// Send has the Collector receive each request so many times, and returns the seconds of
// processor time that it used for that.
func (c *Child) Send(requests [][]byte, times int) (float64, error) {
	if _, err := c.asked(askBegin); err != nil {
		return 0, err
	}
	before, err := c.usage()
	if err != nil {
		return 0, err
	}
	for range times {
		for _, body := range requests {
			if err := c.client.export(context.Background(), body); err != nil {
				return 0, fmt.Errorf("the Collector %q: %w", c.Name, err)
			}
		}
		c.sent++
	}
	after, err := c.usage()
	if err != nil {
		return 0, err
	}
	if after <= before {
		return 0, fmt.Errorf("the Collector %q must use processor time, found none", c.Name)
	}
	return after - before, nil
}

// Sent returns how often all requests were sent.
func (c *Child) Sent() int64 {
	return c.sent
}

// Close shuts the Collector down and returns what left it.
func (c *Child) Close() (Totals, error) {
	var totals Totals
	err := c.client.close()
	line, askErr := c.asked(askFinish)
	if askErr == nil {
		askErr = json.Unmarshal([]byte(line), &totals)
	}
	return totals, errors.Join(err, askErr, c.end())
}

// end waits for the process, which ends when its input does, and ends it if it does not.
func (c *Child) end() error {
	err := c.ask.Close()
	done := make(chan error, 1)
	go func() { done <- c.command.Wait() }()
	select {
	case waitErr := <-done:
		return errors.Join(err, waitErr)
	case <-time.After(2 * patience):
		return errors.Join(err, c.command.Process.Kill(), <-done)
	}
}

func (c *Child) usage() (float64, error) {
	line, err := c.asked(askUsage)
	if err != nil {
		return 0, err
	}
	return strconv.ParseFloat(line, 64)
}

func (c *Child) asked(question string) (string, error) {
	if _, err := fmt.Fprintln(c.ask, question); err != nil {
		return "", fmt.Errorf("the Collector %q is asked %q: %w", c.Name, question, err)
	}
	return c.line()
}

func (c *Child) line() (string, error) {
	if c.answers.Scan() {
		return c.answers.Text(), nil
	}
	if err := c.answers.Err(); err != nil {
		return "", err
	}
	return "", fmt.Errorf("the Collector %q ended too early", c.Name)
}
