package fanout_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/amqpx/amqptest"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/fanout"
	"github.com/penstock/penstock/pkg/routing"
	"github.com/penstock/penstock/pkg/topology"
)

func TestAnEventGoesToItsRoutesAndTheArchive(t *testing.T) {
	t.Parallel()
	b := setup(t, amqptest.New(t))
	require.NoError(t, b.publish("order"))
	require.NoError(t, b.publish("ordered"))
	b.requireDepth(topology.RouteQueue("a"), 2)
	b.requireDepth(topology.RouteQueue("b"), 2)
	b.requireDepth(topology.RouteQueue("ordered"), 1)
	records := b.archived(2)
	require.Equal(t, "a,b", records[0].Text(event.HeaderRoutes))
	require.Equal(t, "a,b,ordered", records[1].Text(event.HeaderRoutes))
	require.Empty(t, b.Shut())
}

// archived returns the first messages of the archive.
func (b *bundle) archived(n int) (all []*event.Message) {
	b.t.Helper()
	consumer := amqpx.NewConsumer(b.cfg, nopLog)
	ctx, cancel := context.WithTimeout(b.t.Context(), waitFor)
	defer cancel()
	sub := amqpx.Subscription{Queue: topology.Archive, Ordered: true, Args: map[string]any{"x-stream-offset": "first"}}
	sub.Handle = func(_ context.Context, d *amqpx.Delivery) {
		_ = d.Ack()
		if all = append(all, d.Message); len(all) == n {
			cancel()
		}
	}
	require.NoError(b.t, consumer.Subscribe(sub).Run(ctx))
	require.NoError(b.t, consumer.Close(context.WithoutCancel(ctx)))
	require.Len(b.t, all, n)
	return all
}

func TestAnEventWithoutARouteIsArchivedOrKeptAsUnrouted(t *testing.T) {
	t.Parallel()
	b := setup(t, amqptest.New(t))
	b.configure(fanout.Plan{Archive: true, Routes: routing.NewTable(nil)})
	require.NoError(t, b.publish("order"))
	b.requireDepth(topology.Unrouted, 0)
	require.Empty(t, b.archived(1)[0].Text(event.HeaderRoutes))
	b.configure(fanout.Plan{Routes: routing.NewTable(nil)})
	require.NoError(t, b.publish("order"))
	b.requireDepth(topology.Unrouted, 1)
}

func TestAQueueOfOthersHoldsUpNothing(t *testing.T) {
	t.Parallel()
	b := setup(t, amqptest.New(t))
	p := b.plan
	p.Exchange = true
	b.configure(p)
	require.NoError(t, b.publish("order"), "no queue is bound: it goes to the alternate exchange")
	full := amqpx.Queue{Name: "others", Args: map[string]any{"x-queue-type": "classic", "x-max-length": int64(1), "x-overflow": "reject-publish"}}
	binding := amqpx.Binding{Source: topology.Events, Key: "shop.*", Queue: full.Name}
	require.NoError(t, amqpx.Declare(t.Context(), b.cfg, amqpx.Topology{Queues: []amqpx.Queue{full}, Bindings: []amqpx.Binding{binding}}))
	for range 5 {
		require.NoError(t, b.publish("order"))
	}
	b.requireDepth("others", 1)
	b.requireDepth(topology.RouteQueue("a"), 6)
}

func TestAFullQueueDefersItsOwnEventsUntilItTakesThemAgain(t *testing.T) {
	t.Parallel()
	b := setup(t, amqptest.New(t))
	b.vhost.Limit(t, `^penstock\.route\.a$`, 1)
	require.Eventually(t, func() bool { return b.publish("order") == nil && b.Shut()[topology.RouteQueue("a")] != nil }, waitFor, 10*time.Millisecond)
	for range 20 {
		require.NoError(t, b.publish("order"))
	}
	require.Len(t, b.Shut(), 1)
	in := b.vhost.Depth(t, topology.RouteQueue("b"))
	require.Eventually(t, func() bool {
		return b.vhost.Depth(t, topology.RouteQueue("a"))+b.vhost.Depth(t, topology.DeferredQueue("a")) == b.vhost.Depth(t, topology.RouteQueue("b"))
	}, waitFor, 50*time.Millisecond)
	require.Zero(t, b.vhost.Depth(t, topology.DeferredQueue("b")))
	require.GreaterOrEqual(t, in, 20)

	b.vhost.Limit(t, `^penstock\.route\.a$`, 0)
	require.Eventually(t, func() bool { return b.publish("order") == nil && len(b.Shut()) == 0 }, waitFor, 100*time.Millisecond)
	require.Positive(t, b.probes.Load())
	// The connections of before learn it too.
	require.Eventually(t, func() bool {
		before := b.vhost.Depth(t, topology.DeferredQueue("a"))
		for range 6 {
			require.NoError(t, b.publish("order"))
		}
		return b.vhost.Depth(t, topology.DeferredQueue("a")) == before && len(b.Shut()) == 0
	}, waitFor, 500*time.Millisecond)
}

func TestAGoneQueueDefersItsOwnEvents(t *testing.T) {
	t.Parallel()
	b := setup(t, amqptest.New(t))
	b.vhost.DeleteQueue(t, topology.RouteQueue("a"))
	b.vhost.DeleteQueue(t, topology.Archive)
	for range 5 {
		require.NoError(t, b.publish("order"))
	}
	b.requireDepth(topology.DeferredQueue("a"), 5)
	b.requireDepth(topology.DeferredArchive, 5)
	b.requireDepth(topology.RouteQueue("b"), 5)
}

func TestAnEventWhoseRouteIsRemovedMeanwhileIsKeptAsUnrouted(t *testing.T) {
	t.Parallel()
	b := setup(t, amqptest.New(t))
	b.vhost.DeleteQueue(t, topology.RouteQueue("a"))
	b.vhost.DeleteQueue(t, topology.DeferredQueue("a"))
	require.ErrorIs(t, b.publish("order"), amqpx.ErrReturned, "the configuration has the route")
	var once sync.Once
	b.onDoubt = func() { // the configuration changes while the event is on its way
		once.Do(func() {
			b.configure(fanout.Plan{Archive: true, Routes: routing.NewTable(map[string][]string{"b": {"shop.#"}})})
		})
	}
	require.NoError(t, b.publish("order"))
	b.requireDepth(topology.Unrouted, 1)
	b.requireDepth(topology.RouteQueue("b"), 2)
	require.Equal(t, "b", b.archived(1)[0].Text(event.HeaderRoutes))
	require.Empty(t, b.Shut())
}

func TestWhatHasTheEventGetsItNoSecondTime(t *testing.T) {
	t.Parallel()
	b := setup(t, amqptest.New(t))
	b.vhost.DeleteQueue(t, topology.RouteQueue("a"))
	b.vhost.DeleteQueue(t, topology.DeferredQueue("a"))
	e := newEvent("order")
	err := b.Publish(t.Context(), e)
	require.ErrorIs(t, err, amqpx.ErrReturned)
	e.Done = fanout.DoneOf(err)
	require.Equal(t, []string{topology.RouteQueue("b")}, e.Done, "the archive comes last")
	require.NoError(t, amqpx.Declare(t.Context(), b.cfg, (topology.Plan{Archive: true, Routes: routes()}).Topology()))
	require.Eventually(t, func() bool { return b.Publish(t.Context(), e) == nil }, waitFor, 10*time.Millisecond)
	b.requireDepth(topology.RouteQueue("b"), 1)
	require.Len(t, b.archived(1), 1)
	require.Equal(t, 1, b.vhost.Depth(t, topology.RouteQueue("a"))+b.vhost.Depth(t, topology.DeferredQueue("a")))
}

func TestAnOrderedRouteThatTakesNothingRefusesOnlyItsOwnEvents(t *testing.T) {
	t.Parallel()
	b := setup(t, amqptest.New(t))
	b.vhost.DeleteQueue(t, topology.RouteQueue("ordered"))
	require.ErrorIs(t, b.publish("ordered"), amqpx.ErrReturned)
	require.Error(t, b.publish("ordered"), "it is shut, and its events have no other place")
	require.NoError(t, b.publish("order"))
}

func TestWithTheArchiveARouteThatTheBrokerRefusesIsPassedOver(t *testing.T) {
	t.Parallel()
	b := setup(t, amqptest.New(t))
	p := b.plan
	p.Cut = map[string]error{"a": amqpx.ErrReturned}
	b.configure(p)
	require.NoError(t, b.publish("order"))
	require.Equal(t, "b", b.archived(1)[0].Text(event.HeaderRoutes))
}

func TestAQueueThatDoesNotAnswer(t *testing.T) { //nolint:tparallel // its cases stop queues of one broker
	t.Parallel()
	node := amqptest.Private(t)
	node.Start(t)
	for name, run := range map[string]func(*testing.T, *amqptest.Node){ //nolint:paralleltest // as above
		"defers its own events and holds up no other":     silentRoute,
		"is not known to a new connection":                silentFromTheStart,
		"defers the events of a source that has it alone": silentAlone,
		"defers nothing when the whole broker is slow":    silentBroker,
	} {
		t.Run(name, func(t *testing.T) { run(t, node) })
	}
}

func silentRoute(t *testing.T, node *amqptest.Node) {
	b := setup(t, node.Vhost(t))
	b.warm()
	node.Suspend(t, b.vhost, topology.RouteQueue("a"), true)
	slow := b.storm(300)
	require.Contains(t, b.Shut(), topology.RouteQueue("a"))
	require.Less(t, slow, 100, "only those that were sent before it was known waited")
	before := b.vhost.Depth(t, topology.RouteQueue("b"))
	require.GreaterOrEqual(t, before, 300)
	node.Suspend(t, b.vhost, topology.RouteQueue("a"), false)
	require.Eventually(t, func() bool { return b.publish("order") == nil && len(b.Shut()) == 0 }, waitFor, 100*time.Millisecond)
}

// storm publishes so many events from sixteen senders, and returns how many took longer
// than half a second.
func (b *bundle) storm(n int) (slow int) {
	b.t.Helper()
	var mu sync.Mutex
	var senders sync.WaitGroup
	work := make(chan struct{}, n)
	for range n {
		work <- struct{}{}
	}
	close(work)
	for range 16 {
		senders.Go(func() {
			for range work {
				began := time.Now()
				err := b.publish("order")
				mu.Lock()
				if err != nil {
					b.t.Errorf("refused: %v", err)
				}
				if time.Since(began) > 500*time.Millisecond {
					slow++
				}
				mu.Unlock()
			}
		})
	}
	senders.Wait()
	return slow
}

func silentFromTheStart(t *testing.T, node *amqptest.Node) {
	b := setup(t, node.Vhost(t))
	node.Suspend(t, b.vhost, topology.RouteQueue("a"), true)
	b.storm(100)
	require.Contains(t, b.Shut(), topology.RouteQueue("a"))
	b.requireDepth(topology.RouteQueue("b"), b.vhost.Depth(t, topology.RouteQueue("b")))
	node.Suspend(t, b.vhost, topology.RouteQueue("a"), false)
}

// alone has the events go to route a and nowhere else, and stops its queue.
func alone(t *testing.T, node *amqptest.Node) *bundle {
	b := setup(t, node.Vhost(t))
	b.configure(fanout.Plan{Archive: true, Routes: routing.NewTable(map[string][]string{"a": {"shop.#"}})})
	b.warm()
	node.Suspend(t, b.vhost, topology.RouteQueue("a"), true)
	t.Cleanup(func() { node.Suspend(t, b.vhost, topology.RouteQueue("a"), false) })
	return b
}

func silentAlone(t *testing.T, node *amqptest.Node) {
	b := alone(t, node)
	require.NoError(t, b.publish("order"))
	require.Contains(t, b.Shut(), topology.RouteQueue("a"))
	b.requireDepth(topology.DeferredQueue("a"), 1)
}

func silentBroker(t *testing.T, node *amqptest.Node) {
	b := alone(t, node)
	p := b.plan
	p.Archive = false // a stream may well answer
	b.configure(p)
	node.Suspend(t, b.vhost, topology.Pulse, true)
	defer node.Suspend(t, b.vhost, topology.Pulse, false)
	require.ErrorIs(t, b.publish("order"), amqpx.ErrUnknown)
	require.Empty(t, b.Shut())
	require.Zero(t, b.vhost.Depth(t, topology.DeferredQueue("a")))
}

func TestAnErrorSaysWhatHasTheEvent(t *testing.T) {
	t.Parallel()
	err := error(&fanout.Incomplete{Done: []string{"penstock.archive"}, Err: amqpx.ErrNacked})
	require.ErrorIs(t, err, amqpx.ErrNacked)
	require.ErrorContains(t, err, "penstock.archive")
	require.Nil(t, fanout.DoneOf(amqpx.ErrNacked))
}
