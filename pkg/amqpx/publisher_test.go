package amqpx_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
)

func TestAPublishIsConfirmedAndInTheQueue(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.queue(t, "work", nil)
	p := b.publisher(t, amqpx.PublisherOptions{})

	require.NoError(t, b.publish(p, "work", "one"))
	require.Equal(t, 1, b.Depth(t, "work"))
}

func TestManyPublishesAtOnceAreAllInTheQueue(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.queue(t, "work", nil)
	p := b.publisher(t, amqpx.PublisherOptions{Connections: 2, Window: 8})

	const senders, each = 64, 20
	var all sync.WaitGroup
	failed := make(chan error, senders*each)
	for s := range senders {
		all.Go(func() {
			for i := range each {
				if err := b.publish(p, "work", fmt.Sprint(s, "-", i)); err != nil {
					failed <- err
				}
			}
		})
	}
	all.Wait()
	close(failed)
	for err := range failed {
		require.NoError(t, err)
	}
	require.Equal(t, senders*each, b.Depth(t, "work"))
}

func TestAPublishThatNoQueueTakesIsReturned(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.publisher(t, amqpx.PublisherOptions{})

	require.ErrorIs(t, b.publish(p, "nowhere", "one"), amqpx.ErrReturned)
}

func TestReturnsAreMatchedToTheirPublish(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.queue(t, "work", nil)
	p := b.publisher(t, amqpx.PublisherOptions{Connections: 1, Window: 16})

	// The same ids go to a queue and to nowhere at the same time.
	var all sync.WaitGroup
	for i := range 400 {
		id := strconv.Itoa(i)
		all.Go(func() { require.NoError(t, b.publish(p, "work", id)) })
		all.Go(func() { require.ErrorIs(t, b.publish(p, "nowhere", id), amqpx.ErrReturned) })
	}
	all.Wait()
	require.Equal(t, 400, b.Depth(t, "work"))
}

func TestAFullQueueRefusesAPublish(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.queue(t, "small", map[string]any{"x-max-length": int64(1), "x-overflow": "reject-publish"})
	p := b.publisher(t, amqpx.PublisherOptions{Connections: 1})

	// A quorum queue looks at its limit a little late.
	var err error
	require.True(t, waitFor(func() bool { err = b.publish(p, "small", "one"); return err != nil }, 10*time.Second))
	require.ErrorIs(t, err, amqpx.ErrNacked)
}

func TestAMissingExchangeIsNoSuccessAndThePublisherComesBack(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.queue(t, "work", nil)
	p := b.publisher(t, amqpx.PublisherOptions{Connections: 1})

	err := p.Publish(b.ctx, amqpx.Publication{Exchange: "missing", Key: "k", Message: message("one")})
	require.ErrorIs(t, err, amqpx.ErrUnknown)
	eventually(t, func() error { return b.publish(p, "work", "two") })
}

func TestAMessageThatCannotBeSentIsRefusedAndHurtsNobody(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.queue(t, "work", nil)
	p := b.publisher(t, amqpx.PublisherOptions{Connections: 1})

	long := strings.Repeat("x", 256)
	with := func(change func(*event.Message)) *event.Message { m := message("one"); change(m); return m }
	tests := map[string]amqpx.Publication{
		"key too long":         {Key: long, Message: message("one")},
		"exchange too long":    {Exchange: long, Key: "work", Message: message("one")},
		"id too long":          {Key: "work", Message: message(long)},
		"type too long":        {Key: "work", Message: with(func(m *event.Message) { m.Type = long })},
		"header name too long": {Key: "work", Message: with(func(m *event.Message) { m.Headers[long] = "x" })},
		"header too large":     {Key: "work", Message: with(func(m *event.Message) { m.Headers["big"] = strings.Repeat("x", 128<<10) })},
		"header of a bad type": {Key: "work", Message: with(func(m *event.Message) { m.Headers["bad"] = struct{}{} })},
		"body too large":       {Key: "work", Message: with(func(m *event.Message) { m.Body = make([]byte, amqpx.MaxBody+1) })},
	}
	for name, pub := range tests {
		require.ErrorIs(t, p.Publish(b.ctx, pub), amqpx.ErrInvalid, name)
		require.NoError(t, p.Ready(), name)
	}
	require.NoError(t, b.publish(p, "work", "two"))
	require.Equal(t, 1, b.Depth(t, "work"))
}

func TestTheLargestMessageTravels(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.queue(t, "work", nil)
	p := b.publisher(t, amqpx.PublisherOptions{Connections: 1})

	m := message("one")
	m.Headers[event.HeaderRequest] = strings.Repeat("x", event.MaxRequest)
	m.Body = make([]byte, amqpx.MaxBody)
	require.NoError(t, p.Publish(b.ctx, amqpx.Publication{Key: "work", Message: m}))
}

func TestWithoutABrokerPublishFailsAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.cfg.URLs = []string{"amqp://127.0.0.1:1/"}
	p := amqpx.NewPublisher(b.cfg, amqpx.PublisherOptions{}, b.log)
	t.Cleanup(func() { closeWithin(t, 10*time.Second, p.Close) })

	began := time.Now()
	require.ErrorIs(t, b.publish(p, "work", "one"), amqpx.ErrUnavailable)
	require.ErrorIs(t, p.Ready(), amqpx.ErrUnavailable)
	require.Less(t, time.Since(began), time.Second)
}

func TestAPublishEndsWithItsContext(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.queue(t, "work", nil)
	p := b.publisher(t, amqpx.PublisherOptions{})

	ctx, cancel := context.WithCancel(b.ctx)
	cancel()
	err := p.Publish(ctx, amqpx.Publication{Key: "work", Message: message("one")})
	require.ErrorIs(t, err, amqpx.ErrUnavailable)
	require.ErrorIs(t, err, context.Canceled)
	require.Zero(t, b.Depth(t, "work"))
}

func TestAfterCloseNothingIsPublished(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.queue(t, "work", nil)
	p := b.publisher(t, amqpx.PublisherOptions{})

	closeWithin(t, 10*time.Second, p.Close)
	closeWithin(t, 10*time.Second, p.Close)
	require.ErrorIs(t, b.publish(p, "work", "one"), amqpx.ErrUnavailable)
}

func TestCloseWaitsForWhatIsInFlight(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.queue(t, "work", nil)
	p := b.publisher(t, amqpx.PublisherOptions{Connections: 2, Window: 32})

	var all sync.WaitGroup
	results := make(chan error, 500)
	for i := range cap(results) {
		all.Go(func() { results <- b.publish(p, "work", strconv.Itoa(i)) })
	}
	require.NoError(t, <-results)
	closeWithin(t, 10*time.Second, p.Close)
	all.Wait()
	close(results)
	confirmed := 1
	for err := range results {
		if err == nil {
			confirmed++
			continue
		}
		require.ErrorIs(t, err, amqpx.ErrUnavailable, "nothing may be left unknown by a clean close")
	}
	require.Equal(t, confirmed, b.Depth(t, "work"))
}
