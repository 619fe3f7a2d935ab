//go:build memory

package e2e

import (
	"crypto/rand"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"maps"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"
)

// How many senders send large bodies, and for how long.
const largeSenders = 60

func largeTime() time.Duration {
	if short() {
		return 12 * time.Second
	}
	return 30 * time.Second
}

// largeEvent is a GitHub push of so many bytes, which compresses a little.
func largeEvent(n, bytes int) githubEvent {
	e := newGithubEvent(n)
	random := make([]byte, bytes*3/4)
	_, _ = rand.Read(random)
	e.body = fmt.Sprintf(`{"ref":"refs/heads/main","n":%d,"data":%q}`, n, base64.StdEncoding.EncodeToString(random))
	return e
}

func TestMemoryOfAGatewayThatGetsLargeBodies(t *testing.T) {
	s := setup(t, plain)
	gateway := s.imprisonGateway(nil)
	answers := s.flood(largeTime())
	t.Logf("answers by status: %v", answers)
	require.Greater(t, answers[http.StatusOK], 20, "it refuses what is too much, and not everything")
	gateway.requireUnharmed()
}

func TestMemoryOfAGatewayWhoseBrokerIsFrozen(t *testing.T) {
	node, broker := startNode(t, "memoryfrozen")
	s := setupOn(t, plain, broker)
	gateway := s.imprisonGateway(nil)
	node.signal(syscall.SIGSTOP)
	t.Cleanup(func() { node.signal(syscall.SIGCONT) })
	answers := s.flood(2 * largeTime())
	t.Logf("answers by status: %v", answers)
	gateway.requireUnharmed()
	require.Zero(t, answers[http.StatusOK])
	node.signal(syscall.SIGCONT)
	s.acceptSoon(newGithubEvent(1 << 20))
}

// imprisonGateway runs a gateway with the chart's limit.
func (s *stack) imprisonGateway(env map[string]string) *prisoner {
	s.t.Helper()
	address := freeAddress(s.t)
	s.url = "https://" + address
	all := map[string]string{"PENSTOCK_LISTEN": address, "PENSTOCK_LOG_LEVEL": "info"}
	maps.Copy(all, env)
	return s.imprison(chartLimit(s.t, "gateway"), "gateway", nil, all)
}

// flood has many senders send large bodies, each one after the other over a connection of
// its own, and counts the answers by their status; 0 is none.
func (s *stack) flood(d time.Duration) map[int]int {
	s.t.Helper()
	var mu sync.Mutex
	answers := map[int]int{}
	var number atomic.Int64
	var senders sync.WaitGroup
	stop := time.Now().Add(d)
	random := largeEvent(0, 4_900_000).body
	for range largeSenders {
		senders.Go(func() {
			transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
			defer transport.CloseIdleConnections()
			client := &http.Client{Transport: transport, Timeout: 30 * time.Second}
			patience := rate.NewLimiter(5, 1) // it does not wait for as long as it is asked to
			for time.Now().Before(stop) {
				e := newGithubEvent(int(number.Add(1)))
				e.body = fmt.Sprintf(`{"n":%d,`, number.Load()) + random[1:]
				req, err := e.request(s.t.Context(), s.url+"/in/github")
				if err != nil {
					return
				}
				a, _ := do(client, req)
				mu.Lock()
				answers[a.status]++
				mu.Unlock()
				if a.status != http.StatusOK {
					_ = patience.Wait(s.t.Context())
				}
			}
		})
	}
	senders.Wait()
	return answers
}

// acceptSoon sends an event until it is accepted, as senders do that are asked to come again,
// and returns its id.
func (s *stack) acceptSoon(e githubEvent) string {
	s.t.Helper()
	var a answer
	require.Eventually(s.t, func() bool {
		a = s.post(e)
		return a.status == http.StatusOK
	}, 3*time.Minute, 500*time.Millisecond)
	return a.eventID()
}

// signal sends a signal to the node's process.
func (n *node) signal(sig syscall.Signal) {
	n.t.Helper()
	var pid int
	_, err := fmt.Sscan(n.run("pid"), &pid)
	require.NoError(n.t, err)
	require.NoError(n.t, syscall.Kill(pid, sig))
}

// connections is how many connections over TLS are open at once.
func connections() int {
	if short() {
		return 4_000
	}
	return 10_000
}

func TestMemoryOfAGatewayWithManyConnections(t *testing.T) {
	s := setup(t, plain)
	gateway := s.imprisonGateway(nil)
	address := strings.TrimPrefix(s.url, "https://")
	var mu sync.Mutex
	var open []net.Conn
	defer func() {
		for _, c := range open {
			_ = c.Close()
		}
	}()
	var dialling sync.WaitGroup
	for worker := range 16 {
		dialling.Go(func() {
			for i := worker; i < connections(); i += 16 {
				c, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true})
				if err != nil {
					continue // it may be refused
				}
				_, _ = fmt.Fprint(c, "POST /in/github HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n\r\n")
				mu.Lock()
				open = append(open, c)
				mu.Unlock()
			}
		})
	}
	dialling.Wait()
	t.Logf("%d of %d connections", len(open), connections())
	answers := s.flood(largeTime() / 3)
	t.Logf("answers by status: %v", answers)
	s.acceptSoon(newGithubEvent(1 << 20))
	gateway.requireUnharmed()
}
