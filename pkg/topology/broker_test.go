package topology_test

import (
	"context"
	"strconv"
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

func TestDelayedMessagesComeToTheReturnsAtTheRightTime(t *testing.T) {
	t.Parallel()
	s := declared(t, plan("invoices"))
	came := s.arrivals(t, topology.Return, (*amqpx.Delivery).Ack)
	waits := map[string]int{"one": 1, "three": 3, "four": 4}
	sent := map[string]time.Time{}
	for id, seconds := range waits {
		sent[id] = time.Now()
		s.publish(t, topology.Delay, topology.LevelQueue(seconds), id)
	}
	for range waits {
		a := next(t, came)
		id := a.Message.ID
		require.GreaterOrEqual(t, a.at.Sub(sent[id]), time.Duration(waits[id])*time.Second, id)
		require.Equal(t, map[string]any{event.HeaderFormat: int64(event.Format)}, a.Message.Headers, "no header of the broker's")
	}
}

func TestAMessageCanBeDelayedAgainAndAgain(t *testing.T) {
	t.Parallel()
	s := declared(t, plan("invoices"))
	level := topology.LevelQueue(1)
	came := s.arrivals(t, topology.Return, func(d *amqpx.Delivery) error {
		if d.Message.Body = append(d.Message.Body, '.'); len(d.Message.Body) > 3 {
			return d.Ack()
		}
		pub := amqpx.Publication{Exchange: topology.Delay, Key: level, Message: d.Message}
		if err := s.publisher.Publish(s.ctx, pub); err != nil {
			return err
		}
		return d.Ack()
	})
	s.publish(t, topology.Delay, level, "x")
	for _, body := range []string{"x.", "x..", "x..."} {
		require.Equal(t, body, string(next(t, came).Message.Body), "republished with x-death, RabbitMQ drops it as a cycle")
	}
}

// The old levels are beside the new ones, and a new process declares only these.
func TestWhatWaitsInOldLevelsArrivesBesideTheNewOnes(t *testing.T) {
	t.Parallel()
	s := declared(t, topology.Plan{})
	require.NoError(t, amqpx.Declare(s.ctx, s.cfg, before("invoices")))
	for _, seconds := range []int{1, 2, 3} {
		exchange, key := oldKey("invoices", seconds)
		s.publish(t, exchange, key, strconv.Itoa(seconds))
	}
	require.NoError(t, amqpx.Declare(s.ctx, s.cfg, plan("invoices").Topology()))
	came := s.arrivals(t, topology.RouteQueue("invoices"), (*amqpx.Delivery).Ack)
	for _, id := range []string{"1", "2", "3"} {
		require.Equal(t, id, next(t, came).Message.ID)
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
