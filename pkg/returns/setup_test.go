package returns_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/metric/noop"
	"go.uber.org/goleak"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/amqpx/amqptest"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/lifecycle"
	"github.com/penstock/penstock/pkg/returns"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/pkg/topology"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// waitFor is how long a test waits for what has to happen, on any machine.
const waitFor = 60 * time.Second

// site is a broker with the routes a, b and ordered.
type site struct {
	t         *testing.T
	vhost     *amqptest.Vhost
	cfg       amqpx.Config
	publisher *amqpx.Publisher
	consumer  *amqpx.Consumer

	mu   sync.Mutex
	held map[string]time.Time // until when, by event
}

// Emit takes the records.
func (s *site) Emit(_ context.Context, records ...status.Record) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range records {
		s.held[r.Event] = r.NextAt
	}
	return nil
}

// heldEvents is how many events were recorded as held.
func (s *site) heldEvents() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.held)
}

func setup(t *testing.T) *site {
	t.Helper()
	s := &site{t: t, vhost: amqptest.New(t), held: map[string]time.Time{}}
	s.cfg = amqpx.Config{URLs: s.vhost.URLs, Name: t.Name()}
	require.NoError(t, amqpx.Declare(t.Context(), s.cfg, plan().Topology()))
	log := zaptest.NewLogger(t, zaptest.Level(zap.ErrorLevel))
	s.publisher = amqpx.NewPublisher(s.cfg, amqpx.PublisherOptions{}, log)
	s.consumer = amqpx.NewConsumer(s.cfg, log)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		require.NoError(t, s.publisher.Close(ctx))
		require.NoError(t, s.consumer.Close(ctx))
	})
	require.Eventually(t, func() bool { return s.publisher.Ready() == nil }, waitFor, 10*time.Millisecond)
	return s
}

func plan() topology.Plan {
	return topology.Plan{Routes: []topology.Route{{Name: "a"}, {Name: "b"}, {Name: "ordered", Partitions: 1}}}
}

// move starts a mover. It stops at the end of the test at the latest.
func (s *site) move() (stop func()) {
	s.t.Helper()
	m, err := returns.New(returns.Options{
		Broker: s.cfg, Publisher: s.publisher, Consumer: s.consumer, Recorder: s, Doubt: func(error) {}, Bytes: 1 << 30,
		Meter: noop.Meter{}, Log: zaptest.NewLogger(s.t, zaptest.Level(zap.ErrorLevel)),
	})
	require.NoError(s.t, err)
	end := lifecycle.Background(context.WithoutCancel(s.t.Context()), m.Run)
	stop = func() {
		ctx, cancel := context.WithTimeout(context.Background(), waitFor)
		defer cancel()
		require.NoError(s.t, end(ctx))
	}
	s.t.Cleanup(stop)
	return stop
}

func message(id string) *event.Message {
	return &event.Message{ID: id, Headers: map[string]any{event.HeaderFormat: int64(event.Format)}, Body: []byte(id)}
}

func (s *site) publish(p amqpx.Publication) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), waitFor)
	defer cancel()
	require.NoError(s.t, s.publisher.Publish(ctx, p))
}

// returned publishes a message as if it had waited already.
func (s *site) returned(route, id string) {
	s.t.Helper()
	p := returns.Delay(topology.RouteQueue(route), message(id), time.Second, time.Now().Add(-time.Second))
	p.Exchange, p.Key = topology.Routes, topology.Return
	s.publish(p)
}

// arrival is a message and when it came.
type arrival struct {
	*event.Message
	at time.Time
}

// arrivals consumes queues.
func (s *site) arrivals(queues ...string) <-chan arrival {
	s.t.Helper()
	out := make(chan arrival, 10_000)
	ctx, cancel := context.WithCancel(context.WithoutCancel(s.t.Context()))
	var running sync.WaitGroup
	for _, queue := range queues {
		sub := s.consumer.Subscribe(amqpx.Subscription{Queue: queue, Prefetch: 500, Ordered: true, Handle: func(_ context.Context, d *amqpx.Delivery) {
			if d.Ack() == nil {
				out <- arrival{d.Message, time.Now()}
			}
		}})
		running.Go(func() { _ = sub.Run(ctx) })
	}
	s.t.Cleanup(func() { cancel(); running.Wait() })
	return out
}

// arrivalsOf consumes both queues of a route: a busy machine may answer so late that its queue
// is taken for a silent one, once.
func (s *site) arrivalsOf(route string) <-chan arrival {
	s.t.Helper()
	return s.arrivals(topology.RouteQueue(route), topology.DeferredQueue(route))
}

func (s *site) next(from <-chan arrival) arrival {
	s.t.Helper()
	select {
	case a := <-from:
		return a
	case <-time.After(waitFor):
		require.Fail(s.t, "nothing came")
		return arrival{}
	}
}

// requireDepth waits until the queue has so many messages.
func (s *site) requireDepth(queue string, want int) {
	s.t.Helper()
	got := -1
	require.Eventually(s.t, func() bool { got = s.vhost.Depth(s.t, queue); return got == want }, waitFor, 50*time.Millisecond, "%s: %d", queue, want)
}

func ids(prefix string, n int) (all []string) {
	for i := range n {
		all = append(all, fmt.Sprint(prefix, i))
	}
	return all
}
