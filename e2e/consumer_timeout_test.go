package e2e

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The broker takes back what is not acknowledged for too long (consumer_timeout), closes the
// channel, and delivers the event again while its attempt is running.
func TestAnAttemptThatTakesLongerThanTheBrokerWaitsIsMadeOnce(t *testing.T) {
	t.Parallel()
	broker, url := startNode(t, "timeout")
	broker.run("ctl", "eval", "application:set_env(rabbit, consumer_timeout, 3000), application:set_env(rabbit, channel_tick_interval, 1000).")
	s := setupOn(t, `
sources:
  github: {provider: github, secrets: ["${GITHUB_WEBHOOK_SECRET}"]}
destinations:
  receiver: {url: "RECEIVER", timeout: 1m}
routes:
  everything: {from: [github], to: receiver}
`, url)
	s.receiver.answer = func(int, arrival) int {
		<-time.After(12 * time.Second) // so long the destination takes
		return http.StatusOK
	}
	s.startGateway()
	deliverer := s.startDeliverer()
	tracker := s.startTracker()
	id := s.accept(newGithubEvent(1))
	tracker.awaitClosed(1)
	s.operator().requireEmpty("penstock.route.everything")
	require.Contains(t, deliverer.log.String(), "delivery acknowledgement on channel", "the broker did not take it back")
	require.Len(t, s.receiver.of(id), 1)
}
