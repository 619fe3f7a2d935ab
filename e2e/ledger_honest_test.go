package e2e

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap/zaptest"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/amqpx/amqptest"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/pkg/topology"
)

// requireEven requires for so long that the ledger names nothing as missing, and in the end
// that it knows.
func (t *tracker) requireEven(d time.Duration) {
	t.t.Helper()
	ticks := time.NewTicker(500 * time.Millisecond)
	defer ticks.Stop()
	for ends := time.Now().Add(d); time.Now().Before(ends); <-ticks.C {
		l := t.ledger()
		require.Zero(t.t, l.Unaccounted, "a false alarm: %+v", l)
	}
	require.True(t.t, t.ledger().Known)
}

// reporter writes status records, as a team's own consumer does.
func (s *stack) reporter() *amqpx.Publisher {
	s.t.Helper()
	p := amqpx.NewPublisher(amqpx.Config{URLs: []string{s.broker}}, amqpx.PublisherOptions{Connections: 1}, zaptest.NewLogger(s.t))
	s.t.Cleanup(func() { _ = p.Close(s.t.Context()) })
	require.Eventually(s.t, func() bool { return p.Ready() == nil }, 30*time.Second, 20*time.Millisecond)
	return p
}

// A consumer whose clock is off holds an event, and reports that it does.
func TestAClockThatIsOffRaisesNoFalseAlarm(t *testing.T) {
	t.Parallel()
	for name, off := range map[string]time.Duration{"150 s behind": -150 * time.Second, "150 s ahead": 150 * time.Second} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t, plain)
			s.startGateway()
			tracker := s.startTracker()
			require.Eventually(t, func() bool { return tracker.ledger().Known }, 60*time.Second, 100*time.Millisecond)
			id := s.accept(newGithubEvent(1))
			ch := s.operator().channel()
			held, err := ch.Consume(topology.RouteQueue("everything"), "", false, false, false, false, nil)
			require.NoError(t, err)
			<-held // and it is never acknowledged
			reporter := s.reporter()
			stop := make(chan struct{})
			t.Cleanup(func() { close(stop) })
			go func() {
				ticks := time.NewTicker(5 * time.Second)
				defer ticks.Stop()
				for {
					_ = report(t, reporter, time.Now().Add(off), status.Record{Kind: status.Held, Event: id, Source: "github", Type: "push", Route: "everything"})
					select {
					case <-stop:
						return
					case <-ticks.C:
					}
				}
			}()
			tracker.requireEven(60 * time.Second)
		})
	}
}

// report writes a record by a clock that shows a time.
func report(t *testing.T, p *amqpx.Publisher, at time.Time, r status.Record) error {
	r.At = at
	m, err := status.Encode([]status.Record{r})
	if err != nil {
		return err
	}
	m.Timestamp = at
	return p.Publish(t.Context(), amqpx.Publication{Key: topology.Status, Message: m})
}

// While the tracker is away the status stream is lost, with the records of what was
// delivered.
func TestWhatALostStatusStreamMayHaveHeldIsNotCalledMissing(t *testing.T) {
	t.Parallel()
	vhost := amqptest.New(t)
	s := setupOn(t, plain, vhost.URL)
	s.startGateway()
	s.startDeliverer()
	tracker := s.startTracker()
	s.receiver.await(s.accept(newGithubEvent(1)), 1)
	tracker.awaitClosed(1)
	tracker.stop()

	var ids []string
	for n := range 5 {
		ids = append(ids, s.accept(newGithubEvent(2+n)))
	}
	s.receiver.awaitAll(ids)
	s.operator().requireEmpty(topology.RouteQueue("everything"))
	vhost.DeleteQueue(t, topology.Status)
	s.receiver.await(s.accept(newGithubEvent(100)), 1) // its record finds the stream gone, and waits until it is there again

	tracker = s.startTracker()
	var l ledger
	require.Eventually(t, func() bool {
		l = tracker.ledger()
		require.Zero(t, l.Unaccounted, "they were delivered: %+v", l)
		return l.Known && l.Uncertain == 5
	}, 120*time.Second, 500*time.Millisecond, "%+v", &l)
	for _, id := range ids {
		require.Equal(t, http.StatusAccepted, tracker.order("/events/"+id+"/replay"))
	}
	require.Eventually(t, func() bool { l = tracker.ledger(); return l.Known && l.Uncertain == 0 && l.Unaccounted == 0 },
		90*time.Second, 500*time.Millisecond, "%+v", &l)
}

// What an operator leaves in the queue of a route that he takes away is in the ledger.
func TestWhatIsLeftInTheQueueOfARemovedRouteIsInTheLedger(t *testing.T) {
	t.Parallel()
	const removed = `
sources:
  github: {provider: github, secrets: ["${GITHUB_WEBHOOK_SECRET}"]}
destinations:
  receiver: {url: "RECEIVER"}
routes:
  other: {from: [github], to: receiver}
`
	for name, ordering := range map[string]string{"plain": "", "ordered": ", ordering: {key: body.n, partitions: 2}"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t, removed+"  everything: {from: [github], to: receiver, retry: {initial: 5m, max: 10m}"+ordering+"}\n")
			answered := make(chan struct{}, 100)
			s.receiver.answer = func(int, arrival) int { answered <- struct{}{}; return http.StatusServiceUnavailable }
			s.startGateway()
			tracker := s.startTracker()
			if ordering != "" {
				deliverer := s.startDeliverer() // which brings the events into the partitions
				for n := range 3 {
					s.accept(newGithubEvent(n))
				}
				for range 6 {
					<-answered
				}
				deliverer.stop()
			} else {
				for n := range 3 {
					s.accept(newGithubEvent(n))
				}
			}
			s.configure(removed)
			tracker.requireEven(60 * time.Second)
			require.Equal(t, 3, tracker.account("everything").InFlight)
		})
	}
}

// account returns the account of a route.
func (t *tracker) account(route string) (a account) {
	for _, e := range t.ledger().Entries {
		if e.Route == route {
			return e
		}
	}
	return a
}
