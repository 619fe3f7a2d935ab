package consume

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	tracenoop "go.opentelemetry.io/otel/trace/noop"
	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/topology"
)

// Route is the pipeline of one route. Use Run unless several routes of a process
// are to share their connections.
type Route struct {
	options   Options
	publisher Publisher
	metrics   *metrics

	connections []connections

	pace     pace
	turns    chan struct{}   // one for each call of the handler
	stopping <-chan struct{} // closed when Run has to end
	held     *held
	tried    *tried
	thinned  *thinned // refusals of dead letters
	memory   *Memory
	sizes    *sizes
	wanted   *atomic.Int64 // the size of an event that found no room; 0: there was none
	poke     chan struct{} // gets a value when the minder has to look
	queue    string
	traced   bool // spans are made
}

// New makes the pipeline that o describes. What it has to publish goes through p.
// It fails when o is not valid.
func New(o Options, p Publisher) (*Route, error) {
	if err := o.Validate(); err != nil {
		return nil, fmt.Errorf("consume route %q: %w", o.Route, err)
	}
	o = o.withDefaults()
	o.Log = o.Log.With(zap.String("route", o.Route))
	m, err := newMetrics(o.Route, o.Meter)
	if err != nil {
		return nil, fmt.Errorf("consume route %q: %w", o.Route, err)
	}
	r := &Route{
		options: o, publisher: p, metrics: m, pace: defaultPace(), turns: make(chan struct{}, o.Concurrency),
		memory: o.Memory, sizes: new(sizes), wanted: new(atomic.Int64), poke: make(chan struct{}, 1),
		held: newHeld(o.Partitions > 0), tried: newTried(), thinned: new(thinned), queue: topology.RouteQueue(o.Route),
	}
	if c, ok := p.(connections); ok {
		r.connections = append(r.connections, c)
	}
	if _, off := o.Tracer.(tracenoop.Tracer); !off {
		r.traced, r.publisher = true, tracedPublisher{p, o.Tracer}
	}
	return r, nil
}

// Run consumes the route's queues through c until ctx is done. Then it takes no
// more events, lets the running calls finish for up to the drain timeout, settles
// them, and returns. Losing the connection or the queue does not end it.
func (r *Route) Run(ctx context.Context, c *amqpx.Consumer) error {
	r.metrics.start(ctx)
	r.connections = append(r.connections, c)
	if r.options.Partitions > 0 {
		return r.runOrdered(ctx, c)
	}
	return r.run(ctx, r.inlets(c))
}

func (r *Route) take(ctx context.Context, d *amqpx.Delivery) {
	r.admit(ctx, newJob(d))
}

// admit takes a job through all stages, if there is room for it.
func (r *Route) admit(ctx context.Context, j job) {
	give, held := r.hold(j)
	if !held {
		r.overflow(ctx, j)
		return
	}
	defer give()
	if r.suspects(j) {
		r.try(ctx, j)
		return
	}
	r.process(ctx, j)
}

// subscriber is a subscription that can rest.
type subscriber interface {
	Run(ctx context.Context) error
	Pause()
	Resume()
	Hold(on bool)
	Resize(window int)
}

func (r *Route) run(ctx context.Context, s subscriber) error {
	r.stopping = ctx.Done()
	minding, stop := context.WithCancel(ctx)
	var minder sync.WaitGroup
	window := r.window(r.options.prefetch())
	s.Resize(window)
	minder.Go(func() { r.mind(minding, s, window) })
	minder.Go(func() { r.held.tell(minding, r.options.Recorder) })
	err := s.Run(ctx)
	stop()
	minder.Wait()
	if err != nil {
		return fmt.Errorf("consume route %s: %w", r.options.Route, err)
	}
	return nil
}
