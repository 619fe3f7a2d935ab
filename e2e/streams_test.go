package e2e

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx/amqptest"
)

// streamless starts a broker that has no streams, as some services offer it.
func streamless(t *testing.T) *amqptest.Node {
	t.Helper()
	t.Setenv("RABBITMQ_FEATURE_FLAGS", "quorum_queue,implicit_default_bindings,virtual_host_metadata,maintenance_mode_status,user_limits")
	return amqptest.Private(t)
}

// Events of these numbers fail once, and for good until an operator replays them.
const failsOnce, diesOnce = 1000, 1001

// answerBy answers by the number of the event.
func answerBy(attempt int, a arrival) int {
	switch {
	case attempt == 1 && string(a.body) == newGithubEvent(failsOnce).body:
		return http.StatusServiceUnavailable
	case attempt == 1 && string(a.body) == newGithubEvent(diesOnce).body:
		return http.StatusUnprocessableEntity
	default:
		return http.StatusOK
	}
}

//nolint:paralleltest // it sets the environment of its broker
func TestABrokerWithoutStreamsCarriesTheWholeSpine(t *testing.T) {
	vhost := streamless(t).Vhost(t)
	s := setupOn(t, plain, vhost.URL)
	s.receiver.answer = answerBy
	refused := s.launchGateway()
	require.Eventually(t, func() bool { return strings.Contains(refused.log.String(), "set PENSTOCK_STREAMS=off") },
		60*time.Second, 100*time.Millisecond, "it does not say what the broker lacks")
	refused.stop()

	s.env["PENSTOCK_STREAMS"] = "off"
	s.startGateway()
	s.startDeliverer()
	tracker := s.startTracker()
	ids := s.acceptAtOnce(0, 200)
	s.receiver.awaitAll(ids)
	s.receiver.await(s.accept(newGithubEvent(failsOnce)), 2)
	dead := s.accept(newGithubEvent(diesOnce))
	s.operator().awaitMessages("penstock.dead.everything", 1)
	tracker.awaitCounts(account{Accepted: 202, Delivered: 201, Dead: 1})
	require.NotContains(t, vhost.QueueTypes(t), "stream")

	require.Equal(t, http.StatusAccepted, tracker.order("/events/"+dead+"/replay"))
	s.receiver.await(dead, 2)
	tracker.awaitCounts(account{Accepted: 202, Delivered: 202})
	require.False(t, tracker.ledger().Known, "what the broker dropped is not known")
	status, body := tracker.ask("/events/" + ids[0] + "/payload")
	require.Equal(t, http.StatusGone, status)
	require.Contains(t, string(body), "#no-archive")
	s.killTheTracker(tracker)
}

// killTheTracker kills it among records that it has not acknowledged. Another one counts
// each of them once.
func (s *stack) killTheTracker(t *tracker) {
	s.t.Helper()
	ids := s.acceptAtOnce(2000, 100)
	t.kill()
	ids = append(ids, s.acceptAtOnce(2100, 100)...)
	s.receiver.awaitAll(ids)
	next := s.startTracker()
	next.awaitCounts(account{Accepted: 402, Delivered: 402})
	for _, id := range ids {
		var e struct {
			History []struct {
				Kind string `json:"kind"`
			} `json:"history"`
		}
		_, body := next.ask("/events/" + id)
		require.NoError(s.t, json.Unmarshal(body, &e))
		require.Len(s.t, e.History, 1, "%s", body)
	}
}

// awaitCounts waits until the only line of the ledger is this one.
func (t *tracker) awaitCounts(want account) {
	t.t.Helper()
	want.Route = "everything"
	var got []account
	reached := func() bool { got = t.ledger().Entries; return len(got) == 1 && got[0] == want }
	for end := time.Now().Add(60 * time.Second); !reached(); <-time.After(100 * time.Millisecond) {
		require.True(t.t, time.Now().Before(end), "the counts are %+v, not %+v", got, want)
	}
}
