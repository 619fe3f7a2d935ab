//go:build memory

package e2e

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"
)

// chartValues are the values of the chart that say what containers may take.
type chartValues struct {
	Gateway        chartPart
	WorkerDefaults chartPart `yaml:"workerDefaults"`
	Tracker        chartPart
}

type chartPart struct {
	Resources struct{ Limits struct{ Memory string } }
}

// chartLimit returns how many bytes of memory the chart gives a process: gateway, deliver or
// track.
func chartLimit(t *testing.T, process string) int64 {
	t.Helper()
	text, err := os.ReadFile("../charts/penstock/values.yaml")
	require.NoError(t, err)
	var v chartValues
	require.NoError(t, yaml.Unmarshal(text, &v))
	part := map[string]chartPart{"gateway": v.Gateway, "deliver": v.WorkerDefaults, "track": v.Tracker}[process]
	limit, err := humanize.ParseBytes(part.Resources.Limits.Memory)
	require.NoError(t, err)
	return int64(limit)
}

// short reports whether only a few of the worst inputs are sent.
func short() bool { return os.Getenv("PENSTOCK_MEMORY_SHORT") != "" }

// cage is a control group with a limit of memory. The kernel kills what exceeds it.
type cage struct {
	t      *testing.T
	folder string
	kills  string // the file that counts them
	peak   string // the file of the most memory that was used
}

var cages atomic.Int64

// newCage makes a control group of version 2 or 1, whichever limits memory here.
func newCage(t *testing.T, limit int64) *cage {
	t.Helper()
	name := fmt.Sprintf("penstock-memory-%d-%d", os.Getpid(), cages.Add(1))
	v1, v2 := "/sys/fs/cgroup/memory", "/sys/fs/cgroup"
	c := &cage{t: t, folder: filepath.Join(v2, name), kills: "memory.events", peak: "memory.peak"}
	limits := map[string]string{"memory.max": strconv.FormatInt(limit, 10), "memory.swap.max": "0"}
	if _, err := os.Stat(filepath.Join(v1, "memory.limit_in_bytes")); err == nil {
		c.folder, c.kills, c.peak = filepath.Join(v1, name), "memory.oom_control", "memory.max_usage_in_bytes"
		limits = map[string]string{"memory.limit_in_bytes": strconv.FormatInt(limit, 10)}
	} else {
		_ = os.WriteFile(filepath.Join(v2, "cgroup.subtree_control"), []byte("+memory"), 0o644) // it may be there already
	}
	const needs = "make test-memory makes control groups with a limit of memory, which needs root and a /sys/fs/cgroup that can be written to"
	require.NoError(t, os.Mkdir(c.folder, 0o755), needs)
	t.Cleanup(func() {
		require.Eventually(t, func() bool { return os.Remove(c.folder) == nil }, 10*time.Second, 20*time.Millisecond, "the control group stays")
	})
	for file, text := range limits {
		err := os.WriteFile(filepath.Join(c.folder, file), []byte(text), 0o644)
		if file != "memory.swap.max" { // there may be no swap
			require.NoError(t, err, needs)
		}
	}
	return c
}

// command is a command in the cage. The process that starts it becomes it.
func (c *cage) command(name string, args ...string) *exec.Cmd {
	enter := `echo $$ >"$1" && shift && exec "$@"`
	all := []string{"-c", enter, "cage", filepath.Join(c.folder, "cgroup.procs"), filepath.Join(programs, name)}
	return exec.Command("sh", append(all, args...)...)
}

// killed returns how many processes the kernel has killed in the cage.
func (c *cage) killed() int {
	c.t.Helper()
	for line := range strings.Lines(c.read(c.kills)) {
		if text, found := strings.CutPrefix(line, "oom_kill "); found {
			n, err := strconv.Atoi(strings.TrimSpace(text))
			require.NoError(c.t, err)
			return n
		}
	}
	require.Fail(c.t, "the kernel counts no kills", c.read(c.kills))
	return 0
}

// most returns the most memory that was in use in the cage, in bytes; 0 where the kernel
// does not say.
func (c *cage) most() int {
	n, _ := strconv.Atoi(strings.TrimSpace(c.read(c.peak)))
	return n
}

func (c *cage) read(file string) string {
	text, _ := os.ReadFile(filepath.Join(c.folder, file))
	return string(text)
}

// prisoner is a program in a cage, that is started again whenever it ends, as an
// orchestrator does.
type prisoner struct {
	*cage
	name   string
	args   []string
	env    map[string]string
	mu     sync.Mutex
	now    *process
	starts int
	stop   chan struct{}
	over   chan struct{}
}

// imprison runs a program in a cage of its own until the test ends.
func (s *stack) imprison(limit int64, name string, args []string, env map[string]string) *prisoner {
	s.t.Helper()
	p := &prisoner{
		cage: newCage(s.t, limit), name: name, args: args, env: s.settings(env), stop: make(chan struct{}), over: make(chan struct{}),
	}
	p.launch()
	go p.watch()
	s.t.Cleanup(func() {
		close(p.stop)
		<-p.over
		p.current().kill()
	})
	ready := func() bool { return p.current().status("/readyz") == http.StatusOK }
	require.Eventually(s.t, ready, 3*time.Minute, 50*time.Millisecond, "%s is not ready: it declares what all its routes need", name)
	return p
}

func (p *prisoner) launch() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now = launch(p.t, p.name, p.command(p.name, p.args...), p.env)
	p.starts++
}

func (p *prisoner) current() *process {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now
}

func (p *prisoner) watch() {
	defer close(p.over)
	for {
		select {
		case <-p.stop:
			return
		case <-p.current().ended:
			p.launch()
		}
	}
}

// requireUnharmed requires that the process was never killed, nor ended otherwise.
func (p *prisoner) requireUnharmed() {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.t.Logf("%s: %d kills, %d starts, at most %d MiB in use", p.name, p.killed(), p.starts, p.most()>>20)
	require.Zero(p.t, p.killed(), "the kernel killed it for its memory")
	require.Equal(p.t, 1, p.starts, "it ended by itself")
}
