package depth

import (
	"cmp"
	"context"
	"errors"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/instrument"
	"github.com/penstock/penstock/pkg/topology"
)

// DefaultEvery is how often the queues are looked at when nothing else is set.
const DefaultEvery = 5 * time.Second

// Broker answers questions about queues. *amqpx.Consumer is one.
type Broker interface {
	Inspect(ctx context.Context, queue string) (amqpx.QueueState, error)
}

// Options are what a Watch works with. All but Every must be set.
type Options struct {
	Broker Broker
	Routes func() map[string]int // of the configuration: each with its number of partitions, 0 without ordering
	Every  time.Duration         // how often to look; 0: DefaultEvery
	Meter  metric.Meter
	Log    *zap.Logger
}

// Watch measures queues. One runs at a time: that of the active tracker.
type Watch struct {
	Options

	seen atomic.Pointer[seen] // nil: nothing is known
}

// seen is one look.
type seen struct {
	routes   map[string]amqpx.QueueState
	deferred map[string]int // by route: events of it that its own queue did not take
	strays   map[string]int // by a short name of the queue
}

// New makes a watch. It fails when its metrics cannot be made.
func New(o Options) (*Watch, error) {
	o.Every = cmp.Or(o.Every, DefaultEvery)
	w := &Watch{Options: o}
	maker := instrument.From(o.Meter)
	w.show(maker, "penstock.route.ready.events", func(s amqpx.QueueState) int { return s.Ready })
	w.show(maker, "penstock.route.consumers", func(s amqpx.QueueState) int { return s.Consumers })
	w.count(maker, "penstock.route.deferred.events", "route", func(s *seen) map[string]int { return s.deferred })
	w.count(maker, "penstock.stray.events", "queue", func(s *seen) map[string]int { return s.strays })
	return w, maker.Err()
}

func (w *Watch) show(m *instrument.Maker, name string, value func(amqpx.QueueState) int) {
	m.Observe(name, func(_ context.Context, observe instrument.Observation) {
		if s := w.seen.Load(); s != nil {
			for route, state := range s.routes {
				observe(float64(value(state)), attribute.String("route", route))
			}
		}
	})
}

// count shows numbers by a label.
func (w *Watch) count(m *instrument.Maker, name, label string, numbers func(*seen) map[string]int) {
	m.Observe(name, func(_ context.Context, observe instrument.Observation) {
		if s := w.seen.Load(); s != nil {
			for of, n := range numbers(s) {
				observe(float64(n), attribute.String(label, of))
			}
		}
	})
}

// Run looks until ctx is done.
func (w *Watch) Run(ctx context.Context) {
	defer w.seen.Store(nil)
	ticks := time.NewTicker(w.Every)
	defer ticks.Stop()
	for {
		w.seen.Store(w.look(ctx))
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
	}
}

// look asks for every queue. It leaves out the routes that it gets no answer for.
func (w *Watch) look(ctx context.Context) *seen {
	ctx, cancel := context.WithTimeout(ctx, max(2*w.Every, 10*time.Second))
	defer cancel()
	s := &seen{routes: map[string]amqpx.QueueState{}, deferred: map[string]int{}, strays: map[string]int{}}
	for route, partitions := range w.Routes() {
		if state, deferred, err := w.route(ctx, route, partitions); err == nil {
			s.routes[route], s.deferred[route] = state, deferred
		} else {
			w.Log.Debug("the broker does not say what waits on a route", zap.String("route", route), zap.Error(err))
		}
	}
	for name, queue := range map[string]string{"orphan": topology.Orphan, "unrouted": topology.Unrouted} {
		if state, err := w.queue(ctx, queue); err == nil {
			s.strays[name] = state.Ready
		}
	}
	return s
}

// route sums up what is ready in a route's queue, in its deferred queue and in those of its
// partitions. The consumers are those of its queue: they are needed in any case.
func (w *Watch) route(ctx context.Context, route string, partitions int) (sum amqpx.QueueState, deferred int, err error) {
	sum, err = w.queue(ctx, topology.RouteQueue(route))
	if err == nil && partitions == 0 {
		var one amqpx.QueueState
		one, err = w.queue(ctx, topology.DeferredQueue(route))
		deferred = one.Ready
		sum.Ready += deferred
	}
	for n := 0; n < partitions && err == nil; n++ {
		var one amqpx.QueueState
		one, err = w.queue(ctx, topology.PartitionQueue(route, n))
		sum.Ready += one.Ready
	}
	return sum, deferred, err
}

// queue asks for one queue. One that is gone holds nothing and has no consumers.
func (w *Watch) queue(ctx context.Context, name string) (amqpx.QueueState, error) {
	state, err := w.Broker.Inspect(ctx, name)
	if errors.Is(err, amqpx.ErrNoQueue) {
		return amqpx.QueueState{}, nil
	}
	return state, err
}
