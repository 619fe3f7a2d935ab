package amqpx_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx"
)

func TestLinksCountWhatIsUpAndWhatWasMade(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.publisher(t, amqpx.PublisherOptions{Connections: 2})
	c := amqpx.NewConsumer(b.cfg, b.log)
	t.Cleanup(func() { closeWithin(t, 10*time.Second, c.Close) })
	all := func() bool {
		return p.Links() == amqpx.Links{Up: 2, Made: 2} && c.Links() == amqpx.Links{Up: 1, Made: 1}
	}
	require.Eventually(t, all, 30*time.Second, 10*time.Millisecond)

	for closed := 0; closed < 3; {
		closed += b.CloseConnections(t)
	}
	again := func() bool { return p.Links().Made == 4 && c.Links() == amqpx.Links{Up: 1, Made: 2} }
	require.Eventually(t, again, 30*time.Second, 10*time.Millisecond)
}

func TestMoreSubscriptionsThanAConnectionHasChannelsGetAnotherConnection(t *testing.T) {
	t.Parallel()
	const many = 2_100
	b := setup(t)
	b.queue(t, "work", nil)
	c := amqpx.NewConsumer(b.cfg, b.log)
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	got := make(chan struct{}, 10*many)
	for range many {
		s := c.Subscribe(amqpx.Subscription{Queue: "work", Prefetch: 1, Handle: func(_ context.Context, d *amqpx.Delivery) {
			_ = d.Ack()
			got <- struct{}{}
		}})
		running.Go(func() { _ = s.Run(ctx) })
	}
	t.Cleanup(func() { stop(); running.Wait(); closeWithin(t, 30*time.Second, c.Close) })
	consumers := func() bool {
		q, err := c.Inspect(b.ctx, "work")
		return err == nil && q.Consumers == many
	}
	require.True(t, waitFor(consumers, 3*time.Minute))
	require.Equal(t, 3, c.Links().Up)
	require.NoError(t, c.Ready())
	p := b.publisher(t, amqpx.PublisherOptions{Connections: 1})
	require.NoError(t, b.publish(p, "work", "one"))
	<-got
	require.Equal(t, amqpx.Links{Up: 1, Made: 1}, p.Links(), "subscriptions add none to publish over")
}
