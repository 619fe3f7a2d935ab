package main

import (
	"context"
	"encoding/json"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"go.uber.org/zap/zaptest"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/amqpx/amqptest"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/topology"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func invoice(t *testing.T, body any) *event.Event {
	t.Helper()
	raw, err := json.Marshal(body)
	require.NoError(t, err)
	return &event.Event{ID: event.NewID(), Source: "shop", Type: "invoice.paid", ReceivedAt: time.Now(), Body: raw}
}

func TestTheExampleBooksWhatComesAndStops(t *testing.T) {
	t.Parallel()
	broker := amqptest.Broker(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	plan := topology.Plan{Routes: []topology.Route{{Name: "invoices"}}}
	require.NoError(t, amqpx.Declare(ctx, amqpx.Config{URLs: []string{broker}}, plan.Topology()))
	publisher := amqpx.NewPublisher(amqpx.Config{URLs: []string{broker}}, amqpx.PublisherOptions{}, zaptest.NewLogger(t))
	require.Eventually(t, func() bool { return publisher.Ready() == nil }, time.Minute, 10*time.Millisecond)
	m, err := event.Encode(invoice(t, map[string]any{"number": "R-1", "amount": 250}))
	require.NoError(t, err)
	require.NoError(t, publisher.Publish(ctx, amqpx.Publication{Exchange: topology.Routes, Key: topology.RouteQueue("invoices"), Message: m}))
	require.NoError(t, publisher.Close(ctx))

	booked, out := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- run(ctx, func(name string) string {
			return map[string]string{"ROUTE": "invoices", "PENSTOCK_AMQP_URLS": broker}[name]
		}, out)
	}()
	line := make([]byte, 100)
	n, err := booked.Read(line)
	require.NoError(t, err)
	require.Equal(t, "booked R-1 over 250\n", string(line[:n]))
	cancel()
	require.NoError(t, <-done)
}

func TestTheLedgerSaysWhatBecomesOfAnEvent(t *testing.T) {
	t.Parallel()
	l := &ledger{out: io.Discard}
	require.True(t, fault.IsPermanent(l.Handle(t.Context(), invoice(t, "no invoice"))))
	e := invoice(t, map[string]any{"number": "R-1"})
	require.NoError(t, l.Handle(t.Context(), e))
	l.out = nil // booking again would panic
	require.NoError(t, l.Handle(t.Context(), e))
	l.closed = true
	wait, asked := fault.Wait(l.Handle(t.Context(), e))
	require.True(t, asked)
	require.Equal(t, time.Hour, wait)
}
