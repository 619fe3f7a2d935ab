package e2e

import (
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// patient is a route whose second attempt is due long after the first, and the third too late to
// be seen. What its destination answers does not open the breaker.
const patient = `
sources:
  github: {provider: github, secrets: ["${GITHUB_WEBHOOK_SECRET}"]}
destinations:
  receiver: {url: "RECEIVER", timeout: 5s}
routes:
  everything: {from: [github], to: receiver, retry: {retryOn: [409], schedule: [30s, 1h]}}
`

// waiting starts an installation with two deliverers, in which first attempts fail, and has n
// events wait in it.
func waiting(t *testing.T, more map[string]string, n int) (s *stack, deliverers []*process, track *tracker, ids []string) {
	t.Helper()
	require.NoError(t, buildCommand())
	s = setup(t, patient)
	maps.Copy(s.env, more)
	s.receiver.answer = func(attempt int, _ arrival) int {
		if attempt == 1 {
			return http.StatusConflict
		}
		return http.StatusOK
	}
	s.startGateway()
	deliverers = []*process{s.startDeliverer(), s.startDeliverer()}
	track = s.startTracker()
	ids = s.acceptAtOnce(0, n)
	for _, id := range ids {
		track.awaitState(id, "everything", "retrying")
	}
	return s, deliverers, track, ids
}

// awaitDropped waits until the deliverers have dropped so many events that had surfaced.
func awaitDropped(t *testing.T, deliverers []*process, want float64) {
	t.Helper()
	require.Eventually(t, func() bool {
		got := 0.0
		for _, d := range deliverers {
			_, page := d.get("/metrics")
			for line := range strings.Lines(page) {
				if strings.HasPrefix(line, "penstock_attempts_total{") && strings.Contains(line, `outcome="cancelled"`) {
					got += valueOf(t, line)
				}
			}
		}
		return got == want
	}, 60*time.Second, 200*time.Millisecond, "%v are not dropped", want)
}

func valueOf(t *testing.T, line string) (value float64) {
	t.Helper()
	_, text, _ := strings.Cut(line, "} ")
	require.NoError(t, json.Unmarshal([]byte(text), &value), line)
	return value
}

func TestWhatWaitsIsRetriedNowOrCancelledAndNeverComesASecondTime(t *testing.T) {
	t.Parallel()
	s, deliverers, track, ids := waiting(t, nil, 6)
	began := time.Now()
	now, cancelled := ids[:2], ids[2:4]
	s.penstock(track.operator(), "events", "retry-now", now[0])
	s.penstock(track.operator(), "events", "cancel", cancelled[0], "--yes")
	require.Equal(t, http.StatusAccepted, track.order("/events/"+now[1]+"/retry-now"))
	require.Equal(t, http.StatusAccepted, track.order("/events/"+cancelled[1]+"/cancel"))
	for _, id := range now {
		again := s.receiver.await(id, 2)[1]
		require.NotEmpty(t, again.header.Get("Penstock-Replay"))
		track.awaitState(id, "everything", "delivered")
	}
	for _, id := range cancelled {
		track.awaitState(id, "everything", "cancelled")
	}
	require.Less(t, time.Since(began), 29*time.Second, "before the next attempt was due")
	awaitDropped(t, deliverers, 4)
	for _, id := range ids[4:] { // the others are retried as ever
		require.Len(t, s.receiver.await(id, 2), 2)
		track.awaitState(id, "everything", "delivered")
	}
	for _, id := range now {
		require.Len(t, s.receiver.of(id), 2, "the waiting one was dropped")
	}
	for _, id := range cancelled {
		require.Len(t, s.receiver.of(id), 1)
	}
	track.awaitCounts(account{Accepted: 6, Delivered: 4, Cancelled: 2})
	audit := s.penstock(track.operator(), "audit")
	require.Contains(t, audit, "cancel-events")
	require.Contains(t, audit, "retry-now")
	s.penstock(track.operator(), "events", "replay", cancelled[0])
	s.receiver.await(cancelled[0], 2)
	track.awaitCounts(account{Accepted: 6, Delivered: 5, Cancelled: 1})
}

func TestAllThatWaitsOnARouteIsRetriedNow(t *testing.T) {
	t.Parallel()
	s, deliverers, track, ids := waiting(t, nil, 250) // more than a page
	deliverers[1].stop()
	s.penstock(track.operator(), "events", "retry-now", "--route", "everything", "--status", "409", "--rate", "1000", "--yes")
	track.awaitCounts(account{Accepted: 250, Delivered: 250})
	awaitDropped(t, deliverers[:1], 250)
	for _, id := range ids {
		require.Len(t, s.receiver.of(id), 2)
	}
}

func TestWithoutStreamsWhatWaitsIsCancelledAndNothingIsRetriedNow(t *testing.T) {
	t.Parallel()
	s, deliverers, track, ids := waiting(t, map[string]string{"PENSTOCK_STREAMS": "off"}, 2)
	require.Equal(t, http.StatusBadRequest, track.order("/events/"+ids[0]+"/retry-now"))
	require.Equal(t, http.StatusAccepted, track.order("/events/"+ids[0]+"/cancel"))
	track.awaitState(ids[0], "everything", "cancelled")
	awaitDropped(t, deliverers, 1)
	s.receiver.await(ids[1], 2)
	track.awaitState(ids[1], "everything", "delivered")
	require.Len(t, s.receiver.of(ids[0]), 1)
}
