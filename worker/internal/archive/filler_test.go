package archive_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/amqpx/amqptest"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/lifecycle"
	"github.com/penstock/penstock/pkg/routing/routingtest"
	"github.com/penstock/penstock/pkg/topology"
	"github.com/penstock/penstock/worker/internal/archive"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patience = time.Minute

// refusals lets a test wait for them.
type refusals struct {
	archive.Publisher

	seen chan error
}

func (r refusals) Publish(ctx context.Context, p amqpx.Publication) error {
	err := r.Publisher.Publish(ctx, p)
	if err != nil {
		select {
		case r.seen <- err:
		default:
		}
	}
	return err
}

func TestDeferredEventsReachTheArchiveWhenItTakesThem(t *testing.T) {
	t.Parallel()
	vhost := amqptest.New(t)
	cfg, log := amqpx.Config{URLs: vhost.URLs, Name: t.Name()}, zap.NewNop()
	topo := topology.Plan{Archive: true}.Topology()
	require.NoError(t, amqpx.Declare(t.Context(), cfg, topo))
	publisher := amqpx.NewPublisher(cfg, amqpx.PublisherOptions{}, log)
	t.Cleanup(func() { require.NoError(t, publisher.Close(context.Background())) })
	consumer := amqpx.NewConsumer(cfg, log)
	t.Cleanup(func() { require.NoError(t, consumer.Close(context.Background())) })
	require.Eventually(t, func() bool { return publisher.Ready() == nil }, patience, 10*time.Millisecond)
	vhost.DeleteQueue(t, topology.Archive)
	var want []string
	for range 10 {
		m := message(t)
		want = append(want, m.ID)
		require.NoError(t, publisher.Publish(t.Context(), amqpx.Publication{
			Exchange: topology.Routes, Key: topology.DeferredArchive, Message: routingtest.Archived(m, "one", "two"),
		}))
	}
	through := refusals{publisher, make(chan error, 1)}
	stop := lifecycle.Background(t.Context(), (&archive.Filler{Consumer: consumer, Publisher: through, Log: log}).Run)
	require.ErrorIs(t, <-through.seen, amqpx.ErrReturned)
	require.NoError(t, stop(t.Context()), "a filler that waits stops")
	require.Equal(t, 10, vhost.Depth(t, topology.DeferredArchive), "nothing left the queue")

	require.NoError(t, amqpx.Declare(t.Context(), cfg, topo))
	stop = lifecycle.Background(t.Context(), (&archive.Filler{Consumer: consumer, Publisher: publisher, Log: log}).Run)
	got := read(t, consumer, len(want))
	require.NoError(t, stop(t.Context()))
	require.ElementsMatch(t, want, got)
	require.Zero(t, vhost.Depth(t, topology.DeferredArchive))
}

func message(t *testing.T) *event.Message {
	t.Helper()
	m, err := event.Encode(&event.Event{ID: event.NewID(), Source: "shop", Type: "x", ReceivedAt: time.Now(), Request: event.Request{Method: "POST"}})
	require.NoError(t, err)
	return m
}

// read returns the ids of the first messages of the archive, which say their routes.
func read(t *testing.T, c *amqpx.Consumer, n int) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var mu sync.Mutex
	var ids []string
	require.NoError(t, c.Subscribe(amqpx.Subscription{
		Queue: topology.Archive, Ordered: true, Drain: time.Second, Args: map[string]any{"x-stream-offset": "first"},
		Handle: func(_ context.Context, d *amqpx.Delivery) {
			mu.Lock()
			defer mu.Unlock()
			if d.Message.Text(event.HeaderRoutes) == "one,two" {
				ids = append(ids, d.Message.ID)
			}
			_ = d.Ack()
			if len(ids) >= n {
				cancel()
			}
		},
	}).Run(ctx))
	return slices.Clone(ids)
}
