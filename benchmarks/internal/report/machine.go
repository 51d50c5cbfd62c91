// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"context"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
)

// Machine is where and of what a run was made.
type Machine struct {
	CPU, Kernel, Commit string
	Peers               string // their versions
}

const unknown = "unknown"

// ThisMachine describes the machine and the checkout in whose folder this runs.
func ThisMachine(ctx context.Context) Machine {
	return Machine{CPU: cpu(), Kernel: kernel(), Commit: commit(ctx), Peers: peers()}
}

func (m Machine) rows() [][2]string {
	return [][2]string{
		{"CPU", m.CPU},
		{"cores", strconv.Itoa(runtime.GOMAXPROCS(0))},
		{"OS", runtime.GOOS + "/" + runtime.GOARCH + ", " + m.Kernel},
		{"Go", runtime.Version()},
		{"commit", m.Commit},
		{"peers", m.Peers},
	}
}

// peers returns the versions that this program was built with.
func peers() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return unknown
	}
	const contrib = "github.com/open-telemetry/opentelemetry-collector-contrib/"
	var versions []string
	for _, module := range info.Deps {
		for path, name := range map[string]string{
			"connector/signaltometricsconnector": "signal_to_metrics",
			"connector/countconnector":           "count",
			"pkg/ottl":                           "OTTL",
		} {
			if module.Path == contrib+path {
				versions = append(versions, name+" "+module.Version)
			}
		}
	}
	return strings.Join(versions, ", ")
}

func cpu() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return unknown
	}
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return unknown
}

func kernel() string {
	text, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return unknown
	}
	return strings.TrimSpace(string(text))
}

// commit returns the commit that is checked out, and says if files differ from it.
func commit(ctx context.Context) string {
	head, err := exec.CommandContext(ctx, "git", "rev-parse", "--short=12", "HEAD").Output()
	if err != nil {
		return unknown
	}
	status, err := exec.CommandContext(ctx, "git", "status", "--porcelain", "--untracked-files=no").Output()
	if err != nil {
		return unknown
	}
	text := strings.TrimSpace(string(head))
	if len(status) > 0 {
		text += ", with changes that are not committed"
	}
	return text
}
