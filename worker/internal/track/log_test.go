package track_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/routing/routingtest"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/pkg/topology"
)

func TestAnEventIsLoggedWithItsTraceAndNothingThatWasSent(t *testing.T) {
	t.Parallel()
	b := setup(t)
	core, lines := observer.New(zap.DebugLevel)
	b.log = zap.New(core)
	b.tracker(t, b.store, time.Second)

	e := &event.Event{
		ID: event.NewID(), Source: "shop", Type: "order.paid", ReceivedAt: time.Now(), Body: []byte("sent-body"),
		Trace: event.Trace{Parent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"},
		Request: event.Request{
			Method: "POST", Path: "/in/shop", Query: "token=sent-token", Header: []event.Field{{Name: "X-Signature", Value: "sent-signature"}},
		},
	}
	m, err := event.Encode(e)
	require.NoError(t, err)
	b.publish(t, topology.Routes, topology.Archive, routingtest.Archived(m, "all", "billing"))
	b.tell(t, status.Record{Kind: status.Delivered, Event: e.ID, Route: "billing", Attempt: 1, Answer: []byte("sent-answer")})
	require.Eventually(t, func() bool {
		return lines.FilterMessage("event tracked").Len() == 1 && lines.FilterMessage("record tracked").Len() == 1
	},
		patience, 20*time.Millisecond)

	told := lines.FilterMessage("event tracked").All()[0].ContextMap()
	require.Equal(t, e.ID, told["event"])
	require.Equal(t, "4bf92f3577b34da6a3ce929d0e0e4736", told["trace"])
	record := lines.FilterMessage("record tracked").All()[0].ContextMap()
	require.Equal(t, e.ID, record["event"])
	require.Equal(t, "delivered", record["kind"])
	for _, line := range lines.All() {
		for _, field := range line.Context {
			require.NotContains(t, field.String, "sent-")
		}
	}
}
