package e2e

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTheLedgerClaimsNothingWhileItCannotLook(t *testing.T) {
	t.Parallel()
	broker, url := startNode(t, "blind")
	s := setupOn(t, plain, url)
	s.startGateway()
	s.startDeliverer()
	tracker := s.startTracker()
	s.receiver.await(s.accept(newGithubEvent(1)), 1)
	tracker.awaitClosed(1)
	require.Eventually(t, func() bool { return tracker.ledger().Known }, 90*time.Second, 100*time.Millisecond)

	broker.run("down")
	require.Eventually(t, func() bool { return !tracker.ledger().Known }, 120*time.Second, 100*time.Millisecond,
		"it says that every event is accounted for, and cannot know")
	_, page := tracker.get("/metrics")
	require.NotContains(t, page, "\npenstock_unaccounted_events{")

	broker.run("up")
	require.Eventually(t, func() bool { return tracker.ledger().Known }, 120*time.Second, 100*time.Millisecond)
}
