package e2e

import (
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// sharedLimits is a destination whose limits hold for all deliverers together.
const sharedLimits = `
sources:
  github: {provider: github, secrets: ["${GITHUB_WEBHOOK_SECRET}"]}
destinations:
  receiver: {url: "RECEIVER", timeout: 10s, concurrency: 4, rateLimit: 30/s}
routes:
  everything: {from: [github], to: receiver}
`

// crowd counts the attempts that a receiver sees side by side.
type crowd struct {
	mu   sync.Mutex
	now  int
	most int
}

func (c *crowd) enter() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now++
	c.most = max(c.most, c.now)
}

func (c *crowd) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now--
}

// Deliverers come and stop while a backlog is delivered: one more than the concurrency, so that
// one of them makes no attempts. Each event arrives, and never more than the limit at once, nor
// more than the rate allows.
func TestTheLimitsOfADestinationHoldForAllDeliverersTogether(t *testing.T) {
	t.Parallel()
	const events = 300
	s := setup(t, sharedLimits)
	var seen crowd
	var arrivals atomic.Int64
	arrived := make(chan struct{}, 2*events)
	s.receiver.answer = func(int, arrival) int {
		seen.enter()
		defer seen.leave()
		arrivals.Add(1)
		arrived <- struct{}{}
		<-time.After(50 * time.Millisecond) // so long it works
		return http.StatusOK
	}
	s.startGateway()
	for n := range events {
		s.accept(newGithubEvent(n))
	}
	first := s.startDeliverer()
	<-arrived
	began := time.Now()
	for range 4 {
		s.startDeliverer()
	}
	await(t, arrived, events/3)
	first.stop()
	await(t, arrived, events-events/3-1)
	s.operator().requireEmpty("penstock.route.everything")
	require.LessOrEqual(t, seen.most, 4)
	atMost := 30*time.Since(began).Seconds() + 30
	require.LessOrEqual(t, float64(arrivals.Load()), atMost, "the rate is exceeded")
	require.EqualValues(t, events, arrivals.Load(), "each came once")
}

func await(t *testing.T, arrived <-chan struct{}, n int) {
	t.Helper()
	deadline := time.After(2 * time.Minute)
	for range n {
		select {
		case <-arrived:
		case <-deadline:
			require.Fail(t, "not all events came")
		}
	}
}
