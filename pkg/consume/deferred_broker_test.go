package consume_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap/zaptest"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/consume"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/topology"
)

// put publishes an event to a queue as a gateway does, and returns its id.
func (w *world) put(t *testing.T, queue string) string {
	t.Helper()
	e := &event.Event{ID: event.NewID(), Source: "shop", Type: "order.paid", ReceivedAt: time.Now(), Request: event.Request{Method: "POST"}, Body: []byte(queue)}
	m, err := event.Encode(e)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	require.NoError(t, w.publisher.Publish(ctx, amqpx.Publication{Exchange: topology.Routes, Key: queue, Message: m}))
	return e.ID
}

var inlets = []string{topology.RouteQueue("orders"), topology.DeferredQueue("orders")}

func TestARouteTakesItsDeferredEvents(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	got := make(chan string, 64)
	gate := new(consume.Gate)
	w.run(t, consume.Options{Route: "orders", Concurrency: 1, Gate: gate, Handler: consume.HandlerFunc(
		func(_ context.Context, e *event.Event) error { got <- e.ID; return nil })}, w.publisher)
	var want []string
	for range 10 {
		for _, queue := range inlets {
			want = append(want, w.put(t, queue))
		}
	}
	require.ElementsMatch(t, want, take(got, len(want)))

	gate.Hold(true)
	want = nil
	require.Eventually(t, func() bool { // an event may still be on its way to the handler
		for _, queue := range inlets {
			want = append(want, w.put(t, queue))
		}
		return w.vhost.Depth(t, inlets[0]) > 1 && w.vhost.Depth(t, inlets[1]) > 1
	}, patience, 20*time.Millisecond, "a pause reaches both queues")
	gate.Hold(false)
	require.ElementsMatch(t, want, take(got, len(want)))
}

func take(got <-chan string, n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = <-got
	}
	return ids
}

func TestAHandlerGetsDeferredEventsAndStopsLikeAnyOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	begun, finish := make(chan string, 8), make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error, 1)
	o := consume.Options{Route: "orders", Concurrency: 2, Log: zaptest.NewLogger(t), Handler: consume.HandlerFunc(
		func(_ context.Context, e *event.Event) error { begun <- e.ID; <-finish; return nil })}
	go func() { done <- consume.Run(ctx, w.config, o) }()
	want := []string{w.put(t, inlets[0]), w.put(t, inlets[1])}
	require.ElementsMatch(t, want, take(begun, 2), "both queues share the handler's calls")
	left := []string{w.put(t, inlets[0]), w.put(t, inlets[1])}
	cancel()
	require.Never(t, func() bool { return len(done) > 0 }, 200*time.Millisecond, 20*time.Millisecond)
	close(finish)
	require.NoError(t, <-done)
	require.Empty(t, begun)
	require.Equal(t, left[0], w.read(t, inlets[0]).ID)
	require.Equal(t, left[1], w.read(t, inlets[1]).ID)
}

func TestAMissingDeferredQueueIsWaitedForAndHoldsUpNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.vhost.DeleteQueue(t, inlets[1])
	got := make(chan string, 8)
	w.run(t, consume.Options{Route: "orders", Handler: consume.HandlerFunc(
		func(_ context.Context, e *event.Event) error { got <- e.ID; return nil })}, w.publisher)
	require.Equal(t, w.put(t, inlets[0]), <-got)
	plan := topology.Plan{Routes: []topology.Route{{Name: "orders"}}}
	require.NoError(t, amqpx.Declare(t.Context(), w.config, plan.Topology()))
	require.Equal(t, w.put(t, inlets[1]), <-got)
}
