package e2e

import (
	"net/http"
	"strings"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx/amqptest"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/topology"
)

// neighbours are two routes whose first attempts fail.
const neighbours = `
sources:
  one: {open: true}
  other: {open: true}
destinations:
  receiver: {url: "RECEIVER", timeout: 5s}
routes:
  full: {from: [one], to: receiver, retry: {initial: 4s, factor: 1, jitter: 0, max: 4s, retryOn: [404]}}
  free: {from: [other], to: receiver, retry: {initial: 2s, factor: 1, jitter: 0, max: 2s, retryOn: [404]}}
`

// startNeighbours starts a gateway, with a destination that fails each first attempt.
func startNeighbours(t *testing.T, config string) (*stack, *amqptest.Vhost) {
	t.Helper()
	vhost := amqptest.New(t)
	s := setupOn(t, config, vhost.URL)
	s.receiver.answer = func(attempt int, _ arrival) int {
		if attempt == 1 {
			return http.StatusNotFound // which opens no circuit breaker
		}
		return http.StatusOK
	}
	s.startGateway()
	return s, vhost
}

// startOnly starts a deliverer of one route. Like any, it moves the returns of all.
func (s *stack) startOnly(route string) {
	s.t.Helper()
	start(s.t, "worker", []string{"deliver"}, s.settings(map[string]string{"PENSTOCK_ROUTES": route})).awaitReady()
}

// put publishes a message to a queue of Penstock, as a process of it would.
func (o *operator) put(ch *amqp.Channel, queue string, headers amqp.Table) {
	o.t.Helper()
	require.NoError(o.t, ch.PublishWithContext(o.t.Context(), topology.Routes, queue, true, false, amqp.Publishing{
		DeliveryMode: amqp.Persistent, Headers: headers, Body: []byte("{}"),
	}))
}

// A hundred retries of a route wait that takes none. Those of another route are on time, and
// its own leave by themselves when it takes them again.
func TestRetriesOfARouteThatTakesNoneHoldUpNoOthers(t *testing.T) {
	t.Parallel()
	s, vhost := startNeighbours(t, neighbours)
	all := s.startDeliverer()
	const many = 100
	var waiting []string
	for range many {
		waiting = append(waiting, s.acceptAt("one"))
	}
	s.receiver.awaitAll(waiting)
	s.startOnly("free")
	all.stop()

	o := s.operator()
	ch := o.channel()
	for _, queue := range []string{topology.RouteQueue("full"), topology.DeferredQueue("full")} {
		o.put(ch, queue, nil)
	}
	vhost.Limit(t, `^penstock\.(route|deferred)\.full$`, 1)
	require.Eventually(t, func() bool { return vhost.Depth(t, topology.RouteQueue("full")) > 0 }, 30*time.Second, 50*time.Millisecond)
	for range 16 {
		arrivals := s.receiver.await(s.acceptAt("other"), 2)
		t.Log("the other's retry came after", arrivals[1].at.Sub(arrivals[0].at))
	}
	vhost.Limit(t, "", 0)
	lifted := time.Now()
	require.Eventually(t, func() bool {
		return vhost.Depth(t, topology.RouteQueue("full"))+vhost.Depth(t, topology.DeferredQueue("full")) > 20
	}, time.Minute, 100*time.Millisecond, "its own begin to leave")
	t.Log("its own begin to leave after", time.Since(lifted))
	s.startOnly("full")
	for _, id := range waiting {
		s.receiver.awaitSoon(id, 2, 2*time.Minute)
	}
}

// awaitSoon is await with a patience of its own.
func (r *receiver) awaitSoon(id string, n int, patience time.Duration) {
	r.t.Helper()
	require.Eventually(r.t, func() bool { return len(r.of(id)) >= n }, patience, 50*time.Millisecond, "%d attempts at %s", n, id)
}

// Thousands of retries of one route are due at once, and stand before another's.
func TestARetryBehindThousandsOfAnotherRouteDoesNotWaitForThem(t *testing.T) {
	t.Parallel()
	s, vhost := startNeighbours(t, strings.ReplaceAll(neighbours, "2s", "16s"))
	all := s.startDeliverer()
	id := s.acceptAt("other")
	s.receiver.await(id, 1)
	require.Eventually(t, func() bool { return vhost.Depth(t, topology.RouteQueue("free")) == 0 }, 30*time.Second, 20*time.Millisecond)
	all.stop()

	const many = 4000
	o := s.operator()
	ch := o.channel()
	for range many {
		o.put(ch, topology.Return, amqp.Table{event.HeaderReturnTo: topology.RouteQueue("full"), event.HeaderDue: time.Now().UnixMilli()})
	}
	require.Equal(t, 1, vhost.Depth(t, topology.LevelQueue(16)), "the other's comes behind them")
	require.Eventually(t, func() bool { return vhost.Depth(t, topology.Return) == many+1 }, time.Minute, 50*time.Millisecond)
	s.startOnly("free")
	s.receiver.await(id, 2)
	moved := vhost.Depth(t, topology.RouteQueue("full"))
	require.Eventually(t, func() bool { return vhost.Depth(t, topology.RouteQueue("full")) == many }, 2*time.Minute, 100*time.Millisecond)
	t.Logf("the other's came when %d of %d were moved", moved, many)
	require.Less(t, moved, many)
}
