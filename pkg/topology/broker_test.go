package topology_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/amqpx/amqptest"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/topology"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// site is a declared plan on a real broker.
type site struct {
	ctx       context.Context
	vhost     *amqptest.Vhost
	cfg       amqpx.Config
	publisher *amqpx.Publisher
	consumer  *amqpx.Consumer
}

func declared(t *testing.T, p topology.Plan) *site {
	t.Helper()
	vhost := amqptest.New(t)
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	t.Cleanup(cancel)
	s := &site{ctx: ctx, vhost: vhost, cfg: amqpx.Config{URLs: vhost.URLs, Name: t.Name()}}
	require.NoError(t, amqpx.Declare(ctx, s.cfg, p.Topology()))
	s.publisher = amqpx.NewPublisher(s.cfg, amqpx.PublisherOptions{}, zap.NewNop())
	s.consumer = amqpx.NewConsumer(s.cfg, zap.NewNop())
	t.Cleanup(func() {
		end, stop := context.WithTimeout(context.Background(), 10*time.Second)
		defer stop()
		require.NoError(t, s.publisher.Close(end))
		require.NoError(t, s.consumer.Close(end))
	})
	require.Eventually(t, func() bool { return s.publisher.Ready() == nil && s.consumer.Ready() == nil }, 30*time.Second, 10*time.Millisecond)
	return s
}

func (s *site) publish(t *testing.T, exchange, key, id string) {
	t.Helper()
	m := &event.Message{ID: id, Headers: map[string]any{event.HeaderFormat: int64(event.Format)}, Body: []byte(id)}
	require.NoError(t, s.publisher.Publish(s.ctx, amqpx.Publication{Exchange: exchange, Key: key, Message: m}))
}

// arrival is a delivery and when it came.
type arrival struct {
	*amqpx.Delivery
	at time.Time
}

// arrivals consumes a queue, and settles each message with settle.
func (s *site) arrivals(t *testing.T, queue string, settle func(*amqpx.Delivery) error) <-chan arrival {
	t.Helper()
	out := make(chan arrival, 1000)
	sub := s.consumer.Subscribe(amqpx.Subscription{Queue: queue, Prefetch: 100, Handle: func(_ context.Context, d *amqpx.Delivery) {
		a := arrival{d, time.Now()}
		if err := settle(d); err == nil {
			out <- a
		}
	}})
	go func() { _ = sub.Run(context.Background()) }()
	return out
}

func next(t *testing.T, from <-chan arrival) arrival {
	t.Helper()
	select {
	case a := <-from:
		return a
	case <-time.After(30 * time.Second):
		require.Fail(t, "nothing came within 30s")
		return arrival{}
	}
}

func TestDelayedMessagesArriveAtTheRightTime(t *testing.T) {
	t.Parallel()
	s := declared(t, plan("invoices"))
	came := s.arrivals(t, topology.RouteQueue("invoices"), (*amqpx.Delivery).Ack)

	waits := map[string]time.Duration{"none": 0, "one": time.Second, "three": 3 * time.Second, "four": 4 * time.Second}
	sent := map[string]time.Time{}
	for id, wait := range waits {
		exchange, key := topology.Delay("invoices", int(wait/time.Second))
		sent[id] = time.Now()
		s.publish(t, exchange, key, id)
	}
	for range waits {
		a := next(t, came)
		id := a.Message.ID
		require.GreaterOrEqual(t, a.at.Sub(sent[id]), waits[id], id)
		require.Less(t, a.at.Sub(sent[id]), waits[id]+1500*time.Millisecond, id)
		require.Equal(t, map[string]any{event.HeaderFormat: int64(event.Format)}, a.Message.Headers, "no header of the broker's")
	}
}

func TestAMessageCanBeDelayedAgainAndAgain(t *testing.T) {
	t.Parallel()
	s := declared(t, plan("invoices"))
	exchange, key := topology.Delay("invoices", 1)
	came := s.arrivals(t, topology.RouteQueue("invoices"), func(d *amqpx.Delivery) error {
		if d.Message.Body = append(d.Message.Body, '.'); len(d.Message.Body) > 3 {
			return d.Ack()
		}
		pub := amqpx.Publication{Exchange: exchange, Key: key, Message: d.Message}
		if err := s.publisher.Publish(s.ctx, pub); err != nil {
			return err
		}
		return d.Ack()
	})
	s.publish(t, exchange, key, "x")
	for _, body := range []string{"x.", "x..", "x..."} {
		require.Equal(t, body, string(next(t, came).Message.Body), "republished with x-death, RabbitMQ drops it as a cycle")
	}
}

func TestDelayedMessagesOfAGoneRouteAreKeptAndBlockNobody(t *testing.T) {
	t.Parallel()
	s := declared(t, plan("invoices"))
	// 32 unroutable messages would stop the level for good: that is the prefetch of
	// the broker's dead-letter worker.
	exchange, key := topology.Delay("gone", 1)
	for range 40 {
		s.publish(t, exchange, key, "orphan")
	}
	exchange, key = topology.Delay("invoices", 1)
	s.publish(t, exchange, key, "mine")

	came := s.arrivals(t, topology.RouteQueue("invoices"), (*amqpx.Delivery).Ack)
	require.Equal(t, "mine", next(t, came).Message.ID)
	orphans := s.arrivals(t, topology.Orphan, (*amqpx.Delivery).Ack)
	for range 40 {
		require.Equal(t, "orphan", next(t, orphans).Message.ID)
	}
}

func TestAMessageThatComesBackTooOftenIsADeadLetter(t *testing.T) {
	t.Parallel()
	s := declared(t, plan("invoices"))
	s.publish(t, topology.Routes, topology.RouteQueue("invoices"), "poison")
	tries := s.arrivals(t, topology.RouteQueue("invoices"), (*amqpx.Delivery).Requeue)
	dead := next(t, s.arrivals(t, topology.DeadQueue("invoices"), (*amqpx.Delivery).Ack))
	require.Equal(t, "poison", dead.Message.ID)
	require.Equal(t, "delivery_limit", dead.Death)
	require.Len(t, tries, topology.DeliveryLimit+1)
}

func TestTheArchiveIsAStream(t *testing.T) {
	t.Parallel()
	s := declared(t, plan("invoices"))
	s.publish(t, topology.Routes, topology.Archive, "one")
	s.publish(t, topology.Routes, topology.Archive, "two")
	sub := amqpx.Subscription{Queue: topology.Archive, Ordered: true, Args: map[string]any{"x-stream-offset": "first"}}
	out := make(chan *amqpx.Delivery, 10)
	sub.Handle = func(_ context.Context, d *amqpx.Delivery) { out <- d; _ = d.Ack() }
	go func() { _ = s.consumer.Subscribe(sub).Run(context.Background()) }()
	for i, id := range []string{"one", "two"} {
		d := <-out
		require.Equal(t, id, d.Message.ID)
		require.EqualValues(t, i, d.Offset)
	}
}

func TestDeclaringAgainIsFineAndADifferenceIsNot(t *testing.T) {
	t.Parallel()
	s := declared(t, plan("invoices"))
	require.NoError(t, amqpx.Declare(s.ctx, s.cfg, plan("invoices", "refunds").Topology()))
	require.NoError(t, amqpx.Check(s.ctx, s.cfg, plan("invoices", "refunds").Topology()))
	require.Error(t, amqpx.Check(s.ctx, s.cfg, plan("invoices", "more").Topology()))

	other := plan("invoices")
	other.ArchiveMaxAge = "30D"
	var mismatch *amqpx.MismatchError
	require.ErrorAs(t, amqpx.Declare(s.ctx, s.cfg, other.Topology()), &mismatch)
	require.Equal(t, topology.Archive, mismatch.Name)
	require.Equal(t, "30D", mismatch.Wanted)
	require.Equal(t, "7D", mismatch.Found)
}

func TestARoutesOrderingIsFixedWithItsName(t *testing.T) {
	t.Parallel()
	of := func(partitions int) topology.Plan {
		return topology.Plan{Routes: []topology.Route{{Name: "orders", Partitions: partitions}}}
	}
	s := declared(t, of(8))
	for _, other := range []int{0, 4, 16} {
		err := amqpx.Declare(s.ctx, s.cfg, of(other).Topology())
		require.ErrorContains(t, err, "give the ordered route a new name", "%d partitions", other)
		require.ErrorContains(t, err, topology.RouteQueue("orders"))
		require.Error(t, amqpx.Check(s.ctx, s.cfg, of(other).Topology()))
	}
	require.NoError(t, amqpx.Check(s.ctx, s.cfg, of(8).Topology()))
}
