package amqpx_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx"
)

func TestPeekLeavesEverythingWhereItIs(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.queue(t, "newest", map[string]any{"x-queue-type": "quorum", "x-max-length": int64(1), "x-overflow": "drop-head"})
	p, c := b.publisher(t, amqpx.PublisherOptions{}), amqpx.NewConsumer(b.cfg, b.log)
	t.Cleanup(func() { require.NoError(t, c.Close(context.Background())) })
	eventually(t, c.Ready)
	none, err := c.Peek(b.ctx, "newest", 8)
	require.NoError(t, err)
	require.Empty(t, none)
	for _, id := range []string{"1", "2", "3"} {
		require.NoError(t, p.Publish(b.ctx, amqpx.Publication{Key: "newest", Message: message(id)}))
	}
	for range 5 {
		require.Eventually(t, func() bool { // the broker puts it back in its own time
			seen, err := c.Peek(b.ctx, "newest", 8)
			require.NoError(t, err)
			return len(seen) == 1 && seen[0].ID == "3"
		}, 30*time.Second, time.Millisecond, "the queue does not keep the newest one")
	}
	_, err = c.Peek(b.ctx, "nowhere", 8)
	require.ErrorIs(t, err, amqpx.ErrNoQueue)
}
