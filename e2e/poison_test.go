package e2e

import (
	"bytes"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/topology"
)

// poisoned is a route whose events are held together: two attempts at once, and more in
// hand.
const poisoned = `
sources:
  github: {provider: github, secrets: ["${GITHUB_WEBHOOK_SECRET}"]}
destinations:
  receiver: {url: "RECEIVER", timeout: 1s, concurrency: 2}
routes:
  everything: {from: [github], to: receiver, retry: {initial: 1s, factor: 1, jitter: 0, max: 1s, maxAttempts: 1000}}
`

// An event that ends the deliverer at each attempt, as one that takes all memory does. The
// destination takes its time for the others, so that they are in hand at each death.
func TestAnEventThatEndsTheDelivererTakesNoOtherWithIt(t *testing.T) {
	t.Parallel()
	s := setup(t, poisoned)
	var deliverer atomic.Pointer[process]
	var delivered sync.Map // by the event's id
	s.receiver.answer = func(_ int, a arrival) int {
		if bytes.Contains(a.body, []byte("poison")) {
			_ = deliverer.Load().cmd.Process.Kill()
			return http.StatusOK
		}
		p := deliverer.Load()
		select {
		case <-p.ended:
		case <-time.After(300 * time.Millisecond):
			delivered.Store(a.header.Get("Penstock-Event-Id"), true)
		}
		return http.StatusOK
	}
	gateway := s.startGateway()
	poison := newGithubEvent(0)
	poison.body = `{"poison":true}`
	killer := s.accept(poison)
	var ids []string
	for n := range 12 {
		ids = append(ids, s.accept(newGithubEvent(n+1)))
	}
	gateway.stop()

	operator, deaths := s.operator(), 0
	for ; operator.messages(topology.DeadQueue("everything")) == 0; deaths++ {
		require.LessOrEqual(t, deaths, topology.DeliveryLimit+1)
		p := start(t, "worker", []string{"deliver"}, s.settings(nil))
		deliverer.Store(p)
		s.awaitDeath(p, operator)
	}
	if !deliverer.Load().alive() {
		deliverer.Store(s.startDeliverer())
	}
	for _, id := range ids {
		require.Eventually(t, func() bool { _, ok := delivered.Load(id); return ok }, 90*time.Second, 50*time.Millisecond)
	}
	require.Equal(t, 1, operator.messages(topology.DeadQueue("everything")), "no other event is given up")
	dead := operator.await(topology.DeadQueue("everything"))
	require.Equal(t, killer, dead.MessageId)
	require.Equal(t, "delivery-limit", dead.Headers[event.HeaderReason])
	t.Logf("it ended the deliverer %d times", deaths)
}

// awaitDeath waits until the process has ended, or made a dead letter.
func (s *stack) awaitDeath(p *process, o *operator) {
	s.t.Helper()
	require.Eventually(s.t, func() bool {
		return !p.alive() || o.messages(topology.DeadQueue("everything")) > 0
	}, 90*time.Second, 50*time.Millisecond)
}

// messages returns how many messages of a queue are ready; none when it is not there yet.
func (o *operator) messages(queue string) int {
	ch := o.channel()
	defer func() { _ = ch.Close() }()
	q, err := ch.QueueDeclarePassive(queue, true, false, false, false, nil)
	if err != nil {
		return 0
	}
	return q.Messages
}
