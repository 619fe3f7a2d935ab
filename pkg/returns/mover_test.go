package returns_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/returns"
	"github.com/penstock/penstock/pkg/topology"
)

func TestADelayedMessageComesBackOnTimeAndAsItWas(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.move()
	came := s.arrivalsOf("a")
	waits := map[string]time.Duration{"none": 0, "one": time.Second, "five": 5 * time.Second}
	sent := map[string]time.Time{}
	for id, wait := range waits {
		sent[id] = time.Now()
		s.publish(returns.Delay(topology.RouteQueue("a"), message(id), wait, sent[id]))
	}
	for range waits {
		a := s.next(came)
		require.GreaterOrEqual(t, a.at.Sub(sent[a.ID]), waits[a.ID]-time.Second/2, a.ID)
		require.Equal(t, map[string]any{event.HeaderFormat: int64(event.Format)}, a.Headers)
	}
}

func TestMessagesOfARouteThatIsGoneAreKept(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.move()
	for _, id := range ids("gone", 40) {
		s.returned("gone", id)
	}
	foreign := message("foreign")
	s.publish(amqpx.Publication{Exchange: topology.Routes, Key: topology.Return, Message: foreign})
	s.returned("a", "mine")
	require.Equal(t, "mine", s.next(s.arrivalsOf("a")).ID)
	s.requireDepth(topology.Orphan, 41)
	s.requireDepth(topology.Return, 0)
}

// full fills the queue of a route, and perhaps its deferred one, and sets a limit to them.
func (s *site) full(pattern string, queues ...string) {
	s.t.Helper()
	for _, queue := range queues {
		s.publish(amqpx.Publication{Exchange: topology.Routes, Key: queue, Message: message("fills " + queue)})
	}
	s.vhost.Limit(s.t, pattern, 1)
}

// lateness publishes so many messages of route b, one after the other, and returns how late
// they come.
func (s *site) lateness(n int) (late []time.Duration) {
	s.t.Helper()
	came := s.arrivalsOf("b")
	for _, id := range ids("other", n) {
		due := time.Now().Add(time.Second)
		s.publish(returns.Delay(topology.RouteQueue("b"), message(id), time.Second, time.Now()))
		late = append(late, s.next(came).at.Sub(due).Round(time.Millisecond))
	}
	return late
}

func TestTheMessagesOfAFullRouteAreDeferredAndHoldUpNoOther(t *testing.T) {
	t.Parallel()
	const many = 100
	s := setup(t)
	s.full(`^penstock\.route\.a$`, topology.RouteQueue("a"))
	s.move()
	for _, id := range ids("full", many) {
		s.publish(returns.Delay(topology.RouteQueue("a"), message(id), time.Second, time.Now()))
	}
	t.Log("others are late by", s.lateness(8))
	require.Eventually(t, func() bool { // a quorum queue takes a few more than its limit
		work, deferred := s.vhost.Depth(t, topology.RouteQueue("a")), s.vhost.Depth(t, topology.DeferredQueue("a"))
		return work < many/2 && work+deferred == many+1
	}, waitFor, 100*time.Millisecond)
}

// No queue of a route takes its messages. Others' are on time, and its own leave by themselves
// when the limit is lifted.
func TestTheMessagesOfARouteThatTakesNothingWaitAndHoldUpNoOther(t *testing.T) {
	t.Parallel()
	for route, queues := range map[string][]string{
		"a":       {topology.RouteQueue("a"), topology.DeferredQueue("a")},
		"ordered": {topology.RouteQueue("ordered")},
	} {
		t.Run(route, func(t *testing.T) {
			t.Parallel()
			const many = 100
			s := setup(t)
			s.full(`^penstock\.(route|deferred)\.`+route+`$`, queues...)
			s.move()
			for _, id := range ids("full", many) {
				s.publish(returns.Delay(topology.RouteQueue(route), message(id), time.Second, time.Now()))
			}
			t.Log("others are late by", s.lateness(8))
			require.Eventually(t, func() bool { return s.heldEvents() > many/2 }, waitFor, 50*time.Millisecond, "the ledger knows them")
			s.vhost.Limit(t, "", 0)
			lifted := time.Now()
			own := s.arrivals(queues...)
			for n := range many + len(queues) {
				s.next(own)
				if n == len(queues) {
					t.Log("its own begin to leave after", time.Since(lifted))
				}
			}
			t.Log("all have left after", time.Since(lifted))
		})
	}
}

// A route with many messages that are due at once does not hold up another's: those wait in
// the process behind the sixteen that are in hand.
func TestManyMessagesOfOneRouteHoldUpNoOther(t *testing.T) {
	t.Parallel()
	const many = 4000
	s := setup(t)
	done := make(chan struct{}, many)
	for _, id := range ids("many", many) {
		go func() { s.returned("a", id); done <- struct{}{} }()
	}
	for range many {
		<-done
	}
	s.returned("b", "other")
	s.requireDepth(topology.Return, many+1)
	others := s.arrivalsOf("b")
	began := time.Now()
	s.move()
	took := s.next(others).at.Sub(began)
	moved := s.vhost.Depth(t, topology.RouteQueue("a"))
	s.requireDepth(topology.RouteQueue("a"), many)
	t.Logf("the other's came after %v, behind %d of %d; all came after %v", took, moved, many, time.Since(began))
	require.Less(t, moved, many/2)
	s.requireDepth(topology.Return, 0)
}

func TestAStopLosesNothingAndMovesNothingTwice(t *testing.T) {
	t.Parallel()
	const many = 500
	s := setup(t)
	for _, id := range ids("x", many) {
		s.returned("a", id)
	}
	stop := s.move()
	require.Eventually(t, func() bool { return s.vhost.Depth(t, topology.RouteQueue("a")) > 0 }, waitFor, time.Millisecond)
	stop()
	s.requireDepth(topology.Return, many-s.vhost.Depth(t, topology.RouteQueue("a")))
	s.move()
	came, seen := s.arrivalsOf("a"), map[string]bool{}
	for range many {
		a := s.next(came)
		require.False(t, seen[a.ID], a.ID)
		seen[a.ID] = true
	}
}

func TestALevelThatRefusesIsPassedOver(t *testing.T) {
	t.Parallel()
	s := setup(t)
	level := topology.LevelQueue(4)
	s.publish(amqpx.Publication{Exchange: topology.Delay, Key: level, Message: message("blocks")})
	s.vhost.Limit(t, `^penstock\.level\.00004$`, 1)
	s.move()
	p := returns.Delay(topology.RouteQueue("a"), message("x"), 5*time.Second, time.Now())
	p.Exchange, p.Key = topology.Routes, topology.Return // it has another five seconds to wait
	s.publish(p)
	require.Equal(t, "x", s.next(s.arrivalsOf("a")).ID)
}
