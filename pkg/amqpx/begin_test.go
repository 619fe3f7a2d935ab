package amqpx_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx"
)

// A process begins subscriptions while others run: a route is new, or its destination takes
// more at once than before.
func TestASubscriptionThatBeginsLeavesItsConsumerReady(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.queue(t, "work", nil)
	c := amqpx.NewConsumer(b.cfg, b.log)
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	t.Cleanup(func() { stop(); running.Wait(); closeWithin(t, 10*time.Second, c.Close) })
	eventually(t, c.Ready)
	begin := func(queue string) *amqpx.Subscriber {
		s := c.Subscribe(amqpx.Subscription{Queue: queue, Handle: func(context.Context, *amqpx.Delivery) {}})
		running.Go(func() { _ = s.Run(ctx) })
		return s
	}
	for range 5 {
		for s := begin("work"); s.Ready() != nil; {
			require.NoError(t, c.Ready())
		}
	}
	begin("none")
	require.True(t, waitFor(func() bool { return c.Ready() != nil }, 10*time.Second), "it cannot be consumed")
	require.ErrorIs(t, c.Ready(), amqpx.ErrNoQueue)
}
