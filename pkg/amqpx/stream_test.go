package amqpx_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx"
)

func TestEndingAStreamsSubscriptionHalfWayLeavesTheConnectionAlone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.queue(t, "log", map[string]any{"x-queue-type": "stream"})
	b.queue(t, "work", nil)
	p := b.publisher(t, amqpx.PublisherOptions{})
	for i := range 200 {
		require.NoError(t, b.publish(p, "log", fmt.Sprintf("m%d", i)))
	}
	require.NoError(t, b.publish(p, "work", "one"))
	c := amqpx.NewConsumer(b.cfg, b.log)
	t.Cleanup(func() { require.NoError(t, c.Close(context.Background())) })
	held := make(chan *amqpx.Delivery, 1)
	working, rest := context.WithCancel(b.ctx)
	ended := make(chan error, 1)
	go func() {
		ended <- c.Subscribe(amqpx.Subscription{Queue: "work", Handle: func(_ context.Context, d *amqpx.Delivery) { held <- d }}).Run(working)
	}()
	other := <-held
	for range 10 {
		reading, stop := context.WithCancel(b.ctx)
		require.NoError(t, c.Subscribe(amqpx.Subscription{
			Queue: "log", Prefetch: 100, Ordered: true, Args: map[string]any{"x-stream-offset": "first"},
			Handle: func(_ context.Context, d *amqpx.Delivery) { _ = d.Ack(); stop() },
		}).Run(reading))
	}
	require.NoError(t, other.Ack(), "the connection is the same one")
	rest()
	require.NoError(t, <-ended)
}
