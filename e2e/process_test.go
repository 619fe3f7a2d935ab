package e2e

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// process is a running gateway or worker.
type process struct {
	t     *testing.T
	name  string
	cmd   *exec.Cmd
	admin string // its admin address
	log   *logBuffer
	ended chan struct{}
	err   error // how it ended; read after ended is closed
}

// start runs a program with these settings, and shows its log if the test fails.
func start(t *testing.T, name string, args []string, env map[string]string) *process {
	t.Helper()
	return launch(t, name, exec.Command(filepath.Join(programs, name), args...), env)
}

// launch is start for a command that becomes the program.
func launch(t *testing.T, name string, cmd *exec.Cmd, env map[string]string) *process {
	t.Helper()
	p := &process{t: t, name: name, cmd: cmd, log: new(logBuffer), ended: make(chan struct{}), admin: env["PENSTOCK_ADMIN_LISTEN"]}
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	for k, v := range env {
		p.cmd.Env = append(p.cmd.Env, k+"="+v)
	}
	require.NoError(t, p.cmd.Start())
	go func() {
		p.err = p.cmd.Wait()
		close(p.ended)
	}()
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("log of %s:\n%s", name, p.log.tail())
		}
	})
	return p
}

// awaitReady waits until /readyz says that the process can do its job.
func (p *process) awaitReady() {
	p.t.Helper()
	ready := func() bool { return p.status("/readyz") == http.StatusOK }
	if !assert.Eventually(p.t, ready, 60*time.Second, 50*time.Millisecond) {
		_, why := p.get("/readyz")
		require.Fail(p.t, p.name+" is not ready", why)
	}
}

// status asks the admin listener; 0 when it does not answer.
func (p *process) status(path string) int {
	status, _ := p.get(path)
	return status
}

func (p *process) get(path string) (status int, body string) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.admin+path, nil)
	require.NoError(p.t, err)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, ""
	}
	defer func() { _ = res.Body.Close() }()
	text, _ := io.ReadAll(res.Body)
	return res.StatusCode, string(text)
}

// kill ends the process at once, as the kernel does when memory runs out.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.ended
}

// stop asks the process to stop, and requires that it does so cleanly.
func (p *process) stop() {
	p.t.Helper()
	require.NoError(p.t, p.cmd.Process.Signal(syscall.SIGTERM))
	select {
	case <-p.ended:
		require.NoError(p.t, p.err, "%s stopped with an error", p.name)
	case <-time.After(60 * time.Second):
		_ = p.cmd.Process.Signal(syscall.SIGQUIT) // its log ends with what it waits for
		<-p.ended
		require.Fail(p.t, "did not stop", p.name)
	}
}

// alive reports whether the process still runs.
func (p *process) alive() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// nextPort counts through 20000 to 24999, which lies below the ports that the system
// gives to outgoing connections: what is free now stays so until it is used. Runs
// side by side begin at different places.
var nextPort atomic.Uint32

// freeAddress returns a loopback address that nothing listens on, each time another.
func freeAddress(t *testing.T) string {
	t.Helper()
	nextPort.CompareAndSwap(0, uint32(os.Getpid())%5000*7)
	for range 100 {
		address := fmt.Sprintf("127.0.0.1:%d", 20000+nextPort.Add(1)%5000)
		l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", address)
		if err != nil {
			continue // somebody else's
		}
		require.NoError(t, l.Close())
		return address
	}
	require.Fail(t, "no free port")
	return ""
}

// logBuffer keeps what a process writes.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

func (l *logBuffer) tail() string {
	text := l.String()
	return text[max(0, len(text)-12_000):]
}

// containsLine reports whether a page has a line that starts with prefix.
func containsLine(page, prefix string) bool {
	return strings.HasPrefix(page, prefix) || strings.Contains(page, "\n"+prefix)
}
