package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// foundIncident is an incident as the operator's command lists it.
type foundIncident struct {
	ID         string `json:"id"`
	Kind       string `json:"kind"`
	State      string `json:"state"`
	Route      string `json:"route"`
	Source     string `json:"source"`
	HTTPStatus int    `json:"httpStatus"`
	Shape      string `json:"shape"`
	Failures   int    `json:"failures"`
	Events     int    `json:"events"`
	Dead       int    `json:"dead"`
}

// openIncidents returns what `penstock incidents list` says.
func (s *stack) openIncidents(t *tracker, more ...string) (all []foundIncident) {
	s.t.Helper()
	out := s.penstock(t.operator(), append([]string{"incidents", "list", "--output", "json"}, more...)...)
	require.NoError(s.t, json.Unmarshal([]byte(out), &all), "%s", out)
	return all
}

// operator is the environment of a command that asks this tracker.
func (t *tracker) operator() map[string]string {
	return map[string]string{"PENSTOCK_API_URL": strings.TrimSuffix(t.url, "/api/v1")}
}

// awaitIncidents waits until the open incidents are as wanted, for so long at most.
func (s *stack) awaitIncidents(t *tracker, patience time.Duration, wanted func([]foundIncident) bool) (all []foundIncident) {
	s.t.Helper()
	require.Eventually(s.t, func() bool { all = s.openIncidents(t); return wanted(all) }, patience, 200*time.Millisecond, "%v", &all)
	return all
}

// refusing is a receiver that refuses each event with another text, until it is mended.
type refusing struct {
	server *httptest.Server
	n      atomic.Int64
	mended atomic.Bool
}

func newRefusing(t *testing.T) *refusing {
	t.Helper()
	r := &refusing{}
	r.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		_, _ = io.Copy(io.Discard, req.Body)
		if r.mended.Load() {
			return
		}
		w.WriteHeader(http.StatusUnprocessableEntity)
		n := r.n.Add(1)
		_, _ = fmt.Fprintf(w, "NullPointerException: order.customer is null (order %d, request 7f3a9c%d, %s)", 4000+n, n, time.Now().Format(time.RFC3339Nano))
	}))
	t.Cleanup(r.server.Close)
	return r
}

func TestTenAnswersOfOneShapeAreOneIncidentThatAReplayEnds(t *testing.T) {
	t.Parallel()
	destination := newRefusing(t)
	s := setup(t, strings.ReplaceAll(plain, "RECEIVER", destination.server.URL))
	s.startGateway()
	s.startDeliverer()
	tracker := s.startTracker()
	for n := range 10 {
		s.accept(newGithubEvent(n))
	}
	all := s.awaitIncidents(tracker, 10*time.Second, func(all []foundIncident) bool { return len(all) > 0 && all[0].Dead == 10 })
	require.Len(t, all, 1)
	require.Equal(t, foundIncident{
		ID: all[0].ID, Kind: "delivery-failing", State: "open", Route: "everything", HTTPStatus: 422, Failures: 10, Events: 10, Dead: 10,
		Shape: "NullPointerException: order.customer is null (order #, request #)",
	}, all[0])
	require.Contains(t, s.penstock(tracker.operator(), "incidents", "show", all[0].ID), "NullPointerException: order.customer is null (order 40")
	require.Contains(t, s.penstock(tracker.operator(), "incidents", "ack", all[0].ID), "acknowledged")

	destination.mended.Store(true)
	s.penstock(tracker.operator(), "incidents", "replay", all[0].ID)
	s.awaitIncidents(tracker, 2*time.Minute, func(all []foundIncident) bool { return len(all) == 0 })
	require.Equal(t, all[0].ID, s.openIncidents(tracker, "--state", "resolved")[0].ID)
	tracker.awaitClosed(10)
}

func TestARotatedSecretIsAnIncidentOfItsSource(t *testing.T) {
	t.Parallel()
	s := setup(t, plain)
	s.startGateway()
	s.startDeliverer()
	tracker := s.startTracker()
	s.accept(newGithubEvent(0))
	rotated := newGithubEvent(1)
	rotated.secret = "the sender has another one now"
	require.Equal(t, http.StatusUnauthorized, s.post(rotated).status)
	all := s.awaitIncidents(tracker, 10*time.Second, func(all []foundIncident) bool { return len(all) == 1 })
	require.Equal(t, "verification-failing", all[0].Kind)
	require.Equal(t, "github", all[0].Source)
	s.accept(newGithubEvent(2))
	s.awaitIncidents(tracker, time.Minute, func(all []foundIncident) bool { return len(all) == 0 })
}

func TestARouteWithoutADelivererIsAnIncidentUntilThereIsOne(t *testing.T) {
	t.Parallel()
	s := setup(t, plain)
	s.startGateway()
	tracker := s.startTracker()
	s.accept(newGithubEvent(0))
	all := s.awaitIncidents(tracker, 15*time.Second, func(all []foundIncident) bool { return len(all) == 1 })
	require.Equal(t, "no-deliverer", all[0].Kind)
	require.Equal(t, "everything", all[0].Route)
	s.startDeliverer()
	s.awaitIncidents(tracker, time.Minute, func(all []foundIncident) bool { return len(all) == 0 })
}

func TestAConfigurationThatIsRefusedIsAnIncidentAndAChannelIsNotified(t *testing.T) {
	t.Parallel()
	got := make(chan string, 10)
	channel := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- r.Header.Get("Webhook-Signature") + string(body)
	}))
	t.Cleanup(channel.Close)
	notified := plain + fmt.Sprintf("notifications:\n  channels:\n    hook: {webhook: {url: %q, secrets: [\"${HOOK_SECRET}\"]}}\n", channel.URL)
	s := setup(t, notified)
	s.env["HOOK_SECRET"] = "c2VjcmV0IG9mIHRoZSBob29r"
	s.startGateway()
	tracker := s.startTracker()
	require.Contains(t, s.penstock(tracker.operator(), "notify", "test", "hook"), "hook (webhook) took the test message")
	require.Contains(t, <-got, "v1,")
	require.Eventually(t, tracker.active, 30*time.Second, 50*time.Millisecond)
	s.configure(notified + "destinatoins: {}\n")
	s.awaitIncidents(tracker, 30*time.Second, func(all []foundIncident) bool { return len(all) == 1 && all[0].Kind == "config-refused" })
	require.Contains(t, <-got, `"change":"opened"`)
	s.configure(notified)
	s.awaitIncidents(tracker, 30*time.Second, func(all []foundIncident) bool { return len(all) == 0 })
	require.Contains(t, <-got, `"change":"resolved"`)
}
