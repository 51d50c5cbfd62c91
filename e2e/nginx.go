// Copyright The annotation_metrics Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// nginx is a running web server with two access logs: one of JSON, as examples/nginx has
// it, and one in combined format.
type nginx struct {
	*process
	address          string
	jsonLog, textLog string
	probes           float64 // requests before it was said to run
}

// nginxConfig is all that the server reads. It writes nothing outside its folder.
const nginxConfig = `
%[1]s
daemon off;
master_process on;
worker_processes 2;
pid %[2]s/nginx.pid;
error_log %[2]s/error.log warn;
events { worker_connections 64; }
http {
    include %[3]s;
    access_log %[2]s/access.log json;
    access_log %[2]s/combined.log combined;
    client_body_temp_path %[2]s/body;
    proxy_temp_path %[2]s/proxy;
    fastcgi_temp_path %[2]s/fastcgi;
    uwsgi_temp_path %[2]s/uwsgi;
    scgi_temp_path %[2]s/scgi;
    keepalive_requests 200; # so that connections are made anew, too
    server {
        listen %[4]s;
        root %[2]s/files;
        location = / { return 200 "a front page\n"; }
        log_not_found off; # what is asked for and not there is no error of the server
        location /products/ { try_files /product.html =404; }
        location /orders { proxy_pass http://%[5]s; }
        location = /slow { limit_rate 500k; try_files /slow.bin =404; }
    }
}
`

// runNginx runs a server that asks upstream about orders, until the test ends. Without the
// program the test is skipped.
func runNginx(t *testing.T, upstream string) *nginx {
	t.Helper()
	program := lookProgram(t, "nginx", debian("nginx-light"))
	dir := t.TempDir()
	files := filepath.Join(dir, "files")
	require.NoError(t, os.Mkdir(files, 0o700))
	create(t, files, "product.html", strings.Repeat("<p>a product</p>\n", 200))
	create(t, files, "slow.bin", strings.Repeat("x", 30_000))
	format, err := filepath.Abs(filepath.Join(repository, "examples", "nginx", "json-log.conf"))
	require.NoError(t, err)
	// The workers of a server that root starts have another user, who may not enter the
	// test's folder.
	userLine := ""
	if me, err := user.Current(); err == nil && me.Uid == "0" {
		userLine = "user root;"
	}
	s := &nginx{
		address: loopback(freePort(t)),
		jsonLog: filepath.Join(dir, "access.log"), textLog: filepath.Join(dir, "combined.log"),
	}
	config := create(t, dir, "nginx.conf", fmt.Sprintf(nginxConfig, userLine, dir, format, s.address, upstream))
	s.process = start(t, "nginx", exec.Command(program, "-e", filepath.Join(dir, "error.log"), "-p", dir, "-c", config))
	t.Cleanup(func() {
		if t.Failed() {
			text, err := os.ReadFile(filepath.Join(dir, "error.log"))
			t.Logf("nginx's error log: %s %v", text, err)
		}
	})
	s.waitFor(t, "nginx to answer", func() bool {
		status, _, err := get(t, "http://"+s.address+"/")
		if err == nil {
			s.probes++
		}
		return err == nil && status == http.StatusOK
	})
	return s
}

// rotate does what logrotate does: it renames the JSON log and has the server open its
// logs anew. Those that were renamed before are counted up.
func (s *nginx) rotate(t *testing.T, generations int) {
	t.Helper()
	for n := generations; n > 0; n-- {
		older := func(n int) string { return s.jsonLog + "." + strconv.Itoa(n) }
		if err := os.Rename(older(n), older(n+1)); !os.IsNotExist(err) {
			require.NoError(t, err)
		}
	}
	require.NoError(t, os.Rename(s.jsonLog, s.jsonLog+".1"))
	require.NoError(t, s.cmd.Process.Signal(syscall.SIGUSR1))
	s.waitFor(t, "nginx to open its log anew", func() bool {
		_, err := os.Stat(s.jsonLog)
		return err == nil
	})
}

// quit ends the server when it has answered all requests.
func (s *nginx) quit(t *testing.T) {
	t.Helper()
	require.NoError(t, s.cmd.Process.Signal(syscall.SIGQUIT))
	s.join(t)
}
