package amqpx_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx"
)

func TestWhatIsUnboundGetsNothingMore(t *testing.T) {
	t.Parallel()
	b := setup(t)
	require.NoError(t, amqpx.Declare(b.ctx, b.cfg, small()))
	p := b.publisher(t, amqpx.PublisherOptions{})
	publish := func() {
		require.NoError(t, p.Publish(b.ctx, amqpx.Publication{Exchange: "in", Key: "a.x", Message: message("one")}))
	}
	publish()
	for range 2 {
		require.NoError(t, amqpx.Unbind(b.ctx, b.cfg, []amqpx.Binding{
			{Source: "in", Key: "a.#", Queue: "work"}, {Source: "in", Key: "b.#", Exchange: "rest"},
		}))
	}
	publish()
	require.Equal(t, 1, b.Depth(t, "work"))
}

func TestOnlyAQueueThatNobodyNeedsIsRemoved(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.queue(t, "work", nil)
	require.NoError(t, b.publish(b.publisher(t, amqpx.PublisherOptions{}), "work", "one"))
	require.ErrorIs(t, amqpx.Remove(b.ctx, b.cfg, "work"), amqpx.ErrInUse)

	from, _ := b.deliveries(t, amqpx.Subscription{Queue: "work"})
	require.NoError(t, receive(t, from).Ack())
	require.ErrorIs(t, amqpx.Remove(b.ctx, b.cfg, "work"), amqpx.ErrInUse, "it is consumed")

	b.queue(t, "idle", nil)
	require.NoError(t, amqpx.Remove(b.ctx, b.cfg, "idle"))
	require.ErrorContains(t, amqpx.Remove(b.ctx, b.cfg, "idle"), "NOT_FOUND")
}

func TestNothingIsRemovedWithoutABroker(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	nowhere := amqpx.Config{URLs: []string{"amqp://127.0.0.1:1/"}}
	require.Error(t, amqpx.Remove(ctx, nowhere, "work"))
	require.Error(t, amqpx.Unbind(ctx, nowhere, nil))
	require.Error(t, amqpx.Unbind(ctx, amqpx.Config{}, nil))
}
