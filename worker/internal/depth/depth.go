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
	routes map[string]amqpx.QueueState
	strays map[string]int // by a short name of the queue
}

// New makes a watch. It fails when its metrics cannot be made.
func New(o Options) (*Watch, error) {
	o.Every = cmp.Or(o.Every, DefaultEvery)
	w := &Watch{Options: o}
	maker := instrument.From(o.Meter)
	w.show(maker, "penstock.route.ready.events", func(s amqpx.QueueState) int { return s.Ready })
	w.show(maker, "penstock.route.consumers", func(s amqpx.QueueState) int { return s.Consumers })
	maker.Observe("penstock.stray.events", func(_ context.Context, observe instrument.Observation) {
		if s := w.seen.Load(); s != nil {
			for queue, n := range s.strays {
				observe(float64(n), attribute.String("queue", queue))
			}
		}
	})
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
	s := &seen{routes: map[string]amqpx.QueueState{}, strays: map[string]int{}}
	for route, partitions := range w.Routes() {
		if state, err := w.route(ctx, route, partitions); err == nil {
			s.routes[route] = state
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

// route sums up what is ready in a route's queue and in those of its partitions. The
// consumers are those of its queue: they are needed in any case.
func (w *Watch) route(ctx context.Context, route string, partitions int) (amqpx.QueueState, error) {
	sum, err := w.queue(ctx, topology.RouteQueue(route))
	for n := 0; n < partitions && err == nil; n++ {
		var one amqpx.QueueState
		one, err = w.queue(ctx, topology.PartitionQueue(route, n))
		sum.Ready += one.Ready
	}
	return sum, err
}

// queue asks for one queue. One that is gone holds nothing and has no consumers.
func (w *Watch) queue(ctx context.Context, name string) (amqpx.QueueState, error) {
	state, err := w.Broker.Inspect(ctx, name)
	if errors.Is(err, amqpx.ErrNoQueue) {
		return amqpx.QueueState{}, nil
	}
	return state, err
}
