package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/penstock/penstock/pkg/amqpx"
	"github.com/penstock/penstock/pkg/ordering"
	"github.com/penstock/penstock/pkg/status"
	"github.com/penstock/penstock/pkg/topology"
	"github.com/penstock/penstock/worker/internal/store"
)

// mostCounted bounds a count: past it, more are as bad.
const mostCounted = 100_000

// perSecond is how many events a second come out of a delay level at least, when many do
// at once.
const perSecond = 500

// sample is one look.
type sample struct {
	at     time.Time
	lost   time.Time // up to when status records were lost; zero: none were
	routes map[string]look
	levels map[int]int // how many are ready in each delay level, by its seconds; empty when nothing is delayed
}

// look is what a sample says of one route.
type look struct {
	ready   int
	mixed   bool      // some are in the deferred queue, or on their way back: these and the route's own keep no order between them
	ordered bool      // it has several queues
	idle    bool      // nobody works on the route
	silent  int       // since before the cutoff, and heard of since records were lost
	unsure  int       // the others that are neither ready nor heard of: their records may be lost
	cutoff  time.Time // what is silent since before must be ready, if it is anywhere
	horizon time.Time // what is silent since before, and was ready once, was handed out
}

// look asks the broker and the store.
func (l *Ledger) look(ctx context.Context) (sample, error) {
	now := time.Now()
	if err := l.Tracker.Current(); err != nil {
		return sample{}, err
	}
	flying, err := l.inFlight(ctx)
	if err != nil {
		return sample{}, err
	}
	lost, err := l.Store.LastGap(ctx, topology.Status)
	if err != nil {
		return sample{}, err
	}
	s := sample{at: now, lost: lost, routes: map[string]look{}, levels: map[int]int{}}
	returning, err := l.returning(ctx, flying)
	if err != nil {
		return sample{}, err
	}
	partitions := l.partitions()
	for route, n := range flying {
		known, configured := partitions[route]
		if !configured {
			known = ordering.MaxPartitions
		}
		w, err := l.ready(ctx, route, known, configured)
		if err != nil {
			return sample{}, err
		}
		ordered := w.ordered
		s.routes[route] = look{ready: w.sum.Ready + returning, mixed: w.deferred+returning > 0, idle: w.sum.Consumers+returning == 0, ordered: ordered}
		if n.retrying > 0 && !ordered && len(s.levels) == 0 {
			if err := l.lookAtLevels(ctx, s.levels); err != nil {
				return sample{}, err
			}
		}
	}
	if err := l.catchUp(ctx); err != nil {
		return sample{}, err
	}
	return s, l.count(ctx, &s)
}

// flight is how much of a route is in flight.
type flight struct{ pending, retrying int64 }

// returning returns how many messages have waited and are not back yet, of any route. There
// are many only while they are not taken on.
func (l *Ledger) returning(ctx context.Context, flying map[string]flight) (int, error) {
	for _, n := range flying {
		if n.retrying > 0 {
			state, err := l.inspect(ctx, topology.Return)
			return state.Ready, err
		}
	}
	return 0, nil
}

// partitions returns how many partitions each route with ordering has.
func (l *Ledger) partitions() map[string]int {
	out := map[string]int{}
	for _, r := range l.Routes() {
		out[r.Name] = r.Partitions
	}
	return out
}

// inFlight returns the routes on which something is in flight.
func (l *Ledger) inFlight(ctx context.Context) (map[string]flight, error) {
	tallies, _, err := l.Store.Tallies(ctx)
	if err != nil {
		return nil, err
	}
	out := map[string]flight{}
	for _, t := range tallies {
		f := out[t.Route]
		switch {
		case t.Count == 0:
			continue
		case t.State == store.Pending:
			f.pending += t.Count
		case t.State == store.Retrying:
			f.retrying += t.Count
		default:
			continue
		}
		out[t.Route] = f
	}
	return out, nil
}

// waiting is what waits of a route, and who consumes it.
type waiting struct {
	sum      amqpx.QueueState // over all its queues
	deferred int              // of sum, in the deferred queue
	ordered  bool
}

func (w *waiting) add(s amqpx.QueueState) {
	w.sum.Ready += s.Ready
	w.sum.Consumers += s.Consumers
}

// ready asks how many events of a route are ready. Those of a route that is gone are in
// the orphans' queue, once they have waited. Those of one with ordering are in its queue,
// in those of its partitions, or parked; those of another one in its queue, or deferred. Of
// a route that is not configured any more the queues count that are there.
func (l *Ledger) ready(ctx context.Context, route string, partitions int, configured bool) (w waiting, err error) {
	w.sum, err = l.inspect(ctx, topology.RouteQueue(route))
	if errors.Is(err, amqpx.ErrNoQueue) {
		w.sum, err = l.inspect(ctx, topology.Orphan)
		return w, err
	}
	if err != nil {
		return w, err
	}
	if partitions == 0 || !configured {
		if err := l.addDeferred(ctx, route, &w); err != nil {
			return w, err
		}
	}
	return w, l.addPartitions(ctx, route, partitions, configured, &w)
}

// addDeferred adds what is deferred, where there is a queue for it.
func (l *Ledger) addDeferred(ctx context.Context, route string, w *waiting) error {
	state, err := l.inspect(ctx, topology.DeferredQueue(route))
	if errors.Is(err, amqpx.ErrNoQueue) {
		return nil
	}
	w.deferred = state.Ready
	w.add(state)
	return err
}

func (l *Ledger) addPartitions(ctx context.Context, route string, partitions int, configured bool, w *waiting) error {
	w.ordered = configured && partitions > 0
	for n := range partitions {
		for _, queue := range []string{topology.PartitionQueue(route, n), topology.ParkedQueue(route, n)} {
			state, err := l.inspect(ctx, queue)
			if !configured && errors.Is(err, amqpx.ErrNoQueue) {
				w.ordered = n > 0
				return nil
			}
			if err != nil {
				return err
			}
			w.ordered = true
			w.add(state)
		}
	}
	return nil
}

func (l *Ledger) inspect(ctx context.Context, queue string) (amqpx.QueueState, error) {
	state, err := l.Broker.Inspect(ctx, queue)
	if err != nil {
		return state, fmt.Errorf("ask about queue %s: %w", queue, err)
	}
	return state, nil
}

// catchUp returns when the store knows everything that was recorded before the call.
func (l *Ledger) catchUp(ctx context.Context) error {
	mark, err := status.Encode(nil)
	if err != nil {
		return err
	}
	if err := l.Publisher.Publish(ctx, amqpx.Publication{Key: topology.Status, Message: mark}); err != nil {
		return fmt.Errorf("mark the status stream: %w", err)
	}
	for {
		changed := l.Tracker.Changed()
		if l.Tracker.Passed(mark.ID) {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("the store is behind: %w", ctx.Err())
		}
	}
}

// count counts who is silent. The more are due and not ready, the more may still be on
// their way out of the delay levels.
func (l *Ledger) count(ctx context.Context, s *sample) error {
	underWay := 0
	for route, one := range s.routes {
		due, err := l.Store.CountSilent(ctx, route, s.lost, s.at, one.ready+mostCounted)
		if err != nil {
			return err
		}
		underWay += max(due-one.ready, 0)
	}
	cutoff := s.at.Add(-l.Margin - time.Duration(underWay)*time.Second/perSecond)
	for route, one := range s.routes {
		silent, err := l.Store.CountSilent(ctx, route, s.lost, cutoff, one.ready+mostCounted)
		if err != nil {
			return err
		}
		before, err := l.Store.CountSilent(ctx, route, time.Time{}, s.lost, one.ready+mostCounted)
		if err != nil {
			return err
		}
		one.silent, one.cutoff, one.horizon = silent, cutoff, cutoff
		one.unsure = max(before-max(one.ready-silent, 0), 0)
		passed := l.Tracker.Frontier(route)
		switch {
		case one.ready > 0 && (one.ordered || one.mixed):
			one.horizon = time.Time{} // a key may be far ahead of another, and so may a queue
		case one.ready > 0:
			one.horizon = passed.Add(-l.Margin)
		}
		s.routes[route] = one
	}
	return nil
}
