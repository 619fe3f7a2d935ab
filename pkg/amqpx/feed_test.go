package amqpx_test

import (
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx"
)

// follow opens a feed of the queue "work", over a connection of its own.
func (b *bench) follow(t *testing.T, prefetch int) *amqpx.Feed {
	t.Helper()
	c := amqpx.NewConsumer(b.cfg, b.log)
	f, err := c.Follow("work")
	require.NoError(t, err)
	feed, err := f.Open(b.ctx, prefetch)
	require.NoError(t, err)
	t.Cleanup(func() {
		feed.Close()
		f.Leave()
		closeWithin(t, 10*time.Second, c.Close)
	})
	return feed
}

func TestAClosedFeedGivesBackInOrderAheadOfEverythingElse(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.queue(t, "work", map[string]any{"x-single-active-consumer": true, "x-delivery-limit": int64(1000)})
	p := b.publisher(t, amqpx.PublisherOptions{})
	for i := range 20 {
		require.NoError(t, p.Publish(b.ctx, amqpx.Publication{Key: "work", Message: message(strconv.Itoa(i))}))
	}
	first := b.follow(t, 8)
	held := map[string]*amqpx.Delivery{}
	for range 8 {
		d := receive(t, first.Deliveries())
		held[d.Message.ID] = d
	}
	second := b.follow(t, 8) // waits: one consumer is active
	for _, id := range []string{"0", "1", "4"} {
		require.NoError(t, held[id].Ack())
	}
	first.Close()
	first.Close()
	for _, id := range []int{2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19} {
		d := receive(t, second.Deliveries())
		require.Equal(t, strconv.Itoa(id), d.Message.ID)
		require.NoError(t, d.Ack())
	}
}

func TestAFeedEndsWithItsConnection(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.queue(t, "work", nil)
	feed := b.follow(t, 1)
	eventually(t, func() error { b.CloseConnections(t); return isOver(feed) })
}

var errNotYet = errors.New("not yet")

func isOver(feed *amqpx.Feed) error {
	select {
	case _, ok := <-feed.Deliveries():
		if !ok {
			return nil
		}
	default:
	}
	return errNotYet
}

func TestAFollowerOfAQueueThatIsNotThereSaysSo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := amqpx.NewConsumer(b.cfg, b.log)
	f, err := c.Follow("none")
	require.NoError(t, err)
	_, err = f.Open(b.ctx, 1)
	require.ErrorIs(t, err, amqpx.ErrNoQueue)
	require.ErrorIs(t, c.Ready(), amqpx.ErrNoQueue)
	b.queue(t, "none", nil)
	feed, err := f.Open(b.ctx, 1)
	require.NoError(t, err)
	require.NoError(t, c.Ready())
	feed.Close()
	f.Leave()
	closeWithin(t, 10*time.Second, c.Close)
	_, err = c.Follow("none")
	require.ErrorContains(t, err, "closed")
}

func TestAMessageExpires(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.queue(t, "work", nil)
	p := b.publisher(t, amqpx.PublisherOptions{})
	require.NoError(t, p.Publish(b.ctx, amqpx.Publication{Key: "work", Message: message("short"), Expires: time.Millisecond}))
	require.NoError(t, p.Publish(b.ctx, amqpx.Publication{Key: "work", Message: message("long")}))
	eventually(t, func() error {
		if b.Depth(t, "work") == 1 {
			return nil
		}
		return errNotYet
	})
	feed := b.follow(t, 1)
	require.Equal(t, "long", receive(t, feed.Deliveries()).Message.ID)
}
