package amqpx_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx"
)

func TestAQueueIsLookedAtOverTheConsumersConnection(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.queue(t, "work", nil)
	p := b.publisher(t, amqpx.PublisherOptions{})
	for _, id := range []string{"one", "two", "three"} {
		require.NoError(t, b.publish(p, "work", id))
	}
	c := amqpx.NewConsumer(b.cfg, b.log)
	t.Cleanup(func() { require.NoError(t, c.Close(context.Background())) })
	eventually(t, c.Ready)
	look := func(queue string) amqpx.QueueState {
		state, err := c.Inspect(b.ctx, queue)
		require.NoError(t, err)
		return state
	}
	require.Equal(t, amqpx.QueueState{Ready: 3}, look("work"))
	from, _ := b.deliveries(t, amqpx.Subscription{Queue: "work", Prefetch: 1})
	d := receive(t, from)
	require.Equal(t, amqpx.QueueState{Ready: 2, Consumers: 1}, look("work"))
	require.NoError(t, d.Ack())

	_, err := c.Inspect(b.ctx, "nowhere")
	require.ErrorIs(t, err, amqpx.ErrNoQueue)
	require.NoError(t, c.Ready(), "the connection has survived the refusal")
}

func TestNoQueueIsLookedAtWithoutABroker(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := amqpx.NewConsumer(amqpx.Config{URLs: []string{"amqp://127.0.0.1:1/"}}, b.log)
	t.Cleanup(func() { require.NoError(t, c.Close(context.Background())) })
	_, err := c.Inspect(b.ctx, "work")
	require.ErrorIs(t, err, amqpx.ErrUnavailable)
}
