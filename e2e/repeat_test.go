package e2e

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// racing is the plain configuration with a short window, so that the test need not wait
// for the 30 seconds that GitHub has.
var racing = strings.Replace(plain, "{provider: github,", "{provider: github, dedup: {window: 2s},", 1)

func TestWhatAPersonHasGitHubSendAgainIsDeliveredAgainUnderItsID(t *testing.T) {
	t.Parallel()
	s := setup(t, racing)
	s.startGateway()
	s.startDeliverer()
	tracker := s.startTracker()
	sent := newGithubEvent(1)
	id := s.accept(sent)
	first := s.receiver.await(id, 1)[0]
	require.Empty(t, first.header.Get("Penstock-Replay"))
	for rounds := 2; rounds <= 3; rounds++ {
		s.redeliver(sent, id)
		again := s.receiver.await(id, rounds)[rounds-1]
		sameBytes(t, first.body, again.body)
		require.Equal(t, "1", again.header.Get("Penstock-Attempt"))
		require.NotEmpty(t, again.header.Get("Penstock-Replay"))
	}
	require.Eventually(t, func() bool { return strings.Count(tracker.story(id), "delivered") == 3 }, 60*time.Second, 100*time.Millisecond)
	require.Equal(t, "delivered replayed:repeated delivered replayed:repeated delivered", tracker.story(id))
	tracker.awaitClosed(1)
	require.Equal(t, 1, tracker.ledger().Entries[0].Accepted, "it is one event")
	require.Equal(t, 3, s.receiver.total())
}

// A copy that comes within the window is not delivered, and whoever looks at the event is told so.
func TestACopyWithinTheWindowIsShownAsADuplicate(t *testing.T) {
	t.Parallel()
	s := setup(t, plain)
	s.startGateway()
	s.startDeliverer()
	tracker := s.startTracker()
	sent := newGithubEvent(1)
	id := s.accept(sent)
	for range 2 {
		a := s.post(sent)
		require.Equal(t, id, a.eventID())
		require.NotEmpty(t, a.header.Get("Penstock-Duplicate"))
	}
	var detail struct {
		Repeats struct {
			Count  int       `json:"count"`
			LastAt time.Time `json:"lastAt"`
		} `json:"repeats"`
	}
	require.Eventually(t, func() bool {
		status, body := tracker.ask("/events/" + id)
		return status == http.StatusOK && json.Unmarshal(body, &detail) == nil && detail.Repeats.Count == 2
	}, 60*time.Second, 200*time.Millisecond)
	require.WithinDuration(t, time.Now(), detail.Repeats.LastAt, 2*time.Minute)
	status, page := tracker.console("/events/" + id)
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, page, "came again 2 times")
	require.Regexp(t, `Duplicates +2, the last .*; not delivered again`, s.penstock(nil, "events", "show", id, "--api", strings.TrimSuffix(tracker.url, "/api/v1")))
	s.receiver.await(id, 1)
	require.Equal(t, 1, s.receiver.total())
}

// redeliver sends the event again, as a person who presses GitHub's Redeliver until it
// helps: within the window the answer says that it is a duplicate.
func (s *stack) redeliver(e githubEvent, id string) {
	s.t.Helper()
	require.Eventually(s.t, func() bool {
		a := s.post(e)
		require.Equal(s.t, http.StatusOK, a.status, a.body)
		require.Equal(s.t, id, a.eventID())
		return a.header.Get("Penstock-Duplicate") == ""
	}, 60*time.Second, 200*time.Millisecond)
}

// story returns what happened to an event, in order.
func (t *tracker) story(id string) string {
	var detail struct {
		History []struct {
			Kind   string `json:"kind"`
			Reason string `json:"reason"`
		} `json:"history"`
	}
	if status, body := t.ask("/events/" + id); status == http.StatusOK {
		require.NoError(t.t, json.Unmarshal(body, &detail))
	}
	facts := make([]string, len(detail.History))
	for i, h := range detail.History {
		facts[i] = strings.TrimSuffix(h.Kind+":"+h.Reason, ":")
	}
	return strings.Join(facts, " ")
}
