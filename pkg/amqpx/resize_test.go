package amqpx_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx"
)

func TestAResizedSubscriptionHoldsAsManyAsItSays(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.queue(t, "work", nil)
	entered, leave := make(chan struct{}, 100), make(chan struct{})
	sub := b.consume(t, amqpx.Subscription{Queue: "work", Prefetch: 8, Handle: func(_ context.Context, d *amqpx.Delivery) {
		entered <- struct{}{}
		<-leave
		_ = d.Ack()
	}})
	t.Cleanup(func() { close(leave) })
	c := amqpx.NewConsumer(b.cfg, b.log)
	t.Cleanup(func() { require.NoError(t, c.Close(context.Background())) })
	eventually(t, c.Ready)
	requireHeld := func(held, ready int) {
		t.Helper()
		for range held {
			<-entered
		}
		require.True(t, waitFor(func() bool {
			state, err := c.Inspect(b.ctx, "work")
			return err == nil && state.Ready == ready
		}, 30*time.Second), "%d ready", ready)
	}

	sub.Resize(3)
	p := b.publisher(t, amqpx.PublisherOptions{})
	for i := range 16 {
		require.NoError(t, b.publish(p, "work", strconv.Itoa(i)))
	}
	requireHeld(3, 13)
	sub.Resize(2)
	requireHeld(2, 11) // those of before are held on
	for range 5 {
		leave <- struct{}{}
	}
	requireHeld(2, 9)
	sub.Resize(100)
	requireHeld(6, 1) // eight handlers run, and one more is delivered: at most Prefetch
}
