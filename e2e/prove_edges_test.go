//go:build prove

package e2e

import (
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
)

// edgeFaults strike at what surrounds an installation: clocks, names, disks, machines.
var edgeFaults = []fault{
	{name: "the clock of a deliverer 150 s behind", sender: "Nothing.", prepare: buildSkewed, strike: skewBy(-150)},
	{name: "the clock of a deliverer 150 s ahead", sender: "Nothing.", prepare: buildSkewed, strike: skewBy(150)},
	{name: "the name of a destination comes and goes (DNS)", sender: "Nothing. Attempts without an address are tried again.", heals: time.Minute, strike: flapName},
	{name: "the tracker's SQLite file is corrupt", sender: "Nothing.", strike: corruptStore},
	{name: "a node replaced by an empty one", sender: "Most requests wait a moment for a new leader; some get 503.", heals: time.Minute, strike: replaceNode},
}

// skewed is the folder of the programs whose clock is off by CLOCK_SKEW seconds.
const skewed = "skewed"

// buildSkewed builds them with another package time. A process cannot be given another clock
// from outside: Go reads it without a system call.
func buildSkewed(s *site) {
	folder := filepath.Join(programs, skewed)
	if _, err := os.Stat(folder); err == nil {
		return
	}
	root, err := exec.Command("go", "env", "GOROOT").Output()
	require.NoError(s.t, err)
	original := filepath.Join(strings.TrimSpace(string(root)), "src/time/time.go")
	text, err := os.ReadFile(original)
	require.NoError(s.t, err)
	const before, after = "	sec, nsec, mono := runtimeNow()\n", "	sec += skew\n"
	require.Contains(s.t, string(text), before)
	changed := strings.Replace(string(text), before, before+after, 1) + `
var skew = func() (seconds int64) {
	text, _ := syscall.Getenv("CLOCK_SKEW")
	sign := int64(1)
	for _, c := range text {
		if c == '-' {
			sign = -1
		} else {
			seconds = 10*seconds + int64(c-'0')
		}
	}
	return sign * seconds
}()
`
	changed = strings.Replace(changed, "import (\n", "import (\n\t\"syscall\"\n", 1)
	dir := s.t.TempDir()
	require.NoError(s.t, os.WriteFile(filepath.Join(dir, "time.go"), []byte(changed), 0o600))
	overlay := filepath.Join(dir, "overlay.json")
	require.NoError(s.t, os.WriteFile(overlay, fmt.Appendf(nil, `{"Replace": {%q: %q}}`, original, filepath.Join(dir, "time.go")), 0o600))
	require.NoError(s.t, build(folder, []string{"-overlay", overlay}))
}

// skewBy lets one deliverer work with a wrong clock for longer than the ledger takes to judge.
func skewBy(seconds int) func(*site, *traffic) time.Time {
	return func(s *site, _ *traffic) time.Time {
		s.deliverers[0].stop()
		p := start(s.t, filepath.Join(skewed, "worker"), []string{"deliver"}, s.settings(map[string]string{"CLOCK_SKEW": strconv.Itoa(seconds)}))
		p.awaitReady()
		s.deliverers[0] = p
		rest(70 * time.Second)
		p.stop()
		s.startDeliverer(0)
		return time.Now()
	}
}

// flapName gives the destination a name that only a file of ours resolves, and takes it away
// and back again.
func flapName(s *site, _ *traffic) time.Time {
	u, err := url.Parse(s.receiver.server.URL)
	require.NoError(s.t, err)
	hosts := filepath.Join(s.t.TempDir(), "hosts")
	resolve := func(on bool) {
		text := "127.0.0.1 localhost\n"
		if on {
			text += "127.0.0.1 receiver.test\n"
		}
		require.NoError(s.t, os.WriteFile(hosts, []byte(text), 0o644)) // the same file: it is mounted
	}
	resolve(true)
	s.configure(strings.ReplaceAll(plain, "RECEIVER", "http://receiver.test:"+u.Port()))
	for i := range instances {
		s.deliverers[i].stop()
		env := s.settings(nil)
		cmd := exec.Command("unshare", "--mount", "sh", "-c", `mount --bind "$1" /etc/hosts && shift && exec "$@"`, "sh", hosts, filepath.Join(programs, "worker"), "deliver")
		s.deliverers[i] = launch(s.t, "worker", cmd, env)
		s.deliverers[i].awaitReady()
	}
	for range 4 {
		resolve(false)
		rest(7 * time.Second) // Go looks into the file again after five
		resolve(true)
		rest(7 * time.Second)
	}
	over := time.Now()
	s.configure(plain)
	for i := range instances {
		s.deliverers[i].stop()
		s.startDeliverer(i)
	}
	return over
}

// corruptStore writes over the middle of the tracker's file. Until the operator takes the file
// away no tracker claims anything; then the streams fill a new one.
func corruptStore(s *site, _ *traffic) time.Time {
	t := s.tracker.Swap(nil)
	require.Eventually(s.t, func() bool { return t.ledger().Known }, 90*time.Second, time.Second)
	t.stop()
	file := strings.TrimPrefix(s.store, "sqlite:")
	text, err := os.ReadFile(file)
	require.NoError(s.t, err)
	for i := range text[min(100, len(text)):] {
		text[min(100, len(text))+i] ^= 0x5a
	}
	require.NoError(s.t, os.WriteFile(file, text, 0o600))
	p := start(s.t, "worker", []string{"track"}, s.settings(map[string]string{
		"PENSTOCK_LISTEN": freeAddress(s.t), "PENSTOCK_STORE_URL": s.store, "PENSTOCK_API_OPEN": "true",
	}))
	require.Eventually(s.t, func() bool { return !p.alive() }, 30*time.Second, 100*time.Millisecond, "a tracker works with a corrupt file")
	require.Contains(s.t, p.log.String(), filepath.Base(file), "it does not name the file")
	over := time.Now()
	for _, name := range []string{file, file + "-wal", file + "-shm"} {
		_ = os.Remove(name)
	}
	t = s.startTracker()
	require.Eventually(s.t, func() bool { l := t.ledger(); return l.Known && len(l.Entries) > 0 }, 2*time.Minute, time.Second)
	s.tracker.Store(t)
	return over
}

// replaceNode takes a node and its disk away for good, and has an empty one of its name join.
func replaceNode(s *site, _ *traffic) time.Time {
	name := s.cluster.names[2]
	s.cluster.run("wipe", name)
	over := time.Now()
	s.cluster.ctl("forget_cluster_node", "penstock-"+name+"@localhost")
	s.cluster.join(name)
	s.cluster.ctl("await_online_nodes", "3", "--timeout", "60")
	s.cluster.ctl("--script-name", "rabbitmq-queues", "grow", "penstock-"+name+"@localhost", "all")
	rest(5 * time.Second)
	return over
}
