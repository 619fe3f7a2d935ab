package e2e

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// plainPrograms is the folder of a gateway without the race detector, which needs many times
// the memory.
var plainPrograms = sync.OnceValues(func() (string, error) {
	folder := filepath.Join(programs, "plain")
	return folder, build(folder, nil)
})

func (s *stack) startPlainGateway() *process {
	s.t.Helper()
	folder, err := plainPrograms()
	require.NoError(s.t, err)
	name, err := filepath.Rel(programs, filepath.Join(folder, "gateway"))
	require.NoError(s.t, err)
	address := freeAddress(s.t)
	p := start(s.t, name, nil, s.settings(map[string]string{"PENSTOCK_LISTEN": address, "PENSTOCK_LOG_LEVEL": "info"}))
	s.url = "https://" + address
	p.awaitReady()
	return p
}

// What the gateway of this test may hold: the bytes of bodies, twice, because the
// garbage collector lets the heap grow that much, and what a connection over TLS and its
// request take besides.
const (
	bodyBudget    = 64 << 20
	perConnection = 80 << 10
	atRest        = 100 << 20
)

// fullSize reports whether the attacks are made as large as make test-hostile has them.
func fullSize() bool { return os.Getenv("PENSTOCK_HOSTILE") == "full" }

// attackers is how many connections send slowly.
func attackers() int {
	if fullSize() {
		return 10_000
	}
	return 1_000
}

func TestHostileSlowBodiesStayWithinTheBudget(t *testing.T) {
	t.Parallel()
	s := setup(t, hostileConfig)
	s.env["PENSTOCK_MAX_IN_FLIGHT_BYTES"] = strconv.Itoa(bodyBudget)
	s.env["PENSTOCK_MAX_IN_FLIGHT"] = "20000"
	gateway := s.startPlainGateway()
	n := attackers()
	conns := s.dialMany(n)
	for round := range 8 {
		send(conns, 64<<10)
		s.accept(newGithubEvent(round)) // who is not greedy finds room, all the while
	}
	peak := gateway.peak()
	t.Logf("%d connections sent bodies of 5 MiB slowly: peak %d MiB, of which bodies may be %d MiB", n, peak>>20, bodyBudget>>20)
	require.True(t, gateway.alive())
	require.Less(t, peak, atRest+2*bodyBudget+n*perConnection)
	for _, conn := range conns {
		_ = conn.Close()
	}
	s.accept(newGithubEvent(100))
}

// dialMany opens connections, and begins a request with a body of 5 MiB on each.
func (s *stack) dialMany(n int) []net.Conn {
	s.t.Helper()
	conns := make([]net.Conn, n)
	var all sync.WaitGroup
	for worker := range 16 {
		all.Go(func() {
			for i := worker; i < n; i += 16 {
				conns[i] = s.dial()
				_, _ = fmt.Fprint(conns[i], post("/in/open", "", length(strconv.Itoa(5<<20)))) // it may be refused
			}
		})
	}
	all.Wait()
	s.t.Cleanup(func() {
		for _, conn := range conns {
			_ = conn.Close()
		}
	})
	return conns
}

// send sends so many bytes more over each connection, if it still takes them.
func send(conns []net.Conn, bytes int64) {
	var all sync.WaitGroup
	for worker := range 16 {
		all.Go(func() {
			for i := worker; i < len(conns); i += 16 {
				_ = conns[i].SetWriteDeadline(time.Now().Add(20 * time.Millisecond))
				_, _ = io.CopyN(conns[i], zeroReader{}, bytes) // it may have been refused, or have no room
			}
		})
	}
	all.Wait()
}

// peak returns the most memory that the process has held, in bytes.
func (p *process) peak() int {
	p.t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	require.NoError(p.t, err)
	_, rest, found := strings.Cut(string(status), "VmHWM:")
	require.True(p.t, found)
	kib, err := strconv.Atoi(strings.Fields(rest)[0])
	require.NoError(p.t, err)
	return kib << 10
}
