//go:build prove

package e2e

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/penstock/penstock/pkg/amqpx/amqptest"
)

// deadQueue holds the dead letters of the only route.
const deadQueue = "penstock.dead.everything"

// objectFaults take away what was declared, one kind of object after another.
var objectFaults = []fault{
	{name: "every exchange deleted", sender: "503, until a gateway has declared them again.", heals: healedWithin, strike: deleteExchanges},
	{name: "every binding deleted", sender: "Nothing, or 503, until they are declared again.", heals: healedWithin, strike: deleteBindings},
	{name: "every queue and stream deleted, and made again at once", sender: "Nothing. Deliveries wait until the queue is consumed again.", heals: healedWithin, strike: remakeQueues},
	{name: "a policy gives the queue a TTL of 1 s", sender: "Nothing. What expires is a dead letter, and an operator replays it.", heals: healedWithin, strike: expireEvents},
}

func deleteExchanges(s *site, _ *traffic) time.Time {
	s.vhost.Remove(s.t, s.objects(func(o amqptest.Object) bool { return o.Exchange != "" && !o.IsBinding() })...)
	over := time.Now()
	rest(10 * time.Second)
	return over
}

// deleteBindings holds the load until they are there again: until then an event reaches what
// is still bound, and that is its deleter's loss.
func deleteBindings(s *site, t *traffic) time.Time {
	all := s.objects(func(amqptest.Object) bool { return true })
	defer t.hold()()
	s.vhost.Remove(s.t, s.objects(amqptest.Object.IsBinding)...)
	s.awaitWhole(all)
	return time.Now()
}

// remakeQueues does so with empty queues, and holds the load until they are bound again:
// likewise.
func remakeQueues(s *site, t *traffic) time.Time {
	all := s.objects(func(amqptest.Object) bool { return true })
	defer t.hold()()
	s.receiver.awaitAll(t.ids())
	require.Eventually(s.t, func() bool { return s.vhost.Depth(s.t, workQueue) == 0 }, 30*time.Second, 100*time.Millisecond, "the queue does not drain")
	s.vhost.Remake(s.t, s.objects(func(o amqptest.Object) bool { return o.Queue != "" && !o.IsBinding() })...)
	s.awaitWhole(all)
	return time.Now()
}

// expireEvents lets events wait for longer than a policy of an operator's allows.
func expireEvents(s *site, t *traffic) time.Time {
	// What is in the queue before the policy never expires, and nothing behind it does.
	s.cluster.ctl("set_policy", "-p", s.vhost.Name, "--apply-to", "queues", "ttl", `^penstock\.route\.`, `{"message-ttl":1000}`)
	s.receiver.awaitAll(t.ids())
	for _, d := range s.deliverers {
		d.stop()
	}
	require.Eventually(s.t, func() bool { return s.vhost.Depth(s.t, deadQueue) > 100 }, 60*time.Second, 100*time.Millisecond, "nothing expires")
	s.cluster.ctl("clear_policy", "-p", s.vhost.Name, "ttl")
	for i := range instances {
		s.startDeliverer(i)
	}
	over := time.Now()
	s.replayDead()
	return over
}

func (s *site) objects(chosen func(amqptest.Object) bool) (some []amqptest.Object) {
	for _, o := range s.vhost.Objects(s.t) {
		if chosen(o) {
			some = append(some, o)
		}
	}
	return some
}

func (s *site) awaitWhole(all []amqptest.Object) {
	s.t.Helper()
	require.Eventually(s.t, func() bool { return len(s.vhost.Missing(all)) == 0 }, healedWithin, 500*time.Millisecond, "something stays away")
}
