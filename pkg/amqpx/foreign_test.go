package amqpx_test

import (
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx"
)

// Other programs publish to our queues, too. What comes from them can be published on.
func TestAMessageOfAnotherProgramTravelsOnWithAllItsHeaders(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.queue(t, "work", nil)
	conn, err := amqp.Dial(b.URL)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.CloseDeadline(time.Now().Add(5 * time.Second)) })
	ch, err := conn.Channel()
	require.NoError(t, err)
	headers := amqp.Table{
		"table": amqp.Table{"inner": amqp.Table{"deep": int64(1)}, "list": []any{amqp.Table{"a": "b"}, "c"}},
		"list":  []any{int32(1), nil, true, []any{}},
		"none":  nil, "byte": uint8(7), "float": float32(1.5), "double": 2.5,
		"decimal": amqp.Decimal{Scale: 2, Value: 314}, "time": time.Unix(1_700_000_000, 0).UTC(), "bytes": []byte{0, 1},
	}
	require.NoError(t, ch.PublishWithContext(b.ctx, "", "work", false, false, amqp.Publishing{MessageId: "1", Headers: headers}))

	from, _ := b.deliveries(t, amqpx.Subscription{Queue: "work"})
	first := receive(t, from)
	p := b.publisher(t, amqpx.PublisherOptions{})
	require.NoError(t, p.Publish(b.ctx, amqpx.Publication{Key: "work", Message: first.Message}))
	require.NoError(t, first.Ack())
	again := receive(t, from)
	require.Len(t, again.Message.Headers, len(headers))
	require.Equal(t, first.Message.Headers, again.Message.Headers)
	require.NoError(t, again.Ack())

	got := b.raw(t, again.Message.Headers)
	require.Equal(t, headers["table"], got["table"])
	require.Equal(t, headers["decimal"], got["decimal"])
}

// raw publishes headers, and returns them as another program reads them.
func (b *bench) raw(t *testing.T, headers map[string]any) amqp.Table {
	t.Helper()
	b.queue(t, "raw", nil)
	m := message("raw")
	m.Headers = headers
	require.NoError(t, b.publisher(t, amqpx.PublisherOptions{Connections: 1}).Publish(b.ctx, amqpx.Publication{Key: "raw", Message: m}))
	conn, err := amqp.Dial(b.URL)
	require.NoError(t, err)
	defer func() { _ = conn.CloseDeadline(time.Now().Add(5 * time.Second)) }()
	ch, err := conn.Channel()
	require.NoError(t, err)
	d, ok, err := ch.Get("raw", true)
	require.NoError(t, err)
	require.True(t, ok)
	return d.Headers
}
