package e2e

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2"
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

// composed is a destination that gets more than the body.
const composed = `
sources:
  github: {provider: github, secrets: ["${GITHUB_WEBHOOK_SECRET}"]}
destinations:
  receiver:
    url: "RECEIVER/api?v=1"
    timeout: 5s
    request:
      method: PUT
      path: "/refs/{body.ref}"
      query: {kind: "{type}"}
      headers: {X-Delivery: 'd-{headers["x-github-delivery"]}'}
routes:
  everything: {from: [github], to: receiver, types: [push], transform: '{ref: (.ref // "..")}'}
`

func TestARequestIsMadeOfTheEventThatItDelivers(t *testing.T) {
	t.Parallel()
	s := setup(t, composed)
	requests := make(chan *http.Request, 10)
	s.receiver.server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests <- r.Clone(context.Background())
		s.receiver.serve(w, r)
	})
	s.startGateway()
	s.startDeliverer()
	good := newGithubEvent(1)
	good.body = `{"ref": "refs/heads/a b"}`
	s.receiver.await(s.accept(good), 1)
	r := <-requests
	require.Equal(t, http.MethodPut, r.Method)
	require.Equal(t, "/api/refs/refs%2Fheads%2Fa%20b?v=1&kind=push", r.RequestURI)
	require.True(t, strings.HasPrefix(r.Header.Get("X-Delivery"), "d-"))
	require.Greater(t, len(r.Header.Get("X-Delivery")), 3)

	bad := newGithubEvent(2)
	bad.body = `{}`
	id := s.accept(bad)
	dead := s.operator().await("penstock.dead.everything")
	require.Equal(t, id, dead.MessageId)
	require.Equal(t, "request", dead.Headers["penstock-reason"])
	require.Empty(t, requests, "what leads elsewhere is not sent")
}

func TestADestinationGetsCloudEventsThatTheOfficialSDKReads(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"cloudevents-binary", "cloudevents-structured"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			s := setup(t, strings.Replace(plain, "timeout: 5s", "timeout: 5s, format: "+format, 1))
			events := make(chan *cloudevents.Event, 10)
			s.receiver.server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				e, err := cloudevents.NewEventFromHTTPRequest(r)
				if err != nil || e.Validate() != nil {
					w.WriteHeader(http.StatusBadRequest)
					return
				}
				events <- e
			})
			s.startGateway()
			s.startDeliverer()
			sent := newGithubEvent(1)
			id := s.accept(sent)
			select {
			case e := <-events:
				require.Equal(t, id, e.ID())
				require.Equal(t, "/in/github", e.Source())
				require.Equal(t, "push", e.Type())
				require.JSONEq(t, sent.body, string(e.Data()))
			case <-time.After(time.Minute):
				require.Fail(t, "no CloudEvent arrived")
			}
		})
	}
}

func TestASenderIsAnsweredAsItsSourceSays(t *testing.T) {
	t.Parallel()
	s := setup(t, plain+"  own: {from: [own], to: receiver}\n")
	s.configure(strings.Replace(plain+"  own: {from: [own], to: receiver}\n", "sources:\n", `sources:
  own: {open: true, respond: {status: 200, headers: {X-Event: "{id}"}, body: '{"ok": true, "id": "{id}", "at": "{receivedAt}"}'}}
`, 1))
	s.startGateway()
	s.startDeliverer()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/in/own", strings.NewReader(`{"a": 1}`))
	require.NoError(t, err)
	got, err := do(s.client, req)
	require.NoError(t, err)
	id := got.header.Get("Penstock-Event-Id")
	require.NotEmpty(t, id)
	require.Equal(t, http.StatusOK, got.status)
	require.Equal(t, "application/json", got.header.Get("Content-Type"))
	require.Equal(t, id, got.header.Get("X-Event"))
	require.Regexp(t, `^\{"ok": true, "id": "`+id+`", "at": "20[0-9-]+T[0-9:.]+Z"\}$`, got.body)
	s.receiver.await(id, 1)
}
