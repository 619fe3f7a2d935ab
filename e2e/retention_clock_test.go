package e2e

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/pkg/topology"
)

// To a tracker whose clock jumps by 60 days, everything in the streams is 60 days old. It
// deletes nothing before the other processes' clocks agree.
func TestATrackerWhoseClockJumpedDeletesNoHistory(t *testing.T) {
	t.Parallel()
	s := setup(t, plain)
	s.startGateway()
	s.startDeliverer()
	s.env["PENSTOCK_RETENTION"] = "720h"
	tracker, reporter := s.startTracker(), s.reporter()
	then := time.Now().AddDate(0, 0, -60)
	e := &event.Event{
		ID: event.NewID(), Source: "github", Type: "push", ReceivedAt: then,
		Request: event.Request{Method: http.MethodPost, Path: "/in/github"}, Body: []byte("{}"),
	}
	m, err := event.Encode(e)
	require.NoError(t, err)
	require.NoError(t, reporter.Publish(t.Context(), amqpx.Publication{Key: topology.Archive, Message: m}))
	require.NoError(t, report(t, reporter, then, status.Record{Kind: status.Delivered, Event: e.ID, Source: "github", Type: "push", Route: "everything", Attempt: 1}))
	require.Eventually(t, func() bool { return tracker.state(e.ID) == "delivered" }, 60*time.Second, 100*time.Millisecond)

	<-time.After(70 * time.Second) // it looks for what is old once a minute
	require.Equal(t, "delivered", tracker.state(e.ID))

	s.accept(newGithubEvent(1)) // what the others say is 60 days later now
	require.Eventually(t, func() bool { return tracker.state(e.ID) == "" }, 90*time.Second, 500*time.Millisecond, "it keeps everything for ever")
}
