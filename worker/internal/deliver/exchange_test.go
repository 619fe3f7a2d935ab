package deliver_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/propagation"
	"go.uber.org/zap/zaptest"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/amqpx/amqptest"
	"github.com/penstock/penstock/pkg/config"
	"github.com/penstock/penstock/pkg/consume"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/worker/internal/deliver"
)

// ledger is what a team has declared for itself: an exchange and a queue of two
// events, bound by "shop.order.*".
type ledger struct {
	broker amqpx.Config
	vhost  *amqptest.Vhost
}

func newLedger(t *testing.T) *ledger {
	t.Helper()
	v := amqptest.New(t)
	l := &ledger{amqpx.Config{URLs: v.URLs, Name: "test"}, v}
	require.NoError(t, amqpx.Declare(t.Context(), l.broker, amqpx.Topology{
		Exchanges: []amqpx.Exchange{{Name: "ledger", Kind: "topic"}},
		Queues: []amqpx.Queue{{Name: "ledger.in", Args: map[string]any{
			"x-queue-type": "quorum", "x-max-length": int64(2), "x-overflow": "reject-publish",
		}}},
		Bindings: []amqpx.Binding{{Source: "ledger", Key: "shop.order.*", Queue: "ledger.in"}},
	}))
	return l
}

// destination makes one that publishes to the exchange with the key.
func (l *ledger) destination(t *testing.T, exchange, key string) *deliver.Destination {
	t.Helper()
	d, err := deliver.New(&config.Destination{
		Name: "ledger", Exchange: exchange, RoutingKey: key, Timeout: config.Duration(10 * time.Second), Concurrency: 4,
	}, deliver.Options{Senders: sendersOf("X-Api-Key"), Broker: l.broker, Log: zaptest.NewLogger(t)})
	require.NoError(t, err)
	t.Cleanup(d.Close)
	return d
}

// tried handles e again while it is handed back, as the pipeline would.
func tried(t *testing.T, d *deliver.Destination, e *event.Event) (err error) {
	t.Helper()
	require.Eventually(t, func() bool {
		err = handle(t, d, e)
		return !errors.Is(err, consume.ErrHandBack)
	}, 20*time.Second, 20*time.Millisecond)
	return err
}

// next takes the next message of the team's queue.
func (l *ledger) next(t *testing.T) *event.Message {
	t.Helper()
	consumer := amqpx.NewConsumer(l.broker, zaptest.NewLogger(t))
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	defer func() { require.NoError(t, consumer.Close(context.WithoutCancel(ctx))) }()
	var got *event.Message
	require.NoError(t, consumer.Subscribe(amqpx.Subscription{Queue: "ledger.in", Prefetch: 1, Handle: func(_ context.Context, d *amqpx.Delivery) {
		got = d.Message
		_ = d.Ack()
		cancel()
	}}).Run(ctx))
	require.NotNil(t, got)
	return got
}

func TestAnEventIsPublishedInTheFormatInWhichItTravels(t *testing.T) {
	t.Parallel()
	l := newLedger(t)
	d := l.destination(t, "ledger", "")
	e := sample()
	e.Request.Header = append(e.Request.Header,
		event.Field{Name: "authorization", Value: "Bearer of the source"}, event.Field{Name: "x-api-key", Value: "of the source"})
	require.NoError(t, tried(t, d, e))
	got, err := event.Decode(l.next(t))
	require.NoError(t, err)
	require.Equal(t, e.ID, got.ID)
	require.Equal(t, e.Type, got.Type)
	require.Equal(t, e.Body, got.Body)
	require.Equal(t, 3, got.Attempt)
	require.Equal(t, sample().Request.Header, got.Request.Header, "without the credentials of the source")
	require.Empty(t, got.Request.Query)
	require.Equal(t, "token=in-the-query", e.Request.Query, "the event itself was changed")
}

func TestThePublishedEventCarriesTheTraceOfTheAttempt(t *testing.T) {
	t.Parallel()
	l := newLedger(t)
	d := l.destination(t, "", "ledger.in")
	require.NoError(t, tried(t, d, sample()))
	l.next(t)
	const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	ctx := propagation.TraceContext{}.Extract(t.Context(), propagation.MapCarrier{"traceparent": parent})
	require.NoError(t, d.Handle(ctx, sample()))
	require.Equal(t, parent, l.next(t).Text(event.HeaderTrace))
}

func TestWhatNoQueueTakesIsTriedAgain(t *testing.T) {
	t.Parallel()
	l := newLedger(t)
	err := tried(t, l.destination(t, "ledger", "nobody.listens"), sample())
	require.Equal(t, fault.ReasonUnroutable, fault.ReasonOf(err))
	require.False(t, fault.IsPermanent(err))
}

func TestAFullQueueThrottles(t *testing.T) {
	t.Parallel()
	l := newLedger(t)
	d := l.destination(t, "ledger", "shop.order.paid")
	var err error
	for i := 0; i < 20 && err == nil; i++ { // a quorum queue refuses a little late
		err = tried(t, d, sample())
	}
	require.Equal(t, fault.ReasonThrottled, fault.ReasonOf(err))
}

func TestAMissingExchangeCostsOnlyItsOwnDestination(t *testing.T) {
	t.Parallel()
	l := newLedger(t)
	missing, there := l.destination(t, "missing", "a"), l.destination(t, "ledger", "")
	require.NoError(t, tried(t, there, sample()))
	err := tried(t, missing, sample())
	require.Equal(t, fault.ReasonConnection, fault.ReasonOf(err), err)
	require.False(t, fault.IsPermanent(err))
	require.NoError(t, there.Handle(t.Context(), sample()), "at once, without a new connection")
}

func TestWithoutABrokerNothingIsTried(t *testing.T) {
	t.Parallel()
	l := &ledger{broker: amqpx.Config{URLs: []string{"amqp://guest:guest@127.0.0.1:1/"}}}
	require.ErrorIs(t, handle(t, l.destination(t, "ledger", ""), sample()), consume.ErrHandBack)
}
