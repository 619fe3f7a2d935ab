package amqpx_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx"
)

func TestDeliveriesAreSettledEachAsItWasAskedFor(t *testing.T) {
	t.Parallel()
	const messages = 300
	b := setup(t)
	b.queue(t, "dead", nil)
	b.queue(t, "work", map[string]any{
		"x-dead-letter-exchange": "", "x-dead-letter-routing-key": "dead",
		"x-dead-letter-strategy": "at-least-once", "x-overflow": "reject-publish",
	})
	p := b.publisher(t, amqpx.PublisherOptions{})
	for i := range messages {
		require.NoError(t, p.Publish(b.ctx, amqpx.Publication{Key: "work", Message: message(strconv.Itoa(i))}))
	}
	feed := b.follow(t, 100)
	again := map[string]bool{}
	for i := 0; i < messages; {
		var held []*amqpx.Delivery
		for range min(60, messages-i) {
			held = append(held, receive(t, feed.Deliveries()))
		}
		rand.Shuffle(len(held), func(i, j int) { held[i], held[j] = held[j], held[i] })
		i += settleEach(t, held, again)
	}
	eventually(t, func() error {
		if work, dead := b.Depth(t, "work"), b.Depth(t, "dead"); work != 0 || dead != messages/3 {
			return fmt.Errorf("%d messages are left, and %d are dead", work, dead)
		}
		return nil
	})
	feed.Close()
	require.Zero(t, b.Depth(t, "work"), "something was not settled")
	require.Len(t, again, messages/3)
}

// settleEach rejects a third of what it gets, puts another third back once, and acknowledges
// the rest, all at the same time. It returns how many are done with.
func settleEach(t *testing.T, held []*amqpx.Delivery, again map[string]bool) (done int) {
	t.Helper()
	var all sync.WaitGroup
	for _, d := range held {
		n, err := strconv.Atoi(d.Message.ID)
		require.NoError(t, err)
		settle := d.Ack
		switch {
		case n%3 == 0:
			settle = d.Reject
		case n%3 == 1 && !again[d.Message.ID]:
			again[d.Message.ID] = true
			settle, done = d.Release, done-1
		}
		done++
		all.Go(func() {
			if err := settle(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	return done
}
