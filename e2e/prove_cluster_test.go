//go:build prove

package e2e

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// cluster is the three nodes that .ci/broker started. What fails in it fails the test.
type cluster struct {
	t     *testing.T
	names []string
}

func theCluster(t *testing.T) *cluster {
	t.Helper()
	return &cluster{t, []string{"prove1", "prove2", "prove3"}}
}

// run runs one command of .ci/broker.
func (c *cluster) run(args ...string) string {
	c.t.Helper()
	return c.output(exec.Command("../.ci/broker", args...))
}

// join starts an empty node, which joins the others as it did at first.
func (c *cluster) join(name string) {
	c.t.Helper()
	cmd := exec.Command("../.ci/broker", "up", name)
	cmd.Env = append(os.Environ(), "PENSTOCK_BROKER_CONF=../.run/broker/"+name+".join.conf")
	c.output(cmd)
}

func (c *cluster) output(cmd *exec.Cmd) string {
	c.t.Helper()
	out, err := cmd.Output()
	if exit, failed := err.(*exec.ExitError); failed { //nolint:errorlint // Output returns just this
		c.t.Logf("%s", exit.Stderr)
	}
	require.NoError(c.t, err, "%s", strings.Join(cmd.Args, " "))
	return string(out)
}

// ctl runs rabbitmqctl on the first node.
func (c *cluster) ctl(args ...string) string {
	c.t.Helper()
	return c.run(append([]string{"ctl", c.names[0]}, args...)...)
}

// each runs a command on all nodes at once.
func (c *cluster) each(command string) {
	c.t.Helper()
	var all sync.WaitGroup
	for _, name := range c.names {
		all.Go(func() { c.run(command, name) })
	}
	all.Wait()
}

// node returns the index of a node that RabbitMQ names, as in penstock-prove2@localhost.
func (c *cluster) node(name string) int {
	c.t.Helper()
	for i, n := range c.names {
		if name == "penstock-"+n+"@localhost" {
			return i
		}
	}
	require.Fail(c.t, "not a node of the cluster", name)
	return -1
}

func (c *cluster) signal(node int, s syscall.Signal) {
	c.t.Helper()
	pid, err := strconv.Atoi(strings.TrimSpace(c.run("pid", c.names[node])))
	require.NoError(c.t, err)
	require.NoError(c.t, syscall.Kill(pid, s))
}

// mend makes sure, at the end, that no fault stays behind for the next run.
func (c *cluster) mend() {
	for i, name := range c.names {
		if strings.TrimSpace(c.run("pid", name)) != "" {
			c.signal(i, syscall.SIGCONT)
		}
	}
	c.each("up")
	c.ctl("set_vm_memory_high_watermark", "0.4")
	c.ctl("set_disk_free_limit", "50MB")
}

// rest waits. A fault lasts as long as its row says: there is nothing to wait for.
func rest(d time.Duration) { <-time.After(d) }
