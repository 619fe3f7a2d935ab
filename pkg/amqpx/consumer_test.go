package amqpx_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx"
)

// consume runs a subscription until the test ends.
func (b *bench) consume(t *testing.T, s amqpx.Subscription) *amqpx.Subscriber {
	t.Helper()
	c := amqpx.NewConsumer(b.cfg, b.log)
	sub := c.Subscribe(s)
	done := make(chan error, 1)
	go func() { done <- sub.Run(context.Background()) }()
	t.Cleanup(func() {
		closeWithin(t, 10*time.Second, c.Close)
		require.NoError(t, <-done)
	})
	eventually(t, func() error {
		if err := c.Ready(); err != nil {
			return err
		}
		return sub.Ready()
	})
	return sub
}

// deliveries consumes a queue into a channel and settles nothing.
func (b *bench) deliveries(t *testing.T, s amqpx.Subscription) (<-chan *amqpx.Delivery, *amqpx.Subscriber) {
	t.Helper()
	out := make(chan *amqpx.Delivery, 1000)
	s.Handle = func(_ context.Context, d *amqpx.Delivery) { out <- d }
	return out, b.consume(t, s)
}

func receive(t *testing.T, from <-chan *amqpx.Delivery) *amqpx.Delivery {
	t.Helper()
	select {
	case d := <-from:
		return d
	case <-time.After(30 * time.Second):
		require.Fail(t, "no delivery within 30s")
		return nil
	}
}

func TestAMessageArrivesAsItWasPublished(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.queue(t, "work", nil)
	sent := message("one")
	p := b.publisher(t, amqpx.PublisherOptions{})
	require.NoError(t, p.Publish(b.ctx, amqpx.Publication{Key: "work", Message: sent}))

	from, _ := b.deliveries(t, amqpx.Subscription{Queue: "work"})
	d := receive(t, from)
	require.Equal(t, sent, d.Message)
	require.Equal(t, "work", d.Key)
	require.EqualValues(t, -1, d.Offset)
	require.Zero(t, d.Returns)
	require.False(t, d.Redelivered)
	require.Empty(t, d.Death)
	require.NoError(t, d.Ack())
	require.ErrorIs(t, d.Ack(), amqpx.ErrSettled)
	require.ErrorIs(t, d.Requeue(), amqpx.ErrSettled)
}

func TestARequeuedMessageComesBackAndIsCounted(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.queue(t, "work", nil)
	require.NoError(t, b.publish(b.publisher(t, amqpx.PublisherOptions{}), "work", "one"))

	from, _ := b.deliveries(t, amqpx.Subscription{Queue: "work", Prefetch: 1})
	require.NoError(t, receive(t, from).Requeue())
	d := receive(t, from)
	require.True(t, d.Redelivered)
	require.Equal(t, 1, d.Returns)
	require.NotContains(t, d.Message.Headers, "x-delivery-count")
	require.NoError(t, d.Release())
	require.NoError(t, receive(t, from).Ack())
}

func TestARejectedMessageIsADeadLetter(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.queue(t, "dead", nil)
	b.queue(t, "work", map[string]any{"x-dead-letter-exchange": "", "x-dead-letter-routing-key": "dead"})
	require.NoError(t, b.publish(b.publisher(t, amqpx.PublisherOptions{}), "work", "one"))

	work, _ := b.deliveries(t, amqpx.Subscription{Queue: "work"})
	dead, _ := b.deliveries(t, amqpx.Subscription{Queue: "dead"})
	require.NoError(t, receive(t, work).Reject())
	d := receive(t, dead)
	require.Equal(t, "rejected", d.Death)
	require.NotContains(t, d.Message.Headers, "x-death")
	require.NoError(t, d.Ack())
}

func TestNoMoreHandlersRunThanThePrefetch(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.queue(t, "work", nil)
	p := b.publisher(t, amqpx.PublisherOptions{})
	for i := range 40 {
		require.NoError(t, b.publish(p, "work", strconv.Itoa(i)))
	}
	var now, most, all atomic.Int64
	b.consume(t, amqpx.Subscription{Queue: "work", Prefetch: 4, Handle: func(_ context.Context, d *amqpx.Delivery) {
		most.Store(max(most.Load(), now.Add(1)))
		if d.Ack() == nil { // before the handler is over: the broker sends more now
			all.Add(1)
		}
		<-time.After(time.Millisecond)
		now.Add(-1)
	}})
	require.True(t, waitFor(func() bool { return all.Load() == 40 }, 30*time.Second))
	require.LessOrEqual(t, most.Load(), int64(4))
}

func TestAnOrderedSubscriptionKeepsTheOrder(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.queue(t, "work", nil)
	p := b.publisher(t, amqpx.PublisherOptions{Connections: 1})
	for i := range 100 {
		require.NoError(t, b.publish(p, "work", strconv.Itoa(i)))
	}
	from, _ := b.deliveries(t, amqpx.Subscription{Queue: "work", Prefetch: 10, Ordered: true})
	for i := range 100 {
		d := receive(t, from)
		require.Equal(t, strconv.Itoa(i), d.Message.ID)
		require.NoError(t, d.Ack())
	}
}

func TestAPausedSubscriptionGivesBackWhatNobodySaw(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.queue(t, "work", nil)
	p := b.publisher(t, amqpx.PublisherOptions{})
	for i := range 10 {
		require.NoError(t, b.publish(p, "work", strconv.Itoa(i)))
	}
	entered, leave := make(chan *amqpx.Delivery, 10), make(chan struct{})
	sub := b.consume(t, amqpx.Subscription{Queue: "work", Prefetch: 5, Ordered: true, Handle: func(_ context.Context, d *amqpx.Delivery) {
		entered <- d
		<-leave
	}})
	held := receive(t, entered)
	sub.Pause()
	sub.Pause()
	require.True(t, waitFor(func() bool { return b.Depth(t, "work") == 9 || len(entered) > 0 }, 10*time.Second))
	require.NoError(t, sub.Ready(), "paused is no trouble")
	require.NoError(t, held.Ack(), "a running handler can settle during the pause")
	close(leave)
	sub.Resume()
	for range 9 {
		require.NoError(t, receive(t, entered).Ack())
	}
}

func TestWhatIsHeldStaysHereUnseenAndIsHandedOverAfterwards(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.queue(t, "work", nil)
	p := b.publisher(t, amqpx.PublisherOptions{})
	got, sub := b.deliveries(t, amqpx.Subscription{Queue: "work", Prefetch: 5})
	sub.Hold(true)
	require.NoError(t, b.publish(p, "work", "unseen")) // perhaps one is waited for already
	for range 10 {
		require.NoError(t, b.publish(p, "work", "held"))
	}
	require.True(t, waitFor(func() bool { return b.Depth(t, "work") == 6 }, 20*time.Second), "the consumer is still there")
	require.LessOrEqual(t, len(got), 1)
	require.NoError(t, sub.Ready())
	sub.Hold(false)
	for range 11 {
		require.NoError(t, receive(t, got).Ack())
	}
}

func TestALossIsNoticedWhileWhatWasDeliveredIsHeld(t *testing.T) {
	t.Parallel()
	b, proxy := proxied(t)
	p := b.publisher(t, amqpx.PublisherOptions{})
	c := amqpx.NewConsumer(b.cfg, b.log)
	t.Cleanup(func() { closeWithin(t, 10*time.Second, c.Close) })
	got := make(chan *amqpx.Delivery, 100)
	sub := c.Subscribe(amqpx.Subscription{Queue: "work", Prefetch: 5, Handle: func(_ context.Context, d *amqpx.Delivery) { got <- d }})
	sub.Hold(true)
	go func() { _ = sub.Run(context.WithoutCancel(b.ctx)) }()
	for range 10 {
		eventually(t, func() error { return b.publish(p, "work", "held") })
	}
	require.True(t, waitFor(func() bool { return b.Depth(t, "work") == 5 }, 20*time.Second))
	require.Empty(t, got)
	proxy.Cut()
	require.True(t, waitFor(func() bool { return c.Links().Made == 2 && b.Depth(t, "work") == 5 }, 20*time.Second))
	sub.Hold(false)
	for range 10 {
		require.NoError(t, receive(t, got).Ack(), "none is of the lost channel")
	}
}

func TestRunWaitsForItsHandlers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.queue(t, "work", nil)
	require.NoError(t, b.publish(b.publisher(t, amqpx.PublisherOptions{}), "work", "one"))
	c := amqpx.NewConsumer(b.cfg, b.log)
	t.Cleanup(func() { closeWithin(t, 10*time.Second, c.Close) })

	entered, leave := make(chan struct{}), make(chan struct{})
	var acked error
	sub := c.Subscribe(amqpx.Subscription{Queue: "work", Handle: func(ctx context.Context, d *amqpx.Delivery) {
		close(entered)
		<-leave
		acked = ctx.Err()
		if acked == nil {
			acked = d.Ack()
		}
	}})
	ctx, cancel := context.WithCancel(b.ctx)
	done := make(chan error, 1)
	go func() { done <- sub.Run(ctx) }()
	<-entered
	cancel()
	select {
	case <-done:
		require.Fail(t, "Run did not wait")
	case <-time.After(200 * time.Millisecond):
	}
	close(leave)
	require.NoError(t, <-done)
	require.NoError(t, acked, "the handler's context must outlive Run's, and its channel must be open")
	require.Zero(t, b.Depth(t, "work"))
}

func TestADrainThatTakesTooLongEndsTheHandlersContext(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.queue(t, "work", nil)
	require.NoError(t, b.publish(b.publisher(t, amqpx.PublisherOptions{}), "work", "one"))
	c := amqpx.NewConsumer(b.cfg, b.log)
	t.Cleanup(func() { closeWithin(t, 10*time.Second, c.Close) })

	entered := make(chan struct{})
	sub := c.Subscribe(amqpx.Subscription{Queue: "work", Drain: 50 * time.Millisecond, Handle: func(ctx context.Context, d *amqpx.Delivery) {
		close(entered)
		<-ctx.Done()
	}})
	ctx, cancel := context.WithCancel(b.ctx)
	done := make(chan error, 1)
	go func() { done <- sub.Run(ctx) }()
	<-entered
	cancel()
	require.NoError(t, <-done)
	require.True(t, waitFor(func() bool { return b.Depth(t, "work") == 1 }, 10*time.Second), "unsettled: the broker has it again")
}

func TestAfterALossTheSubscriptionComesBackAndAnOldAckDoesNoHarm(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.queue(t, "work", nil)
	p := b.publisher(t, amqpx.PublisherOptions{})
	require.NoError(t, b.publish(p, "work", "one"))
	from, _ := b.deliveries(t, amqpx.Subscription{Queue: "work"})
	old := receive(t, from)

	closed := 0
	require.True(t, waitFor(func() bool { closed += b.CloseConnections(t); return closed > 1 }, 20*time.Second))
	again := receive(t, from)
	require.Equal(t, old.Message.ID, again.Message.ID)
	require.ErrorIs(t, old.Ack(), amqpx.ErrChannelLost)
	require.NoError(t, again.Ack())

	eventually(t, func() error { return b.publish(p, "work", "two") })
	d := receive(t, from)
	require.Equal(t, "two", d.Message.ID)
	require.NoError(t, d.Ack())
}

func TestADeletedQueueIsConsumedAgainOnceItIsBack(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.queue(t, "work", nil)
	from, sub := b.deliveries(t, amqpx.Subscription{Queue: "work"})
	b.DeleteQueue(t, "work")
	require.True(t, waitFor(func() bool { return errors.Is(sub.Ready(), amqpx.ErrNoQueue) }, 10*time.Second))

	b.queue(t, "work", nil)
	eventually(t, sub.Ready)
	require.NoError(t, b.publish(b.publisher(t, amqpx.PublisherOptions{}), "work", "one"))
	require.NoError(t, receive(t, from).Ack())
}

func TestAConsumerRemembersThatAQueueWasGone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.queue(t, "work", nil)
	c := amqpx.NewConsumer(b.cfg, b.log)
	sub := c.Subscribe(amqpx.Subscription{Queue: "work", Handle: func(context.Context, *amqpx.Delivery) {}})
	done := make(chan error, 1)
	go func() { done <- sub.Run(context.Background()) }()
	t.Cleanup(func() {
		closeWithin(t, 10*time.Second, c.Close)
		require.NoError(t, <-done)
	})
	eventually(t, sub.Ready)
	require.NoError(t, c.Gone())

	b.DeleteQueue(t, "work")
	require.True(t, waitFor(func() bool { return c.Gone() != nil }, 10*time.Second))
	b.queue(t, "work", nil)
	eventually(t, c.Ready)
	require.ErrorContains(t, c.Gone(), "work was gone", "it may have come back without its bindings")
	c.Forget()
	require.NoError(t, c.Gone())
}

func TestAStreamIsReadOnWhereItWasLeft(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.queue(t, "log", map[string]any{"x-queue-type": "stream"})
	p := b.publisher(t, amqpx.PublisherOptions{Connections: 1})
	for i := range 20 {
		require.NoError(t, b.publish(p, "log", strconv.Itoa(i)))
	}
	from, sub := b.deliveries(t, amqpx.Subscription{
		Queue: "log", Ordered: true, Prefetch: 5, Args: map[string]any{"x-stream-offset": "first"},
	})
	for i := range 20 {
		if i == 10 {
			sub.Pause()
			sub.Resume()
		}
		d := receive(t, from)
		require.EqualValues(t, i, d.Offset)
		require.Equal(t, strconv.Itoa(i), d.Message.ID)
		require.NoError(t, d.Ack())
	}
}

func TestManySubscriptionsShareAConnection(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := amqpx.NewConsumer(b.cfg, b.log)
	p := b.publisher(t, amqpx.PublisherOptions{})
	var got, running sync.WaitGroup
	for i := range 10 {
		queue := fmt.Sprint("work-", i)
		b.queue(t, queue, nil)
		require.NoError(t, b.publish(p, queue, queue))
		got.Add(1)
		sub := c.Subscribe(amqpx.Subscription{Queue: queue, Handle: func(_ context.Context, d *amqpx.Delivery) {
			if d.Message.ID == queue && d.Ack() == nil {
				got.Done()
			}
		}})
		running.Go(func() { require.NoError(t, sub.Run(context.Background())) })
	}
	got.Wait()
	require.NoError(t, c.Ready())
	closeWithin(t, 10*time.Second, c.Close)
	running.Wait()
	require.Error(t, c.Subscribe(amqpx.Subscription{Queue: "work-0"}).Run(b.ctx), "closed for good")
}
