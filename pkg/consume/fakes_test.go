package consume_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/consume"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/retry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// broker is a Publisher that remembers, and fails as told.
type broker struct {
	mu        sync.Mutex
	published []amqpx.Publication
	fail      func(try int) error
	tries     int
	tried     []amqpx.Publication
	down      error
}

func (b *broker) Publish(ctx context.Context, p amqpx.Publication) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tries++
	b.tried = append(b.tried, p)
	if b.fail != nil {
		if err := b.fail(b.tries); err != nil {
			return err
		}
	}
	b.published = append(b.published, p)
	return ctx.Err()
}

func (b *broker) Ready() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.down
}

func (b *broker) setDown(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.down = err
}

// delivery remembers how it was settled, and what had been published by then.
type delivery struct {
	broker  *broker
	settled []string
	before  int // publications before it was settled
}

func (d *delivery) settle(how string) error {
	d.settled, d.before = append(d.settled, how), len(d.broker.published)
	return nil
}

func (d *delivery) Ack() error     { return d.settle("ack") }
func (d *delivery) Release() error { return d.settle("release") }
func (d *delivery) Reject() error  { return d.settle("reject") }

type bundle struct {
	broker   *broker
	delivery *delivery
	options  consume.Options
	message  *event.Message
	returns  int
}

// setup makes a pipeline's surroundings, around an event that was just accepted.
func setup(t *testing.T, h consume.HandlerFunc) *bundle {
	t.Helper()
	b := new(broker)
	m, err := event.Encode(&event.Event{
		ID: event.NewID(), Source: "shop", Type: "order.paid", ReceivedAt: time.Now(),
		Request: event.Request{Method: "POST", Path: "/in/shop", Header: []event.Field{{Name: "Content-Type", Value: "application/json"}}},
		Body:    []byte(`{"amount":7}`),
		Trace:   event.Trace{Parent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
	})
	require.NoError(t, err)
	return &bundle{
		broker: b, delivery: &delivery{broker: b}, message: m,
		options: consume.Options{Route: "orders", Handler: h, Retry: retry.Policy{Initial: 4 * time.Second, Factor: 2, Max: time.Minute, MaxAttempts: 3}},
	}
}

func (b *bundle) route(t *testing.T) *consume.Route {
	t.Helper()
	r, err := consume.New(b.options, b.broker)
	require.NoError(t, err)
	return r
}

func (b *bundle) process(t *testing.T) {
	b.route(t).Process(t.Context(), b.delivery, b.message, b.returns)
}

// only returns the one message that was published, after which the delivery was
// acknowledged.
func (b *bundle) only(t *testing.T) amqpx.Publication {
	t.Helper()
	require.Equal(t, []string{"ack"}, b.delivery.settled)
	require.Len(t, b.broker.published, 1)
	require.Equal(t, 1, b.delivery.before, "acknowledged before it was published")
	return b.broker.published[0]
}

func returning(err error) consume.HandlerFunc {
	return func(context.Context, *event.Event) error { return err }
}
