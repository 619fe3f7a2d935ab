package fanout

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/metric"
	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/topology"
)

// patience is how long a queue may leave a copy without an answer while the broker answers
// others, and how often that is looked at after it.
const (
	patience = time.Second
	lookEach = 100 * time.Millisecond
	// slowly is how long the archive waits for the routes.
	slowly = patience / 2
)

// Publisher is what copies are published through. *amqpx.Publisher is one.
type Publisher interface {
	NewGroup() *amqpx.Group
	// AnsweredWithin reports whether the broker has answered a publish so recent.
	AnsweredWithin(d time.Duration) bool
	// Took is how long the broker took for its newest answer.
	Took() time.Duration
	// Renew replaces the connections that still believe that a queue refuses.
	Renew()
}

// Options are what a Fanout works with. Nothing may be nil.
type Options struct {
	Publisher Publisher
	// Probe publishes over a connection of its own, and says when the channel goes on after that.
	Probe func(ctx context.Context, p amqpx.Publication, goesOn func()) error
	Doubt func(error) // is called with each answer that something is gone
	Meter metric.Meter
	Log   *zap.Logger
}

// Fanout publishes events to all their places. It is safe for concurrent use.
type Fanout struct {
	options Options
	plan    atomic.Pointer[Plan]
	metrics *metrics
	queues  sync.Map     // of *health, by queue
	probed  atomic.Int64 // when the last probe got through, in nanoseconds since 1970
	took    atomic.Int64 // how long that one took
	pulse   pulse
	probing sync.WaitGroup
}

// New makes a Fanout without routes.
func New(o Options) (*Fanout, error) {
	f := &Fanout{options: o}
	f.plan.Store(&Plan{Routes: anyRoute{}})
	m, err := newMetrics(o.Meter, f.Shut)
	if err != nil {
		return nil, fmt.Errorf("make the metrics of publishing: %w", err)
	}
	f.metrics = m
	return f, nil
}

// Configure sets where events go from now on.
func (f *Fanout) Configure(p Plan) { f.plan.Store(&p) }

// Publish publishes the event to every place that it goes to. It returns nil when all
// copies are safe, and otherwise an *Incomplete, for one of the errors of package amqpx. It
// returns when ctx ends at the latest.
func (f *Fanout) Publish(ctx context.Context, e Event) error {
	steps, routes := f.plan.Load().targets(&e)
	return newDispatch(f, &e, routes).run(ctx, steps...)
}

// Forward publishes a message to one queue: through the exchange, with its name as the key.
// While the queue does not take it, it goes to the deferred queue, whose name may be empty:
// there is none then. The error is an *Incomplete, for one of the errors of package amqpx.
func (f *Fanout) Forward(ctx context.Context, exchange, queue, deferred string, m *event.Message) error {
	to := target{queue: queue, deferred: deferred, exchange: exchange, key: queue}
	return newDispatch(f, &Event{Message: m}, nil).run(ctx, []target{to})
}

// Shut returns why queues are shut, by their names. Those of a route that was removed are
// not among them.
func (f *Fanout) Shut() map[string]error {
	shut, plan := map[string]error{}, f.plan.Load()
	f.queues.Range(func(key, h any) bool {
		queue, now := key.(string), h.(*health).now.Load() //nolint:forcetypeassert,errcheck // nothing else is stored
		route, ofRoute := topology.RouteOf(queue)
		if now.cause != nil && !now.untried() && (!ofRoute || plan.Routes.Has(route)) {
			shut[queue] = now.cause
		}
		return true
	})
	return shut
}

// Cause returns why a queue is shut; nil when it is not, or was not tried yet.
func (f *Fanout) Cause(queue string) error {
	now := f.health(queue).now.Load()
	if now.untried() {
		return nil
	}
	return now.cause
}

// Close waits until the probes have ended, which takes moments.
func (f *Fanout) Close(context.Context) error {
	f.probing.Wait()
	return nil
}

// patience is how long a queue may leave a copy without an answer while the broker answers
// others. A broker that is slow as a whole takes as long for those.
func (f *Fanout) patience() time.Duration {
	return patience + 2*max(f.options.Publisher.Took(), time.Duration(f.took.Load()))
}

func (f *Fanout) health(queue string) *health {
	h, ok := f.queues.Load(queue)
	if !ok {
		h, _ = f.queues.LoadOrStore(queue, newHealth(queue))
	}
	return h.(*health) //nolint:forcetypeassert,errcheck // nothing else is stored
}

// shut notes that a queue does not take events.
func (f *Fanout) shut(h *health, cause error) {
	if h.shut(cause) {
		f.options.Log.Warn("a queue does not take events: they are deferred", zap.String("queue", h.queue), zap.Error(cause))
	}
}
