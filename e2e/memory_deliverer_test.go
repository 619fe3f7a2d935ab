//go:build memory

package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// threeRoutes lead to destinations of their own, which are the same receiver.
const threeRoutes = `
sources:
  github: {provider: github, secrets: ["${GITHUB_WEBHOOK_SECRET}"], maxBody: 25MiB}
destinations:
  a: {url: "RECEIVER", timeout: 5s}
  b: {url: "RECEIVER", timeout: 5s}
  c: {url: "RECEIVER", timeout: 5s}
routes:
  a: {from: [github], to: a, retry: {initial: 1s, factor: 1, jitter: 0, max: 1s, maxAttempts: 1000}}
  b: {from: [github], to: b, retry: {initial: 1s, factor: 1, jitter: 0, max: 1s, maxAttempts: 1000}}
  c: {from: [github], to: c, retry: {initial: 1s, factor: 1, jitter: 0, max: 1s, maxAttempts: 1000}}
`

// imprisonDeliverer runs a deliverer with the chart's limit.
func (s *stack) imprisonDeliverer() *prisoner {
	s.t.Helper()
	return s.imprison(chartLimit(s.t, "deliver"), "worker", []string{"deliver"}, map[string]string{"PENSTOCK_LOG_LEVEL": "info"})
}

func TestMemoryOfADelivererWhoseDestinationsHang(t *testing.T) {
	s := setup(t, threeRoutes)
	hanging := make(chan struct{})
	s.receiver.answer = func(int, arrival) int {
		<-hanging
		return http.StatusOK
	}
	release := sync.OnceFunc(func() { close(hanging) })
	t.Cleanup(release)
	gateway := s.startGateway()
	events := 70
	if short() {
		events = 40
	}
	body := largeEvent(0, 4_900_000).body
	var ids []string
	for n := range events {
		e := newGithubEvent(n)
		e.body = fmt.Sprintf(`{"number":%d,`, n) + body[1:]
		ids = append(ids, s.acceptSoon(e))
	}
	gateway.stop()
	deliverer := s.imprisonDeliverer()
	require.Eventually(t, func() bool { return s.receiver.total() >= 2*events }, 3*time.Minute, 100*time.Millisecond, "it makes no attempts")
	deliverer.requireUnharmed()
	release()
	s.awaitDelivered(deliverer, 3*events)
	require.Zero(t, s.receiver.missing(ids))
	deliverer.requireUnharmed()
}

// awaitDelivered waits until the deliverer has counted so many deliveries, and requires that
// it made no dead letter.
func (s *stack) awaitDelivered(deliverer *prisoner, n int) {
	s.t.Helper()
	require.Eventually(s.t, func() bool { return deliverer.outcomes("delivered") >= n }, 5*time.Minute, 500*time.Millisecond,
		"%d delivered", n)
	require.Zero(s.t, deliverer.outcomes("dead"))
}

// outcomes returns how many events had an outcome, over all routes.
func (p *prisoner) outcomes(outcome string) (n int) {
	_, page := p.current().get("/metrics")
	for line := range strings.Lines(page) {
		if strings.HasPrefix(line, "penstock_attempts_total{") && strings.Contains(line, fmt.Sprintf("outcome=%q", outcome)) {
			var value float64
			_, err := fmt.Sscan(line[strings.LastIndex(line, " "):], &value)
			require.NoError(p.t, err)
			n += int(value)
		}
	}
	return n
}
