package amqptest

import (
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
func Private(t testing.TB, settings ...string) *Node {
	t.Helper()
	reserve(t)
	n := &Node{name: "faults", settings: filepath.Join(t.TempDir(), "more.conf")}
	require.NoError(t, os.WriteFile(n.settings, []byte(strings.Join(settings, "\n")+"\n"), 0o600))
	n.script(t, "wipe")
	n.Start(t)
	t.Cleanup(func() { n.script(t, "wipe") })
	return n
}

// Vhost makes a fresh virtual host on the node.
func (n *Node) Vhost(t testing.TB) *Vhost {
	t.Helper()
	return newVhost(t, n.address)
}

// Start starts the node, if it does not run, and waits until it is ready.
func (n *Node) Start(t testing.TB) {
	t.Helper()
	n.address = n.script(t, "up")
}

// Stop stops the node in good order.
func (n *Node) Stop(t testing.TB) {
	t.Helper()
	n.script(t, "down")
}

// Kill stops the node as a power cut does.
func (n *Node) Kill(t testing.TB) {
	t.Helper()
	n.script(t, "kill")
}

// Freeze stops the node's process without ending it: its connections stay open and
// nothing answers on them.
func (n *Node) Freeze(t testing.TB) { n.signal(t, syscall.SIGSTOP) }

// Thaw ends a Freeze.
func (n *Node) Thaw(t testing.TB) { n.signal(t, syscall.SIGCONT) }

// Alarm raises the memory alarm, or takes it back: no connection may publish.
func (n *Node) Alarm(t testing.TB, on bool) {
	t.Helper()
	watermark := "0.4"
	if on {
		watermark = "0.00001"
	}
	n.script(t, "ctl", "set_vm_memory_high_watermark", watermark)
}

func (n *Node) signal(t testing.TB, s syscall.Signal) {
	t.Helper()
	pid, err := strconv.Atoi(strings.TrimSpace(n.output(t, "pid")))
	require.NoError(t, err)
	require.NoError(t, syscall.Kill(pid, s))
}

// reserve holds a lock on the private node's name until the test ends.
func reserve(t testing.TB) {
	t.Helper()
	path, err := scriptPath()
	require.NoError(t, err)
	folder := filepath.Join(filepath.Dir(filepath.Dir(path)), ".run", "broker")
	require.NoError(t, os.MkdirAll(folder, 0o755))
	lock, err := os.OpenFile(filepath.Join(folder, "faults.reserved"), os.O_CREATE|os.O_RDWR, 0o644)
	require.NoError(t, err)
	t.Cleanup(func() { _ = lock.Close() })
	require.NoError(t, syscall.Flock(int(lock.Fd()), syscall.LOCK_EX))
}
