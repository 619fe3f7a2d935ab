package e2e

import (
	"bufio"
	"io"
	"net/http"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const hostileConfig = `
sources:
  github: {provider: github, secrets: ["${GITHUB_WEBHOOK_SECRET}"]}
  stripe: {provider: stripe, secrets: ["${GITHUB_WEBHOOK_SECRET}"]}
  open: {open: true, maxBody: 5MiB}
  json: {open: true, contentTypes: [application/json]}
  elsewhere: {open: true, allowCIDRs: [203.0.113.0/24]}
destinations:
  receiver: {url: "RECEIVER", timeout: 5s}
routes:
  everything: {from: [github, stripe, open, json, elsewhere], to: receiver}
`

// memoryLimit is what the gateway may need at most, in KiB, whatever is sent.
const memoryLimit = 400 << 10

//nolint:tparallel // one gateway answers the cases in turn, and must live after each
func TestHostileRequestsGetTheRightStatusAndHarmNothing(t *testing.T) {
	t.Parallel()
	s := setup(t, hostileConfig)
	gateway := s.startGateway()
	cases := slices.Concat(framingCases(), lineCases(), signatureCases())
	require.GreaterOrEqual(t, len(cases), 60)
	//nolint:paralleltest // as above
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			status := s.provoke(tc.text)
			require.Contains(t, tc.want, status)
			require.True(t, gateway.alive())
			require.Less(t, gateway.memory(), memoryLimit)
		})
	}
	s.accept(newGithubEvent(1))
}

// provoke sends these bytes and returns the status of the first answer that is
// final; 0 when the connection is closed without one.
func (s *stack) provoke(text string) int {
	s.t.Helper()
	conn := s.dial()
	defer func() { _ = conn.Close() }()
	require.NoError(s.t, conn.SetDeadline(time.Now().Add(45*time.Second)))
	_, _ = io.WriteString(conn, text) // it may be cut off in the middle
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return 0
	}
	defer func() { _ = res.Body.Close() }()
	return res.StatusCode
}

// memory returns what the process holds in memory, in KiB.
func (p *process) memory() int {
	p.t.Helper()
	out, err := exec.Command("ps", "-o", "rss=", "-p", strconv.Itoa(p.cmd.Process.Pid)).Output()
	require.NoError(p.t, err)
	kib, err := strconv.Atoi(strings.TrimSpace(string(out)))
	require.NoError(p.t, err)
	return kib
}

func TestHostileCopiesOfOneEventAreOneEvent(t *testing.T) {
	t.Parallel()
	s := setup(t, plain)
	s.startGateway()
	var mu sync.Mutex
	ids := map[string]bool{}
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			if a := s.post(newGithubEvent(1)); a.status == http.StatusOK {
				mu.Lock()
				defer mu.Unlock()
				ids[a.eventID()] = true
			}
		})
	}
	all.Wait()
	ids[s.accept(newGithubEvent(1))] = true
	require.Len(t, ids, 1)
}
