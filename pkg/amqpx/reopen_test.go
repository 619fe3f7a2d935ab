package amqpx_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx"
)

// remake deletes a queue and makes it again before the broker can tell its consumers.
func (b *bench) remake(t *testing.T, name string, args map[string]any) {
	t.Helper()
	conn, err := amqp.Dial(b.URL)
	require.NoError(t, err)
	defer func() { _ = conn.CloseDeadline(time.Now().Add(5 * time.Second)) }()
	ch, err := conn.Channel()
	require.NoError(t, err)
	_, err = ch.QueueDelete(name, false, false, false)
	require.NoError(t, err)
	_, err = ch.QueueDeclare(name, true, false, false, false, args)
	require.NoError(t, err)
}

func TestAQueueThatIsMadeAgainAtOnceIsConsumed(t *testing.T) {
	t.Parallel()
	kinds := map[string]amqpx.Subscription{
		"quorum":            {Queue: "work", Reopen: 300 * time.Millisecond},
		"stream":            {Queue: "work", Reopen: 300 * time.Millisecond, Args: map[string]any{"x-stream-offset": "first"}},
		"stream, overlap 1": {Queue: "work", Reopen: 300 * time.Millisecond, Args: map[string]any{"x-stream-offset": "first"}, Overlap: 1},
	}
	for name, s := range kinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			args := map[string]any{"x-queue-type": "quorum"}
			if s.Args != nil {
				args["x-queue-type"] = "stream"
			}
			b.queue(t, "work", args)
			p := b.publisher(t, amqpx.PublisherOptions{})
			got := make(chan string, 1000)
			s.Handle = func(_ context.Context, d *amqpx.Delivery) {
				got <- d.Message.ID
				_ = d.Ack()
			}
			b.consume(t, s)
			await := func(id string) {
				t.Helper()
				for {
					select {
					case came := <-got:
						if came == id {
							return
						}
					case <-time.After(30 * time.Second):
						require.Fail(t, id+" does not come")
					}
				}
			}
			require.NoError(t, b.publish(p, "work", "before"))
			await("before")
			if s.Overlap > 0 {
				require.NoError(t, b.publish(p, "work", "goes on"))
				await("goes on")
				return // whether it is the same stream its reader finds out
			}
			b.remake(t, "work", args)
			require.NoError(t, b.publish(p, "work", "after"))
			await("after")
		})
	}
}

func TestNothingInHandIsGivenBackByAReopening(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.queue(t, "work", map[string]any{"x-queue-type": "quorum"})
	p := b.publisher(t, amqpx.PublisherOptions{})
	taken, settle := make(chan *amqpx.Delivery, 100), make(chan struct{})
	b.consume(t, amqpx.Subscription{Queue: "work", Reopen: 20 * time.Millisecond, Prefetch: 2, Handle: func(_ context.Context, d *amqpx.Delivery) {
		taken <- d
		<-settle
		_ = d.Ack()
	}})
	for n := range 20 { // some reopenings fall between them
		require.NoError(t, b.publish(p, "work", strconv.Itoa(n)))
		d := receive(t, taken)
		require.Equal(t, strconv.Itoa(n), d.Message.ID)
		require.LessOrEqual(t, d.Returns, 1, "only what no handler had seen may go back")
		settle <- struct{}{}
	}
	require.Empty(t, taken)
}
