//go:build docs

package docs_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// shell runs blocks as one shell would: what is exported, and the folder, last.
type shell struct {
	folder  string // the repository
	state   string // a file with what was exported
	running map[string]bool
	first   []byte // the configuration as the installation began with it
}

func startShell(t *testing.T) *shell {
	t.Helper()
	folder, err := filepath.Abs(root)
	require.NoError(t, err)
	return &shell{folder: folder, state: filepath.Join(t.TempDir(), "exported"), running: map[string]bool{}}
}

// script puts a block into what makes single blocks one session.
func (s *shell) script(text string) string {
	return "set -euo pipefail\n[ ! -f " + s.state + " ] || . " + s.state + "\ntrap 'code=$?; export -p >" + s.state + "; exit $code' EXIT\n" + text
}

// run runs a block to its end, and returns its results, what else it said, and its exit
// code. Pages show results: what goes to standard output.
func (s *shell) run(t *testing.T, text string) (results, said string, code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	cmd := s.command(ctx, s.script(text))
	var out, told bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &told
	err := cmd.Run()
	require.NoError(t, ctx.Err(), "it takes for ever, after printing:\n%s%s", &out, &told)
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
		require.NoError(t, err)
	}
	return out.String(), told.String(), cmd.ProcessState.ExitCode()
}

// command makes a bash that is ended together with all that it started.
func (s *shell) command(ctx context.Context, text string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "bash", "-c", text)
	cmd.Dir = s.folder
	cmd.Env = append(os.Environ(), "NO_COLOR=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) }
	cmd.WaitDelay = time.Minute
	return cmd
}

// leaveRunning starts a block that goes on, and waits for what it prints. It ends with
// the page; make run, which every page needs, ends with the walk.
func (s *shell) leaveRunning(t *testing.T, b *block) {
	t.Helper()
	if s.running[b.text] {
		return
	}
	cmd := s.command(context.WithoutCancel(t.Context()), s.script(b.text))
	out, in, err := os.Pipe()
	require.NoError(t, err)
	cmd.Stdout, cmd.Stderr = in, in
	require.NoError(t, cmd.Start())
	require.NoError(t, in.Close())
	if strings.TrimSpace(b.text) == "make run" {
		s.running[b.text] = true
		atTheEnd = append(atTheEnd, func() { end(cmd) })
	} else {
		t.Cleanup(func() { end(cmd) })
	}
	var printed transcript
	go printed.copy(out)
	require.Eventually(t, func() bool { return strings.Contains(printed.String(), b.argument) }, 5*time.Minute, 100*time.Millisecond,
		"%s never prints %q, but\n%s", b, b.argument, &printed)
}

// atTheEnd stops what goes on over all pages.
var atTheEnd []func()

func TestMain(m *testing.M) {
	code := m.Run()
	for _, stop := range atTheEnd {
		stop()
	}
	os.Exit(code)
}

func end(cmd *exec.Cmd) {
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGINT)
	_ = cmd.Wait()
}

// transcript is what a process has printed so far.
type transcript struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (t *transcript) copy(from *os.File) {
	lines := bufio.NewScanner(from)
	for lines.Scan() {
		t.mu.Lock()
		t.text.WriteString(lines.Text() + "\n")
		t.mu.Unlock()
	}
}

func (t *transcript) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}

// restore gives the installation its first configuration back, and a fresh shell.
func (s *shell) restore(t *testing.T) {
	t.Helper()
	_ = os.Remove(s.state)
	path := filepath.Join(s.folder, configuration)
	now, err := os.ReadFile(path)
	require.NoError(t, err)
	if s.first == nil {
		s.first = now
	}
	if !bytes.Equal(now, s.first) {
		configure(t, path, s.first)
	}
}

// configure writes the configuration, and waits until every process has taken it.
func configure(t *testing.T, path string, text []byte) {
	t.Helper()
	written := time.Now()
	require.NoError(t, os.WriteFile(path+".new", text, 0o600))
	require.NoError(t, os.Rename(path+".new", path))
	require.Eventually(t, func() bool {
		for _, read := range inForceSince(t) {
			if read.Before(written) {
				return false
			}
		}
		return true
	}, time.Minute, 100*time.Millisecond, "the configuration was not taken:\n%s", text)
}

// admin is where the processes say when they read the configuration that is in force.
var admin = [...]string{"127.0.0.1:9090", "127.0.0.1:9091", "127.0.0.1:9092"}

func inForceSince(t *testing.T) (times [len(admin)]time.Time) {
	t.Helper()
	for i, address := range admin {
		response, err := http.Get("http://" + address + "/metrics")
		if err != nil {
			continue // not up yet
		}
		lines := bufio.NewScanner(response.Body)
		for lines.Scan() {
			if value, is := strings.CutPrefix(lines.Text(), "penstock_config_read_time_seconds "); is {
				seconds, err := strconv.ParseFloat(value, 64)
				require.NoError(t, err)
				times[i] = time.UnixMicro(int64(seconds * 1e6))
			}
		}
		_ = response.Body.Close()
	}
	return times
}
