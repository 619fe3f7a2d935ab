package consume

import (
	"context"
	"fmt"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/topology"
)

// sessionTime is how long a session lasts, more or less. Nothing stays unacknowledged for
// longer, give or take an attempt: the broker's patience is half an hour. It also makes the
// processes take turns.
const sessionTime = 10 * time.Minute

// feed is what a queue delivers, in order, until it is lost.
type feed interface {
	Jobs() <-chan job // closed when it is lost
	Close()           // gives back what is not settled, in order
}

// opener opens a feed of one queue.
type opener func(ctx context.Context, prefetch int) (feed, error)

// runOrdered consumes an ordered route until ctx is done: one session after another for
// the sequencer and for each partition, and none while something is in the way.
func (r *Route) runOrdered(ctx context.Context, c *amqpx.Consumer) error {
	r.stopping = ctx.Done()
	telling, stop := context.WithCancel(ctx)
	var teller sync.WaitGroup
	teller.Go(func() { r.held.tell(telling, r.options.Recorder) })
	defer func() { stop(); teller.Wait() }()
	open, leave, err := r.follow(c)
	defer leave()
	if err != nil {
		return fmt.Errorf("consume route %s: %w", r.options.Route, err)
	}
	for r.until(ctx, false) {
		r.metrics.pause(ctx, false)
		working, rest := context.WithCancel(ctx)
		var sessions sync.WaitGroup
		sessions.Go(func() { r.keep(working, (&sequencer{r, open(topology.RouteQueue(r.options.Route))}).session) })
		for i := range r.options.Partitions {
			p := newPartition(r, i, open(topology.PartitionQueue(r.options.Route, i)), open(topology.ParkedQueue(r.options.Route, i)))
			sessions.Go(func() { r.keep(working, p.session) })
		}
		r.until(working, true)
		r.metrics.pause(ctx, true)
		r.options.Log.Info("route rests", zap.String("why", r.obstacle()))
		rest()
		sessions.Wait()
	}
	return nil
}

// until waits until something is in the way of settling events, or nothing any more. It
// returns false when ctx ends.
func (r *Route) until(ctx context.Context, obstructed bool) bool {
	ticks := time.NewTicker(lookEvery)
	defer ticks.Stop()
	for ctx.Err() == nil {
		closed := r.options.Gate.watch()
		if (r.obstacle() != "") == obstructed {
			return true
		}
		select {
		case <-closed:
		case <-ticks.C:
		case <-ctx.Done():
		}
	}
	return false
}

// keep holds one session after another until ctx ends.
func (r *Route) keep(ctx context.Context, session func(context.Context) error) {
	for failures := 0; ctx.Err() == nil; {
		r.awaitRoom(ctx)
		began := time.Now()
		err := session(ctx)
		if err == nil || time.Since(began) > r.pace.longestPause {
			failures = 0
		}
		if err != nil && ctx.Err() == nil {
			r.options.Log.Warn("a session of the ordered route ended, the next one begins", zap.Error(err))
			_ = pause(ctx, r.pace.after(failures))
			failures++
		}
	}
}

// follow prepares to consume all queues of the route.
func (r *Route) follow(c *amqpx.Consumer) (open func(queue string) opener, leave func(), err error) {
	names := []string{topology.RouteQueue(r.options.Route)}
	for i := range r.options.Partitions {
		names = append(names, topology.PartitionQueue(r.options.Route, i), topology.ParkedQueue(r.options.Route, i))
	}
	followers := map[string]*amqpx.Follower{}
	leave = func() {
		for _, f := range followers {
			f.Leave()
		}
	}
	for _, name := range names {
		f, err := c.Follow(name)
		if err != nil {
			return nil, leave, err
		}
		followers[name] = f
	}
	return func(queue string) opener {
		return func(ctx context.Context, prefetch int) (feed, error) {
			return openFeed(ctx, followers[queue], prefetch, newLoad(r, topology.IsParked(queue)))
		}
	}, leave, nil
}

// brokerFeed is a feed from the broker.
type brokerFeed struct {
	feed    *amqpx.Feed
	load    *load
	jobs    chan job
	closing chan struct{}
	running sync.WaitGroup
}

func openFeed(ctx context.Context, f *amqpx.Follower, prefetch int, l *load) (feed, error) {
	opened, err := f.Open(ctx, prefetch)
	if err != nil {
		return nil, err
	}
	b := &brokerFeed{feed: opened, load: l, jobs: make(chan job), closing: make(chan struct{})}
	b.running.Go(b.run)
	return b, nil
}

func (b *brokerFeed) Jobs() <-chan job { return b.jobs }

func (b *brokerFeed) Close() {
	close(b.closing)
	b.feed.Close()
	b.running.Wait()
	b.load.drop()
}

func (b *brokerFeed) run() {
	defer close(b.jobs)
	for d := range b.feed.Deliveries() {
		j, fits := b.load.add(job{settler: d, message: d.Message, returns: d.Returns})
		if !fits {
			return
		}
		select {
		case b.jobs <- j:
		case <-b.closing:
			return
		}
	}
}
