//go:build prove

package e2e

import (
	"net/http"
	"regexp"
	"slices"
	"syscall"
	"time"

	"github.com/stretchr/testify/require"
)

// fault is one thing that goes wrong.
type fault struct {
	name    string
	short   bool   // part of the short form
	control bool   // part of the control: without confirms it loses something
	sender  string // what the sender sees of it

	heals time.Duration // until its last trace is gone, at most; zero: half a minute

	// prepare, which may be nil, is done before the load begins.
	prepare func(*site)

	// strike makes it go wrong under load and mends it again. It returns when the
	// fault was over: the moment from which on the rest has to heal by itself.
	strike func(*site, *traffic) (over time.Time)
}

// faults come in this order, on one installation.
var faults = slices.Concat(brokerFaults, limitFaults, objectFaults, edgeFaults)

// brokerFaults strike at the broker, the network and the processes.
var brokerFaults = []fault{
	{name: "kill -9 of the queue's leader", short: true, control: true, sender: "Most requests wait a moment for the new leader; some get 503, for up to ten seconds.", strike: killLeader},
	{name: "leader frozen for 15 s (SIGSTOP)", control: true, sender: "Requests wait, then get 503 at the confirm deadline, until the node is back or the cluster gives it up.", strike: freezeLeader},
	{name: "all nodes stopped for 20 s", control: true, sender: "503 with Retry-After at once, for as long as it lasts.", strike: stopAll},
	{name: "memory alarm for 10 s", sender: "503 at once; only the first requests wait for the confirm deadline.", strike: memoryAlarm},
	{name: "disk alarm for 10 s", sender: "As the memory alarm.", strike: diskAlarm},
	{name: "every connection closed by force, three times", sender: "503 for some requests, until the gateways are connected again.", strike: closeConnections},
	{name: "network to one node cut for 15 s", control: true, sender: "Requests over that node wait, then get 503 at the confirm deadline; the rest go on.", strike: cutNetwork},
	{name: "confirms 3.5 s late for 15 s", sender: "Requests wait for 3.5 s, and are accepted.", strike: slowConfirms},
	{name: "kill -9 of a gateway", short: true, sender: "The requests in it get no answer; the load balancer sends the next ones to the other.", strike: killGateway},
	{name: "kill -9 of a deliverer", sender: "Nothing. What it had in hand is delivered again.", strike: killDeliverer},
	{name: "rolling restart of all (SIGTERM)", sender: "Nothing.", strike: restartAll},
	{name: "queue deleted under the consumer", sender: "Nothing. The deliverer declares the queue again.", strike: deleteQueue},
	{name: "status stream deleted", sender: "Nothing. Deliveries wait until it is declared again.", strike: deleteStatus},
	{name: "full queue (reject-publish)", short: true, control: true, sender: "Nothing. The route's events wait in its deferred queue.", strike: fillQueue},
	{name: "full queue and full deferred queue", sender: "503 with Retry-After, until there is room.", strike: fillBoth},
}

func killLeader(s *site, _ *traffic) time.Time {
	leader := s.leader()
	s.cluster.run("kill", s.cluster.names[leader])
	over := time.Now() // the others go on without it
	rest(5 * time.Second)
	s.cluster.run("up", s.cluster.names[leader])
	return over
}

func freezeLeader(s *site, _ *traffic) time.Time {
	leader := s.leader()
	s.cluster.signal(leader, syscall.SIGSTOP)
	rest(15 * time.Second)
	s.cluster.signal(leader, syscall.SIGCONT)
	return time.Now()
}

func stopAll(s *site, _ *traffic) time.Time {
	s.cluster.each("down")
	rest(20 * time.Second)
	s.cluster.each("up")
	return time.Now()
}

func memoryAlarm(s *site, _ *traffic) time.Time {
	s.cluster.ctl("set_vm_memory_high_watermark", "0.00001")
	rest(10 * time.Second)
	s.cluster.ctl("set_vm_memory_high_watermark", "0.4")
	return time.Now()
}

func diskAlarm(s *site, _ *traffic) time.Time {
	s.cluster.ctl("set_disk_free_limit", "900000GB")
	rest(10 * time.Second)
	s.cluster.ctl("set_disk_free_limit", "50MB")
	return time.Now()
}

// closeConnections waits between two times: the interface sees new connections late.
func closeConnections(s *site, _ *traffic) time.Time {
	closed := 0
	for i := range 3 {
		if i > 0 {
			rest(6 * time.Second)
		}
		closed += s.vhost.CloseConnections(s.t)
	}
	require.Greater(s.t, closed, 3, "the management interface showed no connections")
	return time.Now()
}

func cutNetwork(s *site, _ *traffic) time.Time {
	line := s.lines[s.leader()]
	line.Sever()
	rest(15 * time.Second)
	line.Heal()
	return time.Now()
}

// slowConfirms cuts the connections before and after: on those that there are, confirms
// take as long as they did.
func slowConfirms(s *site, _ *traffic) time.Time {
	for _, line := range s.lines {
		line.DelayConfirms(3500 * time.Millisecond)
		line.Cut()
	}
	rest(15 * time.Second)
	for _, line := range s.lines {
		line.DelayConfirms(0)
		line.Cut()
	}
	return time.Now()
}

func killGateway(s *site, _ *traffic) time.Time {
	s.gateways[0].process.Load().kill()
	over := time.Now()
	rest(5 * time.Second)
	s.startGateway(0)
	return over
}

func killDeliverer(s *site, _ *traffic) time.Time {
	s.deliverers[0].kill()
	over := time.Now()
	rest(5 * time.Second)
	s.startDeliverer(0)
	return over
}

func restartAll(s *site, _ *traffic) time.Time {
	for i := range instances {
		s.gateways[i].process.Load().stop()
		s.startGateway(i)
		s.deliverers[i].stop()
		s.startDeliverer(i)
	}
	return time.Now()
}

// deleteStatus deletes what deliverers publish to and never consume.
func deleteStatus(s *site, _ *traffic) time.Time {
	s.vhost.DeleteQueue(s.t, "penstock.status")
	over := time.Now()
	rest(10 * time.Second)
	return over
}

// shutQueue is how a gateway shows that the route's queue is shut.
var shutQueue = regexp.MustCompile(`penstock_queue_shut\{[^}]*queue="penstock\.route\.`)

// fillQueue takes the deliverers away, so that the queue fills up to a limit.
func fillQueue(s *site, _ *traffic) time.Time {
	return s.fill(`^penstock\.route\.`, func() bool {
		return slices.ContainsFunc(s.gateways, func(g *entrance) bool {
			_, page := g.process.Load().get("/metrics")
			return shutQueue.MatchString(page)
		})
	})
}

// fillBoth lets the queue that the events go to instead fill up, too.
func fillBoth(s *site, load *traffic) time.Time {
	before := load.count(refused)
	return s.fill(`^penstock\.(route|deferred)\.`, func() bool { return load.count(refused) > before })
}

// fill limits queues that are not consumed until they are full.
func (s *site) fill(queues string, full func() bool) time.Time {
	for _, d := range s.deliverers {
		d.stop()
	}
	s.cluster.ctl("set_policy", "-p", s.vhost.Name, "--apply-to", "queues", "full", queues, `{"max-length":100}`)
	s.awaitFull(full)
	rest(3 * time.Second)
	for i := range instances {
		s.startDeliverer(i)
	}
	over := time.Now()
	s.cluster.ctl("clear_policy", "-p", s.vhost.Name, "full")
	return over
}

// awaitFull waits until the sender or the gateways see that the queues are full, not until
// RabbitMQ reports their length: 3.10 can report a wrong one after the leader has moved. The
// control sees nothing, and has some seconds, each of which is enough.
func (s *site) awaitFull(full func() bool) {
	s.t.Helper()
	if s.build == unconfirmed {
		rest(5 * time.Second)
		return
	}
	require.Eventually(s.t, full, 60*time.Second, 100*time.Millisecond, "the queue does not fill up")
}

// deleteQueue deletes the empty queue, and holds the load until it is consumed again:
// the loss of what is in a deleted queue, or sent before it is back, is its deleter's.
func deleteQueue(s *site, t *traffic) time.Time {
	defer t.hold()()
	s.receiver.awaitAll(t.ids())
	require.Eventually(s.t, func() bool { return s.vhost.Depth(s.t, workQueue) == 0 }, 30*time.Second, 100*time.Millisecond, "the queue does not drain")
	s.vhost.DeleteQueue(s.t, workQueue)
	over := time.Now()
	noticed := func() bool {
		return slices.ContainsFunc(s.deliverers[:], func(d *process) bool { return d.status("/readyz") != http.StatusOK })
	}
	require.Eventually(s.t, noticed, 30*time.Second, time.Millisecond, "no deliverer notices")
	for _, d := range s.deliverers {
		d.awaitReady()
	}
	return over
}
