package e2e

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestASignedEventIsDeliveredAsItWasSent(t *testing.T) {
	t.Parallel()
	s := setup(t, plain)
	s.startGateway()
	s.startDeliverer()

	sent := newGithubEvent(1)
	id := s.accept(sent)
	got := s.receiver.await(id, 1)[0]

	sameBytes(t, []byte(sent.body), got.body)
	require.Equal(t, "application/json", got.header.Get("Content-Type"))
	require.Equal(t, "push", got.header.Get("X-Github-Event"))
	require.NotEmpty(t, got.header.Get("X-Hub-Signature-256"), "the receiver can verify it again")
	require.Equal(t, "github", got.header.Get("Penstock-Source"))
	require.Equal(t, "1", got.header.Get("Penstock-Attempt"))
	require.Equal(t, "push", got.header.Get("Penstock-Event-Type"))
}

func TestAWrongSignatureIsRefusedAndNeverArrives(t *testing.T) {
	t.Parallel()
	s := setup(t, plain)
	s.startGateway()
	s.startDeliverer()

	forged := newGithubEvent(1)
	forged.secret = "guessed"
	a := s.post(forged)
	require.Equal(t, http.StatusUnauthorized, a.status)
	require.Equal(t, "application/problem+json", a.header.Get("Content-Type"))
	unsigned, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/in/github", strings.NewReader(forged.body))
	require.NoError(t, err)
	same, err := do(s.client, unsigned)
	require.NoError(t, err)
	require.Equal(t, a.body, same.body, "the reason would help an attacker")

	s.receiver.await(s.accept(newGithubEvent(2)), 1)
	require.Equal(t, 1, s.receiver.total())
}

func TestAFailingReceiverIsRetriedByThePolicy(t *testing.T) {
	t.Parallel()
	s := setup(t, plain)
	s.receiver.answer = func(attempt int, _ arrival) int {
		if attempt <= 3 {
			return http.StatusInternalServerError
		}
		return http.StatusOK
	}
	s.startGateway()
	s.startDeliverer()

	tries := s.receiver.await(s.accept(newGithubEvent(1)), 4)
	for i, want := range []time.Duration{1 * time.Second, 2 * time.Second, 4 * time.Second} {
		delay := tries[i+1].at.Sub(tries[i].at)
		require.InEpsilon(t, want.Seconds(), delay.Seconds(), 0.25, "delay %d was %v", i+1, delay)
		t.Logf("delay %d: %v (policy %v)", i+1, delay.Round(time.Millisecond), want)
	}
	require.Equal(t, "4", tries[3].header.Get("Penstock-Attempt"))
	s.operator().requireEmpty("penstock.route.everything")
	require.Len(t, tries, 4)
}

func TestADestinationThatAsksForTimeGetsIt(t *testing.T) {
	t.Parallel()
	s := setup(t, plain)
	s.receiver.server.Config.Handler = retryAfterOnce(s.receiver, "3")
	s.startGateway()
	s.startDeliverer()

	tries := s.receiver.await(s.accept(newGithubEvent(1)), 2)
	require.GreaterOrEqual(t, tries[1].at.Sub(tries[0].at), 3*time.Second)
}

// retryAfterOnce answers the first attempt with 429 and Retry-After.
func retryAfterOnce(r *receiver, seconds string) http.Handler {
	var once sync.Once
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		once.Do(func() {
			w.Header().Set("Retry-After", seconds)
			r.answer = func(attempt int, _ arrival) int {
				if attempt == 1 {
					return http.StatusTooManyRequests
				}
				return http.StatusOK
			}
		})
		r.serve(w, req)
	})
}

func TestARejectedEventIsADeadLetterWithItsReason(t *testing.T) {
	t.Parallel()
	s := setup(t, plain)
	s.receiver.answer = func(int, arrival) int { return http.StatusBadRequest }
	s.startGateway()
	s.startDeliverer()

	id := s.accept(newGithubEvent(1))
	dead := s.operator().await("penstock.dead.everything")
	require.Equal(t, id, dead.MessageId)
	require.Equal(t, "everything", dead.Headers["penstock-route"])
	require.Equal(t, "rejected", dead.Headers["penstock-reason"])
	require.EqualValues(t, 400, dead.Headers["penstock-status"])
	sameBytes(t, []byte(newGithubEvent(1).body), dead.Body)
	require.Len(t, s.receiver.of(id), 1)
}

func TestADeletedRoutesEventIsKeptAndBlocksNobody(t *testing.T) {
	t.Parallel()
	two := plain + "  doomed: {from: [github], to: receiver, types: [ping], retry: {initial: 3s, jitter: 0}}\n"
	s := setup(t, two)
	s.receiver.answer = func(int, arrival) int { return http.StatusServiceUnavailable }
	s.startGateway()
	deliverer := s.startDeliverer()

	ping := newGithubEvent(1)
	ping.kind = "ping"
	doomed := s.accept(ping)
	s.receiver.await(doomed, 2) // once per route; both wait for their retry now
	deliverer.stop()
	s.configure(plain)
	s.operator().deleteQueue("penstock.route.doomed")
	s.operator().deleteQueue("penstock.deferred.doomed")
	s.receiver.answer = func(int, arrival) int { return http.StatusOK }
	s.startDeliverer()

	orphan := s.operator().await("penstock.orphan")
	require.Equal(t, doomed, orphan.MessageId)
	s.receiver.await(doomed, 3) // the other route's retry went on
	s.receiver.await(s.accept(newGithubEvent(2)), 1)
}
