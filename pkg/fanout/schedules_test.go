package fanout_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/metric/noop"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/amqpx/amqptest"
	"github.com/penstock/penstock/pkg/fanout"
	"github.com/penstock/penstock/pkg/routing"
	"github.com/penstock/penstock/pkg/topology"
)

// TestWhatIsAcceptedIsInAllItsPlacesWhateverHappens runs random schedules of publishes,
// refusals, returns, silence, lost connections, crashes and changes of the configuration.
// PENSTOCK_SCHEDULES says how many; a thousand take a quarter of an hour.
func TestWhatIsAcceptedIsInAllItsPlacesWhateverHappens(t *testing.T) { //nolint:tparallel // its schedules share a broker
	t.Parallel()
	schedules, err := strconv.Atoi(os.Getenv("PENSTOCK_SCHEDULES"))
	if err != nil {
		schedules = 8
	}
	s := newSite(t)
	seed := rand.Uint64()
	for n := range schedules { //nolint:paralleltest // one breaks what the other uses
		name := fmt.Sprintf("%d.%d", seed, n)
		t.Run(name, func(t *testing.T) { s.play(t, rand.New(rand.NewPCG(seed, uint64(n)))) })
		if t.Failed() {
			return
		}
	}
}

// site is a broker that is being broken, and a gateway's Fanout before it.
type site struct {
	vhost    *amqptest.Vhost
	proxy    *amqptest.Proxy
	cfg      amqpx.Config
	bindings map[string]amqptest.Object // by queue
	archive  *reading

	*gatewayOf

	held    bool // answers are kept back
	limited bool // queues are
	begun   []*accepting
}

// gatewayOf is what dies in a crash.
type gatewayOf struct {
	fanout    *fanout.Fanout
	publisher *amqpx.Publisher
	routes    []string // of its configuration
}

// accepting is an event that was published, and what it was published under.
type accepting struct {
	id       string
	ordered  bool
	before   []string // the routes of the configuration when it was published
	after    []string // and when it was accepted
	accepted bool
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{vhost: amqptest.New(t), bindings: map[string]amqptest.Object{}}
	s.proxy = amqptest.NewProxy(t, s.vhost.URLs[0])
	s.cfg = amqpx.Config{URLs: []string{s.proxy.URL}, Name: t.Name()}
	s.declare(t)
	for _, o := range s.vhost.Objects(t) {
		if o.Source == topology.Routes {
			s.bindings[o.Queue] = o
		}
	}
	s.archive = newReading(t, amqpx.Config{URLs: s.vhost.URLs}, topology.Archive)
	s.start(t, []string{"a", "b", "ordered"})
	t.Cleanup(func() { s.crash(t) })
	return s
}

func (s *site) start(t *testing.T, routes []string) {
	t.Helper()
	s.gatewayOf = &gatewayOf{publisher: amqpx.NewPublisher(s.cfg, amqpx.PublisherOptions{}, nopLog)}
	var err error
	s.fanout, err = fanout.New(fanout.Options{
		Publisher: s.publisher, Probe: func(ctx context.Context, p amqpx.Publication, goesOn func()) error {
			return amqpx.PublishAlone(ctx, s.cfg, p, goesOn)
		},
		Doubt: func(error) {}, Meter: noop.Meter{}, Log: nopLog,
	})
	require.NoError(t, err)
	s.configure(routes)
}

func (s *site) configure(names []string) {
	patterns := map[string][]string{}
	for _, name := range names {
		patterns[name] = []string{"shop.#"}
		if name == "ordered" {
			patterns[name] = []string{"shop.ordered"}
		}
	}
	s.routes = names
	s.fanout.Configure(fanout.Plan{Archive: true, Ordered: map[string]bool{"ordered": true}, Routes: routing.NewTable(patterns)})
}

// crash ends the gateway without a farewell to what it has on its way.
func (s *site) crash(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_ = s.publisher.Close(ctx)
	require.NoError(t, s.fanout.Close(context.Background()))
}

// publish publishes a few events at once.
func (s *site) publish(t *testing.T, random *rand.Rand) {
	t.Helper()
	var all sync.WaitGroup
	for range 1 + random.IntN(12) {
		e, typ := &accepting{before: s.routes}, "order"
		if random.IntN(4) == 0 {
			e.ordered, typ = true, "ordered"
		}
		s.begun = append(s.begun, e)
		all.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
			defer cancel()
			v := newEvent(typ)
			e.id = v.Message.ID
			e.accepted = s.fanout.Publish(ctx, v) == nil
			e.after = s.routes
		})
	}
	all.Wait()
}

// play runs one schedule, has everything as it was again, and looks for what was accepted.
func (s *site) play(t *testing.T, random *rand.Rand) {
	t.Helper()
	s.begun = nil
	for range 4 + random.IntN(8) {
		s.strike(t, random)
		s.publish(t, random)
	}
	s.mend(t)
	require.Eventually(t, func() bool {
		s.publish(t, random)
		return s.begun[len(s.begun)-1].accepted && len(s.fanout.Shut()) == 0
	}, 2*waitFor, 50*time.Millisecond, "it does not recover: %v", s.fanout.Shut())
	s.requireAll(t)
}

func (s *site) strike(t *testing.T, random *rand.Rand) {
	t.Helper()
	queues := []string{
		topology.RouteQueue("a"), topology.RouteQueue("b"), topology.RouteQueue("ordered"),
		topology.DeferredQueue("a"), topology.DeferredQueue("b"), topology.Archive, topology.DeferredArchive,
	}
	switch random.IntN(9) {
	case 0:
		s.limit(t, `^penstock\.route\.a$`)
	case 1:
		s.limit(t, `^penstock\.(route|deferred)\.a$`)
	case 2:
		s.limit(t, "")
	case 3:
		s.vhost.Remove(t, s.bindings[queues[random.IntN(len(queues))]])
	case 4:
		s.declare(t)
	case 5:
		s.proxy.Cut()
	case 6:
		s.hold(!s.held)
	case 7:
		was := s.routes
		s.crash(t)
		s.start(t, was)
	default:
		s.configure([][]string{{"a", "b", "ordered"}, {"a", "ordered"}, {"b"}}[random.IntN(3)])
	}
}

// limit lets the queues that match hold one event; those that match nothing, any number.
func (s *site) limit(t *testing.T, pattern string) {
	t.Helper()
	switch {
	case pattern != "":
		s.vhost.Limit(t, pattern, 1)
	case s.limited:
		s.vhost.Limit(t, "", 0)
	}
	s.limited = pattern != ""
}

func (s *site) hold(on bool) {
	if s.held == on {
		return
	}
	if s.held = on; on {
		s.proxy.HoldAnswers()
	} else {
		s.proxy.ReleaseAnswers()
	}
}

// declare binds each queue again.
func (s *site) declare(t *testing.T) {
	t.Helper()
	direct := amqpx.Config{URLs: s.vhost.URLs, Name: t.Name()}
	require.NoError(t, amqpx.Declare(t.Context(), direct, (topology.Plan{Archive: true, Routes: routes()}).Topology()))
}

func (s *site) mend(t *testing.T) {
	t.Helper()
	s.hold(false)
	s.declare(t)
	s.limit(t, "")
	s.configure([]string{"a", "b", "ordered"})
}

// requireAll requires that each accepted event is where it has to be, and nowhere more than
// twice.
func (s *site) requireAll(t *testing.T) {
	t.Helper()
	in := map[string]map[string]int{}
	for _, queue := range []string{
		topology.RouteQueue("a"), topology.RouteQueue("b"), topology.RouteQueue("ordered"),
		topology.DeferredQueue("a"), topology.DeferredQueue("b"), topology.DeferredArchive, topology.Unrouted,
	} {
		in[queue] = s.drain(t, queue)
	}
	last := s.begun[len(s.begun)-1].id
	require.Eventually(t, func() bool { return s.archive.of(last)+in[topology.DeferredArchive][last] > 0 }, waitFor, 10*time.Millisecond)
	for _, e := range s.begun {
		if !e.accepted {
			continue
		}
		require.Positive(t, s.archive.of(e.id)+in[topology.DeferredArchive][e.id], "%s is not archived", e.id)
		for _, route := range e.before {
			if route == "ordered" && !e.ordered {
				continue
			}
			copies := in[topology.RouteQueue(route)][e.id] + in[topology.DeferredQueue(route)][e.id]
			if !slices.Contains(e.after, route) {
				copies += in[topology.Unrouted][e.id]
			}
			require.Positive(t, copies, "route %s does not have %s", route, e.id)
			require.LessOrEqual(t, copies, 2, "route %s has %s too often", route, e.id)
		}
	}
}

// drain takes everything out of a queue, and counts it by event.
func (s *site) drain(t *testing.T, queue string) map[string]int {
	t.Helper()
	seen := map[string]int{}
	for s.vhost.Depth(t, queue) > 0 { // what a consumer was given and has not seen goes back
		r := newReading(t, amqpx.Config{URLs: s.vhost.URLs}, queue)
		require.Eventually(t, func() bool { return s.vhost.Depth(t, queue) == 0 }, waitFor, 20*time.Millisecond)
		r.end(t)
		for id, n := range r.seen {
			seen[id] += n
		}
	}
	return seen
}

// reading consumes a queue and counts what it holds, by event.
type reading struct {
	consumer *amqpx.Consumer
	stop     context.CancelFunc
	running  sync.WaitGroup

	mu   sync.Mutex
	seen map[string]int
}

func newReading(t *testing.T, cfg amqpx.Config, queue string) *reading {
	t.Helper()
	r := &reading{consumer: amqpx.NewConsumer(cfg, nopLog), seen: map[string]int{}}
	ctx, cancel := context.WithCancel(context.Background())
	r.stop = cancel
	sub := amqpx.Subscription{Queue: queue, Handle: func(_ context.Context, d *amqpx.Delivery) {
		r.mu.Lock()
		r.seen[d.Message.ID]++
		r.mu.Unlock()
		_ = d.Ack()
	}}
	if queue == topology.Archive {
		sub.Ordered, sub.Args = true, map[string]any{"x-stream-offset": "first"}
	}
	r.running.Go(func() { _ = r.consumer.Subscribe(sub).Run(ctx) })
	t.Cleanup(func() { r.end(t) })
	return r
}

func (r *reading) of(id string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.seen[id]
}

func (r *reading) end(t *testing.T) {
	t.Helper()
	r.stop()
	r.running.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), waitFor)
	defer cancel()
	_ = r.consumer.Close(ctx)
}
