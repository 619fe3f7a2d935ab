package e2e

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestADelivererKilledInTheMiddleLosesNothing(t *testing.T) {
	t.Parallel()
	const events = 2000
	s := setup(t, plain)
	s.startGateway()
	deliverer := s.startDeliverer()
	tracker := s.startTracker()

	sent := s.load(loadPlan{workers: 16, events: events})
	require.Eventually(t, func() bool { return s.receiver.total() > events/4 }, 60*time.Second, time.Millisecond)
	deliverer.kill()
	before := s.receiver.total()
	s.startDeliverer()

	ids := sent.wait()
	require.Len(t, ids, events)
	duplicates := s.receiver.awaitAll(ids)
	tracker.awaitClosed(events)
	t.Logf("killed after %d of %d arrivals: all arrived, %d duplicates", before, events, duplicates)
}

func TestAGatewayKilledInTheMiddleLosesNothingThatItAccepted(t *testing.T) {
	t.Parallel()
	s := setup(t, plain)
	gateway := s.startGateway()
	s.startDeliverer()
	tracker := s.startTracker()

	enough := make(chan struct{})
	sent := s.load(loadPlan{workers: 16, stop: enough})
	require.Eventually(t, func() bool { return s.receiver.total() > 200 }, 60*time.Second, time.Millisecond)
	gateway.kill()
	require.Eventually(t, func() bool { return sent.failed() > 0 }, 60*time.Second, time.Millisecond)
	close(enough) // not before: the kill has to hit requests
	ids := sent.wait()
	duplicates := s.receiver.awaitAll(ids)
	tracker.awaitClosed(len(ids))
	t.Logf("%d accepted before the kill: all arrived, %d more that were never answered", len(ids), duplicates)
}

func TestATermSignalUnderLoadFailsNoRequestAndLosesNothing(t *testing.T) {
	t.Parallel()
	s := setup(t, plain)
	s.env["PENSTOCK_DRAIN_DELAY"] = "3s"
	gateway := s.startGateway()
	deliverer := s.startDeliverer()
	tracker := s.startTracker()

	sent := s.load(loadPlan{workers: 8, stop: gateway.notReady()})
	require.Eventually(t, func() bool { return s.receiver.total() > 200 }, 60*time.Second, time.Millisecond)
	deliverer.stop()
	gateway.stop() // the load ends when /readyz says so, as a load balancer's would
	ids := sent.wait()
	require.Zero(t, sent.failed(), "requests failed during the stop")

	s.startDeliverer()
	duplicates := s.receiver.awaitAll(ids)
	require.Zero(t, duplicates, "a clean stop makes no duplicates")
	tracker.awaitClosed(len(ids))
}
