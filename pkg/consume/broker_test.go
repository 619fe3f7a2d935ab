package consume_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/metric/noop"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/amqpx/amqptest"
	"github.com/penstock/penstock/pkg/consume"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fault"
	"github.com/penstock/penstock/pkg/lifecycle"
	"github.com/penstock/penstock/pkg/retry"
	"github.com/penstock/penstock/pkg/returns"
	"github.com/penstock/penstock/pkg/routing/routingtest"
	"github.com/penstock/penstock/pkg/topology"
)

const patience = 60 * time.Second

// world is a virtual host of a real broker with the topology of the routes
// "orders" and "others", and connections to it.
type world struct {
	vhost     *amqptest.Vhost
	config    amqpx.Config
	publisher *amqpx.Publisher
	consumer  *amqpx.Consumer
}

func newWorld(t *testing.T) *world {
	t.Helper()
	vhost := amqptest.New(t)
	w := &world{vhost: vhost, config: amqpx.Config{URLs: vhost.URLs, Name: t.Name()}}
	plan := topology.Plan{Routes: []topology.Route{
		{Name: "orders"}, {Name: "others"},
	}}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	require.NoError(t, amqpx.Declare(ctx, w.config, plan.Topology()))
	log := zaptest.NewLogger(t)
	w.publisher = amqpx.NewPublisher(w.config, amqpx.PublisherOptions{}, log)
	t.Cleanup(func() { require.NoError(t, closing(w.publisher.Close)) })
	w.consumer = amqpx.NewConsumer(w.config, log)
	t.Cleanup(func() { require.NoError(t, closing(w.consumer.Close)) })
	require.Eventually(t, func() bool { return w.publisher.Ready() == nil }, patience, 10*time.Millisecond)
	w.move(t)
	return w
}

// move moves what has waited until the test ends, as each program does that consumes a route.
func (w *world) move(t *testing.T) {
	t.Helper()
	consumer := amqpx.NewConsumer(w.config, zap.NewNop())
	t.Cleanup(func() { require.NoError(t, closing(consumer.Close)) })
	m, err := returns.New(returns.Options{
		Broker: w.config, Publisher: w.publisher, Consumer: consumer, Recorder: newScribe(), Doubt: func(error) {}, Meter: noop.Meter{}, Log: zap.NewNop(),
	})
	require.NoError(t, err)
	stop := lifecycle.Background(context.WithoutCancel(t.Context()), m.Run)
	t.Cleanup(func() { require.NoError(t, closing(stop)) })
}

func closing(closer func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return closer(ctx)
}

// accept publishes an event as the gateway would, and returns its id.
func (w *world) accept(t *testing.T, typ string) string {
	t.Helper()
	e := &event.Event{ID: event.NewID(), Source: "shop", Type: typ, ReceivedAt: time.Now(), Request: event.Request{Method: "POST"}, Body: []byte(typ)}
	m, err := event.Encode(e)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	route, _, _ := strings.Cut(typ, ".")
	require.NoError(t, routingtest.Route(ctx, w.publisher, m, route+"s"))
	return e.ID
}

// run runs a route until the test ends, or until the function that it returns is called.
func (w *world) run(t *testing.T, o consume.Options, p consume.Publisher, change ...func(*consume.Route)) (stop func()) {
	t.Helper()
	o.Log = zaptest.NewLogger(t)
	r, err := consume.New(o, p)
	require.NoError(t, err)
	for _, c := range change {
		c(r)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx, w.consumer) }()
	var stopped atomic.Bool
	stop = func() {
		cancel()
		if !stopped.Swap(true) {
			require.NoError(t, <-done)
		}
	}
	t.Cleanup(stop)
	return stop
}

// read returns the next message of a queue.
func (w *world) read(t *testing.T, queue string) *event.Message {
	t.Helper()
	got := make(chan *event.Message, 1)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	done := make(chan error, 1)
	s := w.consumer.Subscribe(amqpx.Subscription{Queue: queue, Prefetch: 1, Handle: func(_ context.Context, d *amqpx.Delivery) {
		got <- d.Message
		_ = d.Ack()
		cancel()
	}})
	go func() { done <- s.Run(ctx) }()
	require.NoError(t, <-done)
	select {
	case m := <-got:
		return m
	default:
		require.Fail(t, "no message", queue)
		return nil
	}
}

func steady(d time.Duration) retry.Policy { return retry.Policy{Initial: d, Factor: 1, Max: d} }

func TestAnEventThatFailsThreeTimesIsDeliveredAtTheFourthAndNeverTriedEarly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	times := make(chan time.Time, 8)
	attempts := make(chan int, 8)
	w.run(t, consume.Options{Route: "orders", Retry: steady(2 * time.Second), Handler: consume.HandlerFunc(
		func(_ context.Context, e *event.Event) error {
			times <- time.Now()
			attempts <- e.Attempt
			if e.Attempt < 4 {
				return errDown
			}
			return nil
		})}, w.publisher)
	w.accept(t, "order.paid")

	last := <-times
	require.Equal(t, 1, <-attempts)
	for n := 2; n <= 4; n++ {
		next := <-times
		require.Equal(t, n, <-attempts)
		require.GreaterOrEqual(t, next.Sub(last).Seconds(), 1.9, "it was tried again too early")
		last = next
	}
	require.Eventually(t, func() bool { return w.vhost.Depth(t, topology.RouteQueue("orders")) == 0 }, patience, 50*time.Millisecond)
	require.Zero(t, w.vhost.Depth(t, topology.DeadQueue("orders")))
	require.Empty(t, times)
}

func TestARefusedEventIsADeadLetterAfterOneAttempt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var attempts atomic.Int32
	w.run(t, consume.Options{Route: "orders", Handler: consume.HandlerFunc(func(context.Context, *event.Event) error {
		attempts.Add(1)
		return fault.Permanent(fault.Because(fault.ReasonRejected, statusError(400)))
	})}, w.publisher)
	id := w.accept(t, "order.paid")

	m := w.read(t, topology.DeadQueue("orders"))
	require.Equal(t, id, m.ID)
	require.Equal(t, "rejected", m.Text(event.HeaderReason))
	require.Equal(t, "orders", m.Text(event.HeaderRoute))
	require.EqualValues(t, 400, m.Int(event.HeaderStatus))
	require.Equal(t, "order.paid", string(m.Body))
	require.EqualValues(t, 1, attempts.Load())
}

func TestADelayedEventOfADeletedRouteIsKeptAndBlocksNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	failed, again := make(chan struct{}, 100), make(chan string, 100)
	stop := w.run(t, consume.Options{Route: "orders", Retry: steady(2 * time.Second), Handler: consume.HandlerFunc(
		func(context.Context, *event.Event) error { failed <- struct{}{}; return errDown })}, w.publisher)
	w.run(t, consume.Options{Route: "others", Retry: steady(2 * time.Second), Handler: consume.HandlerFunc(
		func(_ context.Context, e *event.Event) error {
			if e.Attempt == 1 {
				return errDown
			}
			again <- e.ID
			return nil
		})}, w.publisher)
	const gone = 40 // more than a mover has in hand of one route
	for range gone {
		w.accept(t, "order.paid")
	}
	for range gone {
		<-failed
	}
	stop()
	w.vhost.DeleteQueue(t, topology.RouteQueue("orders"))
	w.vhost.DeleteQueue(t, topology.DeferredQueue("orders"))
	id := w.accept(t, "other.thing")

	require.Equal(t, id, <-again)
	require.Eventually(t, func() bool { return w.vhost.Depth(t, topology.Orphan) == gone }, patience, 100*time.Millisecond)
}

// refusing refuses so many publishes before it lets them through.
type refusing struct {
	consume.Publisher

	left atomic.Int32
}

func (p *refusing) Publish(ctx context.Context, pub amqpx.Publication) error {
	if p.left.Add(-1) >= 0 {
		return amqpx.ErrNacked
	}
	return p.Publisher.Publish(ctx, pub)
}

func TestNothingIsLostWhenPublishingIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := &refusing{Publisher: w.publisher}
	p.left.Store(5)
	done := make(chan int, 8)
	w.run(t, consume.Options{Route: "orders", Retry: steady(time.Second), Handler: consume.HandlerFunc(
		func(_ context.Context, e *event.Event) error {
			if e.Attempt == 1 {
				return errDown
			}
			done <- e.Attempt
			return nil
		})}, p, func(r *consume.Route) { r.Hurry(10*time.Millisecond, 10*time.Millisecond) })
	w.accept(t, "order.paid")
	require.Equal(t, 2, <-done)
	require.Zero(t, w.vhost.Depth(t, topology.DeadQueue("orders")))
}

func TestAPanicIsADeadLetterWhenTheAttemptsAreUsedUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var calls atomic.Int32
	w.run(t, consume.Options{Route: "orders", Handler: consume.HandlerFunc(func(context.Context, *event.Event) error {
		calls.Add(1)
		panic("cannot")
	}), Retry: retry.Policy{Initial: time.Second, Factor: 1, Max: time.Second, MaxAttempts: 2}}, w.publisher)
	id := w.accept(t, "order.paid")
	m := w.read(t, topology.DeadQueue("orders"))
	require.Equal(t, id, m.ID)
	require.Equal(t, "max-attempts", m.Text(event.HeaderReason))
	require.Equal(t, "panic", m.Text(event.HeaderLastReason))
	require.Contains(t, m.Text(event.HeaderError), "(broker_test.go:")
	require.EqualValues(t, 2, calls.Load())
}

func TestAMalformedMessageIsADeadLetterAsItIs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run(t, consume.Options{Route: "orders", Handler: returning(nil)}, w.publisher)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	p := amqpx.Publication{Exchange: topology.Routes, Key: topology.RouteQueue("orders"), Message: &event.Message{ID: "odd", Body: []byte("\x00?")}}
	require.NoError(t, w.publisher.Publish(ctx, p))
	m := w.read(t, topology.DeadQueue("orders"))
	require.Equal(t, "malformed", m.Text(event.HeaderReason))
	require.Equal(t, "\x00?", string(m.Body))
}

func TestRunFinishesWhatItHasBegunAndLeavesTheRest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	begun, finish := make(chan string, 8), make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	o := consume.Options{Route: "orders", Concurrency: 1, Log: zaptest.NewLogger(t), Handler: consume.HandlerFunc(
		func(_ context.Context, e *event.Event) error { begun <- e.ID; <-finish; return nil })}
	go func() { done <- consume.Run(ctx, w.config, o) }()
	first := w.accept(t, "order.first")
	w.accept(t, "order.second")
	require.Equal(t, first, <-begun)
	cancel()
	require.Never(t, func() bool { return len(done) > 0 }, 200*time.Millisecond, 20*time.Millisecond)
	close(finish)
	require.NoError(t, <-done)
	require.Empty(t, begun)
	require.Equal(t, "order.second", string(w.read(t, topology.RouteQueue("orders")).Body))
}
