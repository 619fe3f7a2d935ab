package e2e

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestABrokerOutageIsAnsweredAtOnceAndEndsByItself(t *testing.T) {
	t.Parallel()
	for how, name := range map[string]string{"down": "stopped", "kill": "killed"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			outage(t, name, how)
		})
	}
}

// outage takes the broker away under load, in the way named, and brings it back.
func outage(t *testing.T, name, how string) {
	t.Helper()
	broker, url := startNode(t, name)
	s := setupOn(t, plain, url)
	gateway := s.startGateway()
	s.startDeliverer()
	tracker := s.startTracker()
	standby := s.startTracker()
	enough := make(chan struct{})
	sent := s.load(loadPlan{workers: 8, stop: enough})
	require.Eventually(t, func() bool { return sent.acceptedCount() > 300 }, 60*time.Second, time.Millisecond)

	began := time.Now()
	broker.run(how)
	gone := time.Now()
	require.Eventually(t, func() bool { return len(sent.refusals()) > 50 }, 30*time.Second, 10*time.Millisecond)
	require.Less(t, sent.firstRefusal().Sub(gone), time.Second)
	s.requireOutage(gateway)

	broker.run("up")
	back := time.Now()
	before := sent.acceptedCount()
	require.Eventually(t, func() bool { return sent.acceptedCount() > before }, 10*time.Second, 10*time.Millisecond,
		"it does not work again by itself")
	recovery := time.Since(back)

	close(enough)
	duplicates := s.receiver.awaitAll(sent.wait())
	tracker.awaitClosed(sent.acceptedCount())
	require.NotEqual(t, tracker.active(), standby.active(), "one of two trackers writes")
	longest := requireRefusals(t, sent)
	t.Logf("first 503 %v after the end began; longest refusal took %v; accepting again %v after the broker was ready",
		sent.firstRefusal().Sub(began).Round(time.Millisecond), longest.Round(time.Millisecond), recovery.Round(time.Millisecond))
	t.Logf("%d accepted, all arrived; %d refused with 503; %d duplicates", sent.acceptedCount(), len(sent.refusals()), duplicates)
}

// requireOutage requires that the gateway says at once what is wrong, and that a load
// balancer goes on sending to it: any other answer would be worse.
func (s *stack) requireOutage(gateway *process) {
	s.t.Helper()
	a := s.post(newGithubEvent(90_000_000)) // a new one: what was accepted before is known to be safe
	require.Equal(s.t, http.StatusServiceUnavailable, a.status)
	require.Less(s.t, a.took, time.Second)
	require.NotEmpty(s.t, a.header.Get("Retry-After"))
	status, text := gateway.get("/readyz?verbose")
	require.Equal(s.t, http.StatusOK, status, text)
	require.Contains(s.t, text, `"ready":true`)
	require.NotContains(s.t, text, `"broker":"ok"`)
	require.Equal(s.t, http.StatusOK, gateway.status("/healthz"))
}

// A gateway that starts in an outage has never seen its topology: nothing is sent to it.
func TestAGatewayThatNeverSawItsTopologyIsNotReady(t *testing.T) {
	t.Parallel()
	broker, url := startNode(t, "absent")
	s := setupOn(t, plain, url)
	broker.run("down")
	gateway := s.launchGateway()
	refuses := func() bool {
		req, err := newGithubEvent(1).request(t.Context(), s.url+"/in/github")
		require.NoError(t, err)
		a, err := do(s.client, req)
		return err == nil && a.status == http.StatusServiceUnavailable
	}
	require.Eventually(t, refuses, 30*time.Second, 10*time.Millisecond, "a sender that finds it all the same is answered")
	status, text := gateway.get("/readyz")
	require.Equal(t, http.StatusServiceUnavailable, status, text)

	broker.run("up")
	gateway.awaitReady()
}

// requireRefusals requires that each request was answered, in time and with the
// right status, and returns how long the slowest refusal took.
func requireRefusals(t *testing.T, sent *load) (longest time.Duration) {
	t.Helper()
	const publishTimeout, slack = 5 * time.Second, time.Second
	require.Zero(t, sent.broken, "requests got no answer")
	for _, a := range sent.refusals() {
		require.Equal(t, http.StatusServiceUnavailable, a.status, a.body)
		require.NotEmpty(t, a.header.Get("Retry-After"))
		require.Less(t, a.took, publishTimeout+slack)
		longest = max(longest, a.took)
	}
	return longest
}
