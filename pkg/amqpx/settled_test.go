package amqpx_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/amqpx/amqptest"
)

// What breaks the connection is as sudden as the end of the process.
func TestWhatIsSettledDoesNotComeAgainWhateverHappensNext(t *testing.T) {
	t.Parallel()
	const messages = 50
	b := setup(t)
	b.queue(t, "work", nil)
	p := b.publisher(t, amqpx.PublisherOptions{})
	proxy := amqptest.NewProxy(t, b.URL)
	b.cfg.URLs = []string{proxy.URL}
	for round := range 5 {
		for n := range messages {
			require.NoError(t, p.Publish(b.ctx, amqpx.Publication{Key: "work", Message: message(strconv.Itoa(n))}))
		}
		c := amqpx.NewConsumer(b.cfg, b.log)
		f, err := c.Follow("work")
		require.NoError(t, err)
		feed, err := f.Open(b.ctx, 4*messages)
		require.NoError(t, err)
		for range messages {
			require.NoError(t, receive(t, feed.Deliveries()).Ack())
		}
		require.NoError(t, c.Settle(b.ctx))
		proxy.Cut()
		feed.Close()
		require.NoError(t, c.Settle(b.ctx), "a channel that is closed has nothing to say")
		f.Leave()
		closeWithin(t, 10*time.Second, c.Close)
		eventually(t, func() error {
			if left := b.Depth(t, "work"); left != 0 {
				return fmt.Errorf("%d messages of round %d came back", left, round)
			}
			return nil
		})
	}
}
