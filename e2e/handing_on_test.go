package e2e

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// shaped is a route whose retries people have shaped.
const shaped = `
sources:
  github: {provider: github, secrets: ["${GITHUB_WEBHOOK_SECRET}"]}
destinations:
  receiver: {url: "RECEIVER", timeout: 5s}
routes:
  everything: {from: [github], to: receiver, delay: 3s, retry: {retryOn: [404, 500-599, "!503"], schedule: [1s, 3s]}}
`

func TestARouteIsDelayedAndRetriedByItsOwnSchedule(t *testing.T) {
	t.Parallel()
	s := setup(t, shaped)
	s.receiver.answer = func(attempt int, _ arrival) int {
		return []int{http.StatusNotFound, http.StatusBadGateway, http.StatusServiceUnavailable}[attempt-1]
	}
	s.startGateway()
	s.startDeliverer()
	accepted := time.Now()
	tries := s.receiver.await(s.accept(newGithubEvent(1)), 3)
	at := accepted
	for i, want := range []time.Duration{3 * time.Second, 1 * time.Second, 3 * time.Second} {
		waited := tries[i].at.Sub(at)
		require.GreaterOrEqual(t, waited, want-50*time.Millisecond, "attempt %d", i+1)
		require.Less(t, waited, want+10*time.Second, "attempt %d", i+1)
		at = tries[i].at
	}
	dead := s.operator().await("penstock.dead.everything")
	require.EqualValues(t, http.StatusServiceUnavailable, dead.Headers["penstock-status"], "503 is an exception of the list")
	require.Equal(t, "server-error", dead.Headers["penstock-reason"])
}

func TestAStatusThatIsNotInTheListIsFinal(t *testing.T) {
	t.Parallel()
	s := setup(t, shaped)
	s.receiver.answer = func(int, arrival) int { return http.StatusTooManyRequests }
	s.startGateway()
	s.startDeliverer()
	id := s.accept(newGithubEvent(1))
	dead := s.operator().await("penstock.dead.everything")
	require.Equal(t, id, dead.MessageId)
	require.EqualValues(t, http.StatusTooManyRequests, dead.Headers["penstock-status"])
	require.Len(t, s.receiver.of(id), 1)
}

func TestAScheduleThatIsUsedUpMakesADeadLetter(t *testing.T) {
	t.Parallel()
	s := setup(t, shaped)
	s.receiver.answer = func(int, arrival) int { return http.StatusInternalServerError }
	s.startGateway()
	s.startDeliverer()
	id := s.accept(newGithubEvent(1))
	dead := s.operator().await("penstock.dead.everything")
	require.Equal(t, "max-attempts", dead.Headers["penstock-reason"])
	require.Len(t, s.receiver.of(id), 3)
}
