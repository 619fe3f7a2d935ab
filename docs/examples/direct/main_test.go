package main

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap/zaptest"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/amqpx/amqptest"
	"github.com/penstock/penstock/pkg/event"
)

func TestTheExampleHandlesWhatADestinationPublishesAndSetsAsideWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	vhost := amqptest.New(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	publisher := amqpx.NewPublisher(amqpx.Config{URLs: []string{vhost.URL}}, amqpx.PublisherOptions{}, zaptest.NewLogger(t))
	require.Eventually(t, func() bool { return publisher.Ready() == nil }, 30*time.Second, 10*time.Millisecond)
	t.Cleanup(func() { require.NoError(t, publisher.Close(context.Background())) })
	require.NoError(t, run(ctx, vhost.URL, -1, nil), "it declares its queues")

	large := strings.Repeat("large ", 20_000)
	for _, body := range []any{"small", large} {
		raw, err := json.Marshal(body)
		require.NoError(t, err)
		e := &event.Event{ID: event.NewID(), Source: "shop", Type: "invoice.paid", Body: raw, Request: event.Request{Path: "/in/shop"}}
		m, err := event.Encode(e)
		require.NoError(t, err)
		require.NoError(t, publisher.Publish(ctx, amqpx.Publication{Key: "inbox", Message: m}))
	}
	require.NoError(t, publisher.Publish(ctx, amqpx.Publication{Key: "inbox", Message: &event.Message{ID: "stranger", Body: []byte("?")}}))

	var out strings.Builder
	require.NoError(t, run(ctx, vhost.URL, 3, &out))
	require.Equal(t, "invoice.paid from shop at /in/shop: \"small\"\ninvoice.paid from shop at /in/shop: \""+large+"\"\n", out.String())
}
