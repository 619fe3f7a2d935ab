package amqptest

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// Node is a broker that one test has to itself. Its methods fail the test, and are
// not safe for concurrent use.
type Node struct {
	name     string
	settings string // the path of a file
	address  address
}

// Private starts a broker of the test's own, and removes it when the test ends. Tests
// that want one wait for each other, across processes. The settings are lines of a
// rabbitmq.conf.
func Private(tb testing.TB, settings ...string) *Node {
	tb.Helper()
	reserve(tb)
	n := &Node{name: "faults", settings: filepath.Join(tb.TempDir(), "more.conf")}
	require.NoError(tb, os.WriteFile(n.settings, []byte(strings.Join(settings, "\n")+"\n"), 0o600))
	n.script(tb, "wipe")
	n.Start(tb)
	tb.Cleanup(func() { n.script(tb, "wipe") })
	return n
}

// Vhost makes a fresh virtual host on the node.
func (n *Node) Vhost(tb testing.TB) *Vhost {
	tb.Helper()
	return newVhost(tb, n.address)
}

// Start starts the node, if it does not run, and waits until it is ready.
func (n *Node) Start(tb testing.TB) {
	tb.Helper()
	n.address = n.script(tb, "up")
}

// Stop stops the node in good order.
func (n *Node) Stop(tb testing.TB) {
	tb.Helper()
	n.script(tb, "down")
}

// Kill stops the node as a power cut does.
func (n *Node) Kill(tb testing.TB) {
	tb.Helper()
	n.script(tb, "kill")
}

// Freeze stops the node's process without ending it: its connections stay open and
// nothing answers on them.
func (n *Node) Freeze(tb testing.TB) {
	tb.Helper()
	n.signal(tb, syscall.SIGSTOP)
}

// Thaw ends a Freeze.
func (n *Node) Thaw(tb testing.TB) {
	tb.Helper()
	n.signal(tb, syscall.SIGCONT)
}

// Alarm raises the memory alarm, or takes it back: no connection may publish.
func (n *Node) Alarm(tb testing.TB, on bool) {
	tb.Helper()
	watermark := "0.4"
	if on {
		watermark = "0.00001"
	}
	n.script(tb, "ctl", "set_vm_memory_high_watermark", watermark)
}

// Suspend stops a quorum queue's own process, or lets it go on: the queue takes and answers
// nothing, while the rest of the node works. So does a queue whose members have no majority.
func (n *Node) Suspend(tb testing.TB, v *Vhost, queue string, on bool) {
	tb.Helper()
	what := "resume"
	if on {
		what = "suspend"
	}
	require.Equal(tb, "ok", strings.TrimSpace(n.output(tb, "ctl", "eval", fmt.Sprintf("sys:%s('%s_%s').", what, v.Name, queue))))
}

func (n *Node) signal(tb testing.TB, s syscall.Signal) {
	tb.Helper()
	pid, err := strconv.Atoi(strings.TrimSpace(n.output(tb, "pid")))
	require.NoError(tb, err)
	require.NoError(tb, syscall.Kill(pid, s))
}

// reserve holds a lock on the private node's name until the test ends.
func reserve(tb testing.TB) {
	tb.Helper()
	path, err := scriptPath()
	require.NoError(tb, err)
	folder := filepath.Join(filepath.Dir(filepath.Dir(path)), ".run", "broker")
	require.NoError(tb, os.MkdirAll(folder, 0o750))
	lock, err := os.OpenFile(filepath.Join(folder, "faults.reserved"), os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // a path of ours
	require.NoError(tb, err)
	tb.Cleanup(func() { _ = lock.Close() })
	require.NoError(tb, syscall.Flock(int(lock.Fd()), syscall.LOCK_EX))
}
