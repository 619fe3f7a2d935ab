package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/consume"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/retry"
)

// failing is routes that fail in all ways that a configuration has.
const failing = `
sources:
  github: {provider: github, secrets: ["${GITHUB_WEBHOOK_SECRET}"]}
destinations:
  refuses: {url: "RECEIVER", timeout: 5s}
  works: {url: "RECEIVER/works", timeout: 5s}
routes:
  refused: {from: [github], to: refuses}
  filtered: {from: [github], to: works, filter: 'body.commits > 1'}
  changed: {from: [github], to: works, transform: '.ref + 1'}
  handled: {from: [github], to: works, retry: {initial: 1s, max: 1s, maxAttempts: 1}}
  sorted: {from: [github], to: works, ordering: {key: 'body.customer'}}
`

// reason is what the API says of a delivery, or of an attempt.
type reason struct {
	Route         string        `json:"route"`
	State         string        `json:"state"`
	Reason        string        `json:"reason"`
	HTTPStatus    int           `json:"httpStatus"`
	Error         string        `json:"error"`
	Answer        string        `json:"answer"`
	AnswerCut     bool          `json:"answerCut"`
	AnswerHeaders []answerField `json:"answerHeaders"`
	Waiting       *struct {
		Why   string     `json:"why"`
		Text  string     `json:"text"`
		Until *time.Time `json:"until"`
	} `json:"waiting"`
}

// answerField is a header field of an answer.
type answerField struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// detail is what the API says of an event.
type detail struct {
	Event struct {
		Deliveries []reason `json:"deliveries"`
	} `json:"event"`
	History []reason `json:"history"`
}

func (t *tracker) detail(id string) (d detail) {
	if status, body := t.ask("/events/" + id); status == http.StatusOK {
		require.NoError(t.t, json.Unmarshal(body, &d))
	}
	return d
}

// awaitState waits until a delivery of the event is in a state, and returns it.
func (t *tracker) awaitState(id, route, state string) (r reason) {
	t.t.Helper()
	require.Eventually(t.t, func() bool {
		for _, r = range t.detail(id).Event.Deliveries {
			if r.Route == route && r.State == state {
				return true
			}
		}
		return false
	}, 60*time.Second, 100*time.Millisecond, "%s of %s is not %s", route, id, state)
	return r
}

func TestAFailureExplainsItself(t *testing.T) {
	t.Parallel()
	s := setup(t, failing)
	long := "NullPointerException: order.customer is null\n" + strings.Repeat("at Billing.java\n", 1000)
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Request-ID", "r-4711")
		w.Header().Set("Set-Cookie", "session=s3cr3t")
		w.WriteHeader(http.StatusUnprocessableEntity)
		_, _ = w.Write([]byte(long))
	}))
	t.Cleanup(refusing.Close)
	s.configure(strings.Replace(failing, `refuses: {url: "RECEIVER"`, `refuses: {url: "`+refusing.URL+`"`, 1))
	s.env["PENSTOCK_ROUTES"] = "refused,filtered,changed,sorted"
	s.startGateway()
	s.startDeliverer()
	tracker := s.startTracker()
	s.handle("handled")
	id := s.accept(newGithubEvent(4711882))

	got := tracker.awaitState(id, "refused", "dead")
	require.Equal(t, "rejected", got.Reason)
	require.Equal(t, http.StatusUnprocessableEntity, got.HTTPStatus)
	require.True(t, strings.HasPrefix(got.Error, "NullPointerException: order.customer is null at Billing.java"), got.Error)
	require.Equal(t, "no such key: commits", lastPart(tracker.awaitState(id, "filtered", "dead").Error))
	require.Contains(t, tracker.awaitState(id, "changed", "dead").Error, "cannot add")
	require.Equal(t, "no such key: customer", lastPart(tracker.awaitState(id, "sorted", "dead").Error))
	handled := tracker.awaitState(id, "handled", "dead")
	require.Equal(t, "no order [payload]", handled.Error, "it quotes the payload")
	for _, past := range tracker.detail(id).History {
		if past.Route == "refused" {
			require.Equal(t, long[:4096], past.Answer)
			require.True(t, past.AnswerCut)
			require.Contains(t, past.AnswerHeaders, answerField{"X-Request-Id", "r-4711"})
			require.NotContains(t, fmt.Sprint(past.AnswerHeaders), "s3cr3t")
		}
	}
	api := map[string]string{"PENSTOCK_API_URL": strings.TrimSuffix(tracker.url, "/api/v1")}
	shown := s.penstock(api, "events", "show", id)
	for _, text := range []string{"NullPointerException: order.customer is null", "X-Request-Id: r-4711", "the answer goes on", "no order [payload]", "no such key: commits"} {
		require.Contains(t, shown, text)
	}
	require.Contains(t, s.penstock(api, "dead", "list", "--status", "422", "--error", "customer is null"), "NullPointerException: order.customer is null")
	page := tracker.page("/dead?status=422&error=customer+is+null")
	require.Contains(t, page, "NullPointerException: order.customer is null")
	require.NotContains(t, page, "no such key")
}

// lastPart is an error without what says where it happened.
func lastPart(text string) string {
	at := strings.LastIndex(text, "no such key")
	return text[max(at, 0):]
}

// page returns a page of the console.
func (t *tracker) page(path string) string {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(t.url, "/api/v1")+"/console"+path, nil)
	require.NoError(t.t, err)
	res, err := http.DefaultClient.Do(req)
	require.NoError(t.t, err)
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	require.NoError(t.t, err)
	return string(text)
}

// handle consumes a route with a handler whose error quotes the payload.
func (s *stack) handle(route string) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		err := consume.Run(ctx, amqpx.Config{URLs: []string{s.broker}}, consume.Options{
			Route: route, Retry: retry.Policy{Initial: time.Second, Factor: 1, Max: time.Second, MaxAttempts: 1},
			Handler: consume.HandlerFunc(func(_ context.Context, e *event.Event) error {
				var body struct {
					N int `json:"n"`
				}
				return errors.Join(json.Unmarshal(e.Body, &body), fmt.Errorf("no order %d", body.N))
			}),
		})
		if err != nil {
			s.t.Error(err)
		}
	})
	s.t.Cleanup(func() { cancel(); running.Wait() })
}

// shared is two routes to one destination.
const shared = `
sources:
  github: {provider: github, secrets: ["${GITHUB_WEBHOOK_SECRET}"]}
destinations:
  receiver: {url: "RECEIVER", timeout: 5s}
routes:
  one: {from: [github], to: receiver}
  other: {from: [github], types: [ping], to: receiver}
`

func TestOneRouteIsPausedWithoutTheOthersToItsDestination(t *testing.T) {
	t.Parallel()
	s := setup(t, shared)
	s.startGateway()
	s.startDeliverer()
	tracker := s.startTracker()
	api := map[string]string{"PENSTOCK_API_URL": strings.TrimSuffix(tracker.url, "/api/v1")}
	require.Contains(t, s.penstock(api, "routes", "pause", "one"), "paused")
	var id string
	require.Eventually(t, func() bool { // the deliverer obeys within seconds
		ping := newGithubEvent(int(time.Now().UnixNano() % 1e8))
		ping.kind = "ping"
		id = s.accept(ping)
		return tracker.awaitState(id, "other", "delivered").Route == "other" && len(s.receiver.of(id)) == 1
	}, 60*time.Second, 500*time.Millisecond, "the route is not paused")
	waiting := tracker.awaitState(id, "one", "pending").Waiting
	require.NotNil(t, waiting)
	require.Equal(t, "route-paused", waiting.Why)
	s.startDeliverer() // one that starts later obeys, too
	require.Len(t, s.receiver.of(id), 1)
	s.penstock(api, "routes", "resume", "one")
	tracker.awaitState(id, "one", "delivered")
	s.receiver.await(id, 2)
}

func TestADestinationThatRefusesEverythingIsFailing(t *testing.T) {
	t.Parallel()
	s := setup(t, plain)
	s.receiver.answer = func(int, arrival) int { return http.StatusUnprocessableEntity }
	s.startGateway()
	s.startDeliverer()
	tracker := s.startTracker()
	tracker.awaitState(s.accept(newGithubEvent(1)), "everything", "dead")
	var d struct {
		Breaker string `json:"breaker"`
		Health  struct {
			State       string   `json:"state"`
			SuccessRate *float64 `json:"successRate"`
			P50Ms       *float64 `json:"p50Ms"`
			LastFailure struct {
				HTTPStatus int    `json:"httpStatus"`
				Route      string `json:"route"`
			} `json:"lastFailure"`
		} `json:"health"`
	}
	require.Eventually(t, func() bool { // the tracker looks for deliverers every few seconds
		status, body := tracker.ask("/destinations/receiver")
		return status == http.StatusOK && json.Unmarshal(body, &d) == nil && d.Health.State != "no-deliverer"
	}, 30*time.Second, 100*time.Millisecond)
	require.Equal(t, "failing", d.Health.State)
	require.NotNil(t, d.Health.SuccessRate)
	require.Zero(t, *d.Health.SuccessRate)
	require.NotNil(t, d.Health.P50Ms)
	require.Equal(t, http.StatusUnprocessableEntity, d.Health.LastFailure.HTTPStatus)
	require.Equal(t, "everything", d.Health.LastFailure.Route)
	page := tracker.page("/destinations")
	require.Contains(t, page, `<span class="badge bad">failing</span>`)
	require.NotContains(t, page, "closed: attempts pass")
}
