package amqpx_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/amqpx/amqptest"
)

// TestFaults breaks a broker of its own. Its cases run one after the other.
func TestFaults(t *testing.T) { //nolint:tparallel // its cases break one broker
	t.Parallel()
	authority := amqptest.NewAuthority(t)
	node := amqptest.Private(t, tlsSettings(t, authority)...)
	cases := []struct {
		name string
		run  func(*testing.T, *amqptest.Node)
	}{
		{"a blocked broker refuses at once and takes publishes again after the alarm", blocked},
		{"a frozen broker holds no publish longer than its context", frozen},
		{"a queue that does not answer takes only its own places", unanswering},
		{"nothing confirmed is lost when the broker is killed", killed},
		{"a restart is survived by publisher and subscriber", restarted},
	}
	t.Run("TLS and certificates", func(t *testing.T) { overTLS(t, node, authority) })
	for _, c := range cases { //nolint:paralleltest // as above
		t.Run(c.name, func(t *testing.T) { c.run(t, node) })
	}
}

func blocked(t *testing.T, node *amqptest.Node) {
	b := on(t, node.Vhost(t))
	b.queue(t, "work", nil)
	p := b.publisher(t, amqpx.PublisherOptions{})
	require.NoError(t, b.publish(p, "work", "before"))

	node.Alarm(t, true)
	// The broker says so after the first publish only, which gets no answer.
	ctx, cancel := context.WithTimeout(b.ctx, time.Second)
	defer cancel()
	err := p.Publish(ctx, amqpx.Publication{Key: "work", Message: message("first")})
	require.ErrorIs(t, err, amqpx.ErrUnknown)

	for range 100 {
		err := b.publish(p, "work", "second")
		require.ErrorIs(t, err, amqpx.ErrUnavailable)
		require.NotErrorIs(t, err, context.DeadlineExceeded, "at once, and not at the deadline")
	}
	require.ErrorContains(t, p.Ready(), "blocks")

	node.Alarm(t, false)
	began := time.Now()
	eventually(t, func() error { return b.publish(p, "work", "after") })
	require.Less(t, time.Since(began), 5*time.Second)
}

func frozen(t *testing.T, node *amqptest.Node) {
	b := on(t, node.Vhost(t))
	b.queue(t, "work", nil)
	b.cfg.Heartbeat, b.cfg.WriteTimeout = 2*time.Second, time.Second
	p := b.publisher(t, amqpx.PublisherOptions{Connections: 1, Window: 64})

	node.Freeze(t)
	// More than socket buffers and window hold: some block in a write, some wait for room.
	large := message("large")
	large.Body = make([]byte, 1<<20)
	var all sync.WaitGroup
	var longest atomic.Int64
	for range 100 {
		all.Go(func() {
			ctx, cancel := context.WithTimeout(b.ctx, 300*time.Millisecond)
			defer cancel()
			began := time.Now()
			err := p.Publish(ctx, amqpx.Publication{Key: "work", Message: large})
			if !errors.Is(err, amqpx.ErrUnknown) {
				require.ErrorIs(t, err, amqpx.ErrUnavailable)
			}
			longest.Store(max(longest.Load(), int64(time.Since(began))))
		})
	}
	all.Wait()
	require.Less(t, time.Duration(longest.Load()), time.Second)
	require.True(t, waitFor(func() bool { return p.Ready() != nil }, 10*time.Second), "the dead connection is found")
	node.Thaw(t)
	began := time.Now()
	eventually(t, func() error { return b.publish(p, "work", "after") })
	require.Less(t, time.Since(began), 5*time.Second)
}

func killed(t *testing.T, node *amqptest.Node) {
	b := on(t, node.Vhost(t))
	b.queue(t, "work", nil)
	declared := time.Now()
	p := b.publisher(t, amqpx.PublisherOptions{})
	var confirmed sync.Map
	ctx, stop := context.WithCancel(b.ctx)
	var senders sync.WaitGroup
	var count atomic.Int64
	for s := range 16 {
		senders.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				id := fmt.Sprint(s, "-", i)
				if b.publish(p, "work", id) == nil {
					confirmed.Store(id, true)
					count.Add(1)
				}
			}
		})
	}
	// RabbitMQ writes down a new quorum queue's place half a second late. Killed before
	// that, 3.10 forgets the queue's messages, and the queue confirms nothing any more.
	require.True(t, waitFor(func() bool { return count.Load() > 500 && time.Since(declared) > 2*time.Second }, 30*time.Second))
	node.Kill(t)
	stop()
	senders.Wait()
	require.ErrorIs(t, b.publish(p, "work", "down"), amqpx.ErrUnavailable)

	node.Start(t)
	began := time.Now()
	eventually(t, func() error { return b.publish(p, "work", "last") })
	t.Logf("published again %v after the broker was ready", time.Since(began))
	require.Less(t, time.Since(began), 5*time.Second)

	b.consume(t, amqpx.Subscription{Queue: "work", Prefetch: 200, Handle: func(_ context.Context, d *amqpx.Delivery) {
		confirmed.Delete(d.Message.ID)
		_ = d.Ack()
	}})
	empty := func() bool {
		left := 0
		confirmed.Range(func(any, any) bool { left++; return true })
		return left == 0
	}
	require.True(t, waitFor(empty, 30*time.Second), "every confirmed message must be there")
}

func restarted(t *testing.T, node *amqptest.Node) {
	b := on(t, node.Vhost(t))
	b.queue(t, "work", nil)
	p := b.publisher(t, amqpx.PublisherOptions{})
	from, sub := b.deliveries(t, amqpx.Subscription{Queue: "work"})

	node.Stop(t)
	require.True(t, waitFor(func() bool { return p.Ready() != nil }, 5*time.Second))
	node.Start(t)
	began := time.Now()
	eventually(t, func() error { return b.publish(p, "work", "after") })
	require.Less(t, time.Since(began), 5*time.Second)
	d := receive(t, from)
	require.Equal(t, "after", d.Message.ID)
	require.NoError(t, d.Ack())
	require.NoError(t, sub.Ready())
}
