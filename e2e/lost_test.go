package e2e

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAMessageThatIsTakenBehindItsBackIsNamedByTheLedgerWithinAMinute(t *testing.T) {
	t.Parallel()
	s := setup(t, plain)
	s.startGateway()
	tracker := s.startTracker()
	id := s.accept(newGithubEvent(1))
	require.Eventually(t, func() bool { l := tracker.ledger(); return len(l.Entries) == 1 }, 30*time.Second, 50*time.Millisecond)
	require.Equal(t, id, s.operator().await("penstock.route.everything").MessageId)
	gone := time.Now()
	require.Eventually(t, func() bool { return len(tracker.missing()) > 0 }, time.Minute, 100*time.Millisecond, "nobody notices")
	require.Equal(t, []string{id}, tracker.missing())
	t.Logf("named %v after it was taken", time.Since(gone).Round(time.Second))
	_, page := tracker.get("/metrics")
	require.True(t, containsLine(page, `penstock_unaccounted_events{route="everything"} 1`), page)
	require.Contains(t, tracker.log.String(), "unaccounted")
}

func TestADeadLetterThatTheBrokerMadeIsRecordedAndNotMissing(t *testing.T) {
	t.Parallel()
	s := setup(t, plain)
	s.startGateway()
	tracker := s.startTracker()
	id := s.accept(newGithubEvent(1))
	ch := s.operator().channel()
	require.Eventually(t, func() bool {
		d, ok, err := ch.Get("penstock.route.everything", false)
		require.NoError(t, err)
		return ok && d.Reject(false) == nil
	}, 30*time.Second, 50*time.Millisecond)
	require.Eventually(t, func() bool { l := tracker.ledger(); return len(l.Entries) == 1 && l.Entries[0].Dead == 1 }, 2*time.Minute, 200*time.Millisecond)
	require.Empty(t, tracker.missing())
	require.Zero(t, tracker.ledger().Unaccounted)
	status, body := tracker.ask("/events/" + id)
	require.Equal(t, http.StatusOK, status)
	require.True(t, json.Valid(body))
	require.Contains(t, string(body), `"reason":"rejected"`)
	d := s.operator().await("penstock.dead.everything")
	require.Equal(t, id, d.MessageId, "the letter is still there")
}

// orderly is a route in order, with one partition so that a test knows the queues.
const orderly = `
sources:
  github: {provider: github, secrets: ["${GITHUB_WEBHOOK_SECRET}"]}
destinations:
  receiver: {url: "RECEIVER", timeout: 5s}
routes:
  orders: {from: [github], to: receiver, ordering: {key: body.order, partitions: 1}, retry: {initial: 1h, max: 1h}}
`

func orderEvent(n int, order string) githubEvent {
	e := newGithubEvent(n)
	e.body = `{"order":"` + order + `"}`
	return e
}

// A failing key keeps its events for an hour, in a worker's hands: they are not missing, and
// one that is taken away while no worker runs is.
func TestAParkedEventThatIsTakenBehindItsBackIsNamedAndThoseOfAFailingKeyAreNot(t *testing.T) {
	t.Parallel()
	s := setup(t, orderly)
	s.receiver.answer = func(int, arrival) int { return http.StatusInternalServerError }
	s.startGateway()
	tracker := s.startTracker()
	deliverer := s.startDeliverer()
	lost := s.accept(orderEvent(1, "a"))
	s.accept(orderEvent(2, "a"))
	kept := s.accept(orderEvent(3, "b"))
	s.receiver.await(lost, 1)
	s.receiver.await(kept, 1)
	for end := time.Now().Add(50 * time.Second); time.Now().Before(end); <-time.After(time.Second) {
		require.Zero(t, tracker.ledger().Unaccounted, "they are parked")
	}
	deliverer.stop()
	s.operator().takeOut("penstock.parked.orders.00", lost)
	s.startDeliverer()
	require.Eventually(t, func() bool { return len(tracker.missing()) > 0 }, 90*time.Second, 200*time.Millisecond, "nobody notices")
	require.Equal(t, []string{lost}, tracker.missing())
}

func TestAnEventOfAnOrderedRouteThatIsTakenOnItsWayToAPartitionIsNamed(t *testing.T) {
	t.Parallel()
	s := setup(t, orderly)
	s.startGateway()
	tracker := s.startTracker()
	deliverer := s.startDeliverer()
	s.receiver.await(s.accept(orderEvent(1, "a")), 1)
	deliverer.stop()
	lost := s.accept(orderEvent(2, "a"))
	kept := s.accept(orderEvent(3, "a"))
	s.operator().takeOut("penstock.route.orders", lost)
	s.startDeliverer()
	s.receiver.await(kept, 1)
	require.Eventually(t, func() bool { return len(tracker.missing()) > 0 }, 90*time.Second, 200*time.Millisecond, "nobody notices")
	require.Equal(t, []string{lost}, tracker.missing())
}
