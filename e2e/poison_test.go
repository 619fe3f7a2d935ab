package e2e

import (
	"bytes"
	"net/http"
	"strings"
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

// suspicion sees, as the receiver, which events the deliverer works on when it dies.
type suspicion struct {
	mu       sync.Mutex
	lives    int             // how many deliverers there were
	working  map[string]bool // the events of the running one
	deaths   map[string]int  // by event, how often it was worked on at a death
	together []string        // suspects that were worked on when the poison was tried as one
}

// begin says that a new deliverer begins: those that worked are dead.
func (w *suspicion) begin() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lives++
	w.working = map[string]bool{}
}

// enter counts an attempt for an event.
func (w *suspicion) enter(id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.working[id] = true
}

func (w *suspicion) leave(id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.working, id)
}

// die is called while the poison is tried, which the deliverer does not survive.
func (w *suspicion) die() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for id := range w.working {
		if w.lives > 2 && w.deaths[id] >= 2 {
			w.together = append(w.together, id)
		}
		w.deaths[id]++
	}
}

func (w *suspicion) findings() (deaths map[string]int, together []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.deaths, w.together
}

// An event that ends the deliverer at each attempt, as one that takes all memory does. The
// destination takes its time for the others, so that they are in hand at each death. What was in hand at
// two deaths is tried alone the third time: so no other event is tried at a third death.
func TestAnEventThatEndsTheDelivererTakesNoOtherWithIt(t *testing.T) {
	t.Parallel()
	s := setup(t, poisoned)
	var deliverer atomic.Pointer[process]
	var delivered sync.Map // by the event's id
	seen := &suspicion{deaths: map[string]int{}}
	s.receiver.answer = func(_ int, a arrival) int {
		p := deliverer.Load()
		if bytes.Contains(a.body, []byte("poison")) {
			seen.die()
			_ = p.cmd.Process.Kill()
			return http.StatusOK
		}
		id := a.header.Get("Penstock-Event-Id")
		seen.enter(id)
		select {
		case <-p.ended:
		case <-time.After(300 * time.Millisecond):
			delivered.Store(id, true)
			seen.leave(id)
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
	var logs strings.Builder
	for ; operator.messages(topology.DeadQueue("everything")) == 0; deaths++ {
		require.LessOrEqual(t, deaths, topology.DeliveryLimit+1)
		seen.begin()
		p := start(t, "worker", []string{"deliver"}, s.settings(nil))
		deliverer.Store(p)
		s.awaitDeath(p, operator)
		logs.WriteString(p.log.String())
	}
	if !deliverer.Load().alive() {
		seen.begin()
		deliverer.Store(s.startDeliverer())
	}
	for _, id := range ids {
		require.Eventually(t, func() bool { _, ok := delivered.Load(id); return ok }, 90*time.Second, 50*time.Millisecond)
	}
	deathsOf, together := seen.findings()
	for id, n := range deathsOf {
		require.LessOrEqual(t, n, 2, "%s was tried at a third death", id)
	}
	require.Empty(t, together, "suspects that were tried beside the poison")
	require.Regexp(t, `came back several times is tried alone"[^}]*"event":"`+killer+`","returns":2`, logs.String())
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
