package amqpx_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/amqpx/amqptest"
	"github.com/penstock/penstock/pkg/event"
)

// to is a message for a queue, by its name.
func to(queue, id string) amqpx.Publication {
	return amqpx.Publication{Key: queue, Message: &event.Message{ID: id, Body: []byte("x")}}
}

// send sends a message to a queue as a part of the group, and waits for the answer.
func send(t *testing.T, g *amqpx.Group, queue, id string) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	sent, err := g.Send(ctx, queue, to(queue, id), nil)
	if err != nil {
		return err
	}
	answer, answered := sent.Wait(ctx, nil)
	require.True(t, answered, "%s of %s", id, queue)
	return answer
}

func TestEachCopyOfAGroupHasItsOwnAnswer(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.queue(t, "good", nil)
	b.queue(t, "full", map[string]any{"x-overflow": "reject-publish"})
	b.Limit(t, "full", 1)
	p := b.publisher(t, amqpx.PublisherOptions{})
	eventually(t, func() error { return b.publish(p, "good", "first") })
	require.True(t, waitFor(func() bool { return send(t, p.NewGroup(), "full", "filler") != nil }, 10*time.Second))
	g := p.NewGroup()
	require.ErrorIs(t, send(t, g, "full", "one"), amqpx.ErrNacked)
	require.ErrorIs(t, send(t, g, "gone", "one"), amqpx.ErrReturned)
	require.NoError(t, send(t, g, "good", "one"))
	require.ErrorIs(t, send(t, g, "good", string(make([]byte, 300))), amqpx.ErrInvalid)
}

func TestARenewedPublisherHearsThatALimitWasLifted(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.queue(t, "work", map[string]any{"x-overflow": "reject-publish"})
	b.queue(t, "other", nil)
	p := b.publisher(t, amqpx.PublisherOptions{Connections: 2})
	b.Limit(t, "work", 1)
	eventually(t, func() error { return b.publish(p, "other", "first") })
	require.True(t, waitFor(func() bool { return send(t, p.NewGroup(), "work", "filler") != nil }, 10*time.Second))
	b.Limit(t, "work", 0)
	eventually(t, func() error {
		p.Renew()
		return send(t, p.NewGroup(), "work", "again")
	})
}

// unanswering shows that a queue that answers nothing costs other queues nothing, however many
// publishes wait for it.
func unanswering(t *testing.T, node *amqptest.Node) {
	b := on(t, node.Vhost(t))
	b.queue(t, "silent", nil)
	b.queue(t, "unknown", nil)
	b.queue(t, "good", nil)
	p := b.publisher(t, amqpx.PublisherOptions{Connections: 2})
	require.True(t, waitFor(func() bool { return p.Links().Up == 2 }, 10*time.Second))
	for range 4 { // each connection knows both
		g := p.NewGroup()
		require.NoError(t, send(t, g, "good", "first"))
		require.NoError(t, send(t, g, "silent", "first"))
	}
	node.Suspend(t, b.Vhost, "silent", true)
	var waiting []*amqpx.Sent
	for sent := trySend(t, p, "silent"); sent != nil; sent = trySend(t, p, "silent") {
		waiting = append(waiting, sent)
	}
	require.Len(t, waiting, 2*24)
	for i := range 200 {
		require.NoError(t, send(t, p.NewGroup(), "good", strconv.Itoa(i)), i)
	}
	for _, sent := range waiting {
		require.True(t, sent.Overtaken())
		require.ErrorIs(t, sent.Leave(nil), amqpx.ErrUnknown)
	}
	require.Nil(t, trySend(t, p, "silent"), "a publisher that goes away leaves its places taken")
	node.Suspend(t, b.Vhost, "unknown", true)
	first := trySend(t, p, "unknown")
	require.True(t, first.First())
	require.Nil(t, trySend(t, p, "unknown"), "one connection at a time makes its first publish to a queue")
	g := p.NewGroup()
	g.Elsewhere(first)
	require.NoError(t, send(t, g, "good", "elsewhere"))
	require.True(t, waitFor(first.Stalled, 10*time.Second))
	node.Suspend(t, b.Vhost, "unknown", false)
	answer, answered := first.Wait(b.ctx, nil)
	require.True(t, answered)
	require.NoError(t, answer)
	node.Suspend(t, b.Vhost, "silent", false)
	require.NoError(t, send(t, p.NewGroup(), "silent", "after"))
}

// trySend sends something to a queue; nil means that there was no place.
func trySend(t *testing.T, p *amqpx.Publisher, queue string) *amqpx.Sent {
	t.Helper()
	sent, err := p.NewGroup().TrySend(t.Context(), queue, to(queue, "one"))
	if err != nil {
		require.ErrorIs(t, err, amqpx.ErrFull)
		return nil
	}
	return sent
}
