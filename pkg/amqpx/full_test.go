package amqpx_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx"
)

// RabbitMQ tells a channel when a queue has room again only if it got so by being emptied.
func TestAQueueWhoseLimitIsLiftedIsPublishedToAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.queue(t, "work", map[string]any{"x-overflow": "reject-publish"})
	p := b.publisher(t, amqpx.PublisherOptions{Connections: 1})
	b.Limit(t, "work", 5)
	var err error
	require.True(t, waitFor(func() bool { err = b.publish(p, "work", "one"); return err != nil }, 10*time.Second))
	require.ErrorIs(t, err, amqpx.ErrNacked)
	b.Limit(t, "work", 0)
	eventually(t, func() error { return b.publish(p, "work", "two") })
}
