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
