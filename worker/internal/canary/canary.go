package canary

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/event"
	"github.com/penstock/penstock/pkg/instrument"
	"github.com/penstock/penstock/pkg/returns"
	"github.com/penstock/penstock/pkg/topology"
)

// DefaultEvery is how often a canary is sent when nothing else is set.
const DefaultEvery = 10 * time.Second

// perLevel is how many canaries are in a long level at a time.
const perLevel = 32

// Broker answers questions about queues. *amqpx.Consumer is one.
type Broker interface {
	Inspect(ctx context.Context, queue string) (amqpx.QueueState, error)
}

// Publisher publishes the canaries. *amqpx.Publisher is one.
type Publisher interface {
	Publish(ctx context.Context, p amqpx.Publication) error
}

// Options are what a Watch works with. All but Every must be set.
type Options struct {
	Broker    Broker
	Publisher Publisher
	Consumer  *amqpx.Consumer
	Every     time.Duration // how often to send; 0: DefaultEvery
	Meter     metric.Meter
	Log       *zap.Logger
}

// Watch sends canaries and waits for them. One runs at a time: that of the active tracker.
type Watch struct {
	Options

	mu     sync.Mutex
	levels map[int]*flock // of the levels in use, by their seconds
}

// New makes a watch. It fails when its metric cannot be made.
func New(o Options) (*Watch, error) {
	o.Every = cmp.Or(o.Every, DefaultEvery)
	w := &Watch{Options: o, levels: map[int]*flock{}}
	maker := instrument.From(o.Meter)
	maker.Observe("penstock.delay.lateness", func(_ context.Context, observe instrument.Observation) {
		for queue, late := range w.lateness(time.Now()) {
			observe(late.Seconds(), attribute.String("queue", queue))
		}
	})
	return w, maker.Err()
}

// Run sends and waits until ctx is done.
func (w *Watch) Run(ctx context.Context) {
	var receiving sync.WaitGroup
	receiving.Go(func() { w.receive(ctx) })
	defer receiving.Wait()
	defer w.forget()
	ticks := time.NewTicker(w.Every)
	defer ticks.Stop()
	for {
		for _, seconds := range topology.Levels() {
			w.look(ctx, seconds)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
	}
}

// look sends a canary through a level, if that is in use and it is time.
func (w *Watch) look(ctx context.Context, seconds int) {
	ctx, cancel := context.WithTimeout(ctx, w.Every)
	defer cancel()
	state, err := w.Broker.Inspect(ctx, topology.LevelQueue(seconds))
	if err != nil {
		return // the broker is away, or the level: it is declared again
	}
	now := time.Now()
	due := now.Add(time.Duration(seconds) * time.Second)
	id, wanted := w.begin(seconds, state.Ready, now, due)
	if !wanted {
		return
	}
	m := &event.Message{ID: id, Type: topology.Canary, AppID: event.AppID, Timestamp: now}
	p := returns.Delay(topology.Canary, m, time.Duration(seconds)*time.Second, now)
	if err := w.Publisher.Publish(ctx, p); err != nil {
		w.Log.Warn("a delay level takes no message", zap.String("queue", topology.LevelQueue(seconds)), zap.Error(err))
		w.fail(seconds, id, now)
	}
}

// begin notes a canary that is to be sent. A level is in use when it holds something other
// than canaries of this watch.
func (w *Watch) begin(seconds, ready int, now, due time.Time) (id string, wanted bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f := w.levels[seconds]
	if f == nil && ready == 0 {
		return "", false
	}
	if f == nil {
		f = newFlock()
		w.levels[seconds] = f
	}
	if ready <= len(f.due) {
		if len(f.due) == 0 {
			delete(w.levels, seconds)
		}
		return "", false
	}
	if now.Sub(f.sent) < max(w.Every, time.Duration(seconds)*time.Second/perLevel)*9/10 {
		return "", false
	}
	id = event.NewID()
	f.sent, f.due[id] = now, due
	return id, true
}

// fail notes that a level took no canary.
func (w *Watch) fail(seconds int, id string, now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if f := w.levels[seconds]; f != nil {
		f.fail(id, now)
	}
}

// receive notes the canaries that come.
func (w *Watch) receive(ctx context.Context) {
	err := w.Consumer.Subscribe(amqpx.Subscription{
		Queue: topology.Canary, Ordered: true, Prefetch: 100, Drain: time.Second,
		Handle: func(_ context.Context, d *amqpx.Delivery) {
			w.arrive(d.Message.ID, time.Now())
			_ = d.Ack() // it comes again otherwise, and is not known any more
		},
	}).Run(ctx)
	if err != nil {
		w.Log.Warn("stopped to wait for canaries", zap.Error(fmt.Errorf("consume %s: %w", topology.Canary, err)))
	}
}

// arrive notes that a canary came. It may be that of another tracker.
func (w *Watch) arrive(id string, now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, f := range w.levels {
		if f.arrive(id, now) {
			return
		}
	}
}

// lateness returns how late the levels in use are, by their queues.
func (w *Watch) lateness(now time.Time) map[string]time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	late := make(map[string]time.Duration, len(w.levels))
	for seconds, f := range w.levels {
		late[topology.LevelQueue(seconds)] = f.late(now)
	}
	return late
}

func (w *Watch) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	clear(w.levels)
}
